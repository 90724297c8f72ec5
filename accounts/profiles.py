"""What a person says of oneself: name, biography, picture, language, time zone, public or not."""

from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.audit import record_event
from accounts.models import User
from projectgenius.pictures import clean_picture

PICTURE_SIDE = 512  # pixels
OWN_FIELDS = ("full_name", "bio", "avatar_url", "language", "time_zone", "is_profile_public")
# Of these the log says what an administrator changed from what to what; of a biography only that it was changed.
TOLD_IN_LOG = ("username", "full_name", "language", "time_zone", "is_profile_public")


@transaction.atomic
def change_profile(*, user: User, values: Mapping[str, Any], by: Any) -> list[str]:
    """Write the changed ones of validated values, and only those columns; returns their names.

    A key or a role that was changed meanwhile stays as it is now.
    """
    stored = User.objects.select_for_update().get(pk=user.pk)
    changed = [name for name, value in values.items() if getattr(stored, name) != value]
    for name, value in values.items():
        setattr(user, name, value)
    if changed:
        user.save(update_fields=[*changed, "updated_at"])
        log_profile_change(stored=stored, user=user, changed=changed, by=by)
    return changed


def log_profile_change(*, stored: User, user: User, changed: list[str], by: Any) -> None:
    """Log which fields were changed; of what somebody else changed also the old and the new value, but no text.

    The log is never rewritten, so the names that people give themselves stay out of it: they can be erased.
    """
    told = [name for name in changed if name in TOLD_IN_LOG and by.pk != user.pk]
    record_event(
        "person.update",
        actor=by,
        row=user,
        before={name: getattr(stored, name) for name in told} or None,
        after={"fields": changed} | {name: getattr(user, name) for name in told},
    )


def prepared_picture(upload: Any) -> ContentFile[bytes]:
    """What is kept of an uploaded picture; raises ValidationError when it is none (see `clean_picture`)."""
    return clean_picture(upload, longest_side=PICTURE_SIDE)


@transaction.atomic
def set_picture(*, user: User, picture: ContentFile[bytes], by: Any) -> None:
    """Make a prepared picture the person's own; the one before it is deleted."""
    _replace_picture(user, picture)
    record_event("person.update", actor=by, row=user, after={"fields": ["picture"]})


@transaction.atomic
def remove_picture(*, user: User, by: Any) -> bool:
    """Delete the person's picture; False when there was none."""
    if not _replace_picture(user, None):
        return False
    record_event("person.update", actor=by, row=user, after={"fields": ["picture"]})
    return True


def _replace_picture(user: User, picture: ContentFile[bytes] | None) -> bool:
    """Store the picture, and delete the file of the one before when the change is kept."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    storage, before = locked.picture.storage, locked.picture.name
    if picture is None:
        user.picture = None
    else:
        user.picture.save(str(picture.name), picture, save=False)
    User.objects.filter(pk=user.pk).update(picture=user.picture.name or "")
    if before:
        transaction.on_commit(lambda: storage.delete(before), robust=True)
    return bool(before)
