"""Files that are offered from a lesson: how large one may be, and what is noted of it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from courses.models import Course, LessonResource

LARGEST_FILE = 50 * 1024 * 1024


def check_file_size(size: int) -> None:
    """Raise ValidationError `too_large` for a file of more than 50 MB."""
    if size > LARGEST_FILE:
        raise ValidationError(
            _("The file must be smaller than %(limit)s. This one has %(size)s."),
            code="too_large",
            params={"limit": filesizeformat(LARGEST_FILE), "size": filesizeformat(size)},
        )


def note_file_size(resource: LessonResource) -> None:
    """Keep the size of a resource's file beside it; empty for an address."""
    try:
        resource.file_size = resource.file.size if resource.file else None
    except FileNotFoundError:  # the file is gone; the row can still be mended
        resource.file_size = None


def drop_replaced_cover(course: Course) -> None:
    """Delete the file of a cover that is about to give way to another one, once that is certain."""
    stored = Course.objects.filter(pk=course.pk).first() if course.pk else None
    old = stored.cover_file if stored else None
    if old and old.name and old.name != course.cover_file.name:
        storage, name = old.storage, old.name
        transaction.on_commit(lambda: storage.delete(name))
