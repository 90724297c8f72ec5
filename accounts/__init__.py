"""People: who they are, how they sign in, what was done by whom."""
