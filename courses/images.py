"""Pictures of a course: how one comes in, its address, which texts show it, and when it may go."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.audit import record_event
from courses.media_querysets import mention_of
from courses.models import Course, CourseImage, Lesson
from projectgenius.errors import Conflict
from projectgenius.pictures import clean_picture

LONGEST_SIDE = 2000  # pixels
COVER_SIDE, SIGNATURE_SIDE = 1600, 600
LONGEST_ALT = 250


@transaction.atomic
def add_image(
    *, course: Course, upload: Any, alt_text: str = "", is_decorative: bool = False, by: Any
) -> CourseImage:
    """Add an uploaded picture to a course; it is made anew and at most 2000 pixels wide and high.

    An author says what is to be seen, or says outright that the picture only decorates: an empty `alt_text`
    means just that. Raises ValidationError `alt_text_missing`, `alt_text_too_long`, and what `clean_picture` raises.
    """
    words = check_alt_text(alt_text, is_decorative)
    image = CourseImage(course=course, alt_text=words, uploaded_by=by)
    picture = clean_picture(upload, longest_side=LONGEST_SIDE)
    image.file.save(picture.name or "picture.png", picture, save=False)
    image.save()
    record_event("image.create", actor=by, row=image, course_id=course.pk)
    return image


def check_alt_text(alt_text: str, is_decorative: bool) -> str:
    """The text as it is kept: in one line, empty only for a picture that decorates."""
    words = "" if is_decorative else " ".join(alt_text.split())
    if not words and not is_decorative:
        message = _("Say what is to be seen, or choose “It only decorates”.")
        raise ValidationError({"alt_text": ValidationError(message, code="alt_text_missing")})
    if len(words) > LONGEST_ALT:
        message = _("Use at most 250 characters.")
        raise ValidationError({"alt_text": ValidationError(message, code="alt_text_too_long")})
    return words


@transaction.atomic
def describe_image(*, image: CourseImage, alt_text: str, is_decorative: bool = False, by: Any) -> CourseImage:
    """Change what is said of a picture; texts that show it already keep the words that stand in them."""
    image.alt_text = check_alt_text(alt_text, is_decorative)
    image.save(update_fields=["alt_text"])
    record_event("image.change", actor=by, row=image, course_id=image.course_id)
    return image


@transaction.atomic
def delete_image(*, image: CourseImage, by: Any) -> None:
    """Delete a picture and its file. Raises Conflict `image_in_use` while a text of the course shows it."""
    if places := places_of(image):
        message = _("This picture is shown in: %(places)s. Take it out there first.")
        raise Conflict(message % {"places": ", ".join(places)}, code="image_in_use")
    record_event(
        "image.delete", actor=by, row=image, course_id=image.course_id, before={"alt_text": image.alt_text}
    )
    storage, name = image.file.storage, image.file.name
    image.delete()
    transaction.on_commit(lambda: storage.delete(name or ""))


Places = Callable[[CourseImage, str], Iterable[str]]
_OTHER_PLACES: list[Places] = []


def register_places(places: Places) -> None:
    """Let texts of another app keep pictures: `places(image, mention)` names the texts that hold `mention`."""
    _OTHER_PLACES.append(places)


def places_of(image: CourseImage) -> list[str]:
    """The titles of what shows the picture: the course, modules, lessons, and what other apps name."""
    mention = mention_of(image.pk)
    course = Course.objects.filter(pk=image.course_id, description__contains=mention)
    modules = image.course.modules.filter(description__contains=mention)
    lessons = Lesson.objects.filter(module__course=image.course_id)
    written = lessons.filter(content__contains=mention) | lessons.filter(video__transcript__contains=mention)
    titles = [*course.values_list("title", flat=True), *modules.values_list("title", flat=True)]
    titles += written.distinct().values_list("title", flat=True)
    return [*titles, *(title for places in _OTHER_PLACES for title in places(image, mention))]


def image_name(image: CourseImage) -> str:
    """The last part of the address: an unguessable word and the size, which the renderer writes beside the picture."""
    path = PurePosixPath(image.file.name or "")
    return f"{path.parent.name}-{image.width}x{image.height}{path.suffix}"


def image_url(image: CourseImage) -> str:
    """The picture's address; each request is asked for its right."""
    return reverse("courses:image_file", args=[image.pk, image_name(image)])


def image_markdown(image: CourseImage) -> str:
    """What an author writes to show the picture."""
    words = image.alt_text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return f"![{words}]({image_url(image)})"
