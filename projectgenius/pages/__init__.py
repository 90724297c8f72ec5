"""Pages that gather several apps, or belong to none."""
