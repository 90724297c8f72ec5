"""Sets of pictures, videos and earlier texts: which rows a person may see."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from courses.querysets import CourseRows, helps_teach, open_enrollment, readable_lesson

if TYPE_CHECKING:  # the names stand in quotes below
    from courses.models.media import CourseImage, LessonVersion, LessonVideo, VideoPosition  # noqa: F401


def mention_of(image: Any) -> Any:
    """What stands in a text that shows the picture with this id (a number, or an expression in a query)."""
    if isinstance(image, int):
        return f"/course-images/{image}/"
    return Concat(Value("/course-images/"), Cast(image, models.CharField()), Value("/"))


ShownIn = Callable[[Any, Any], Q]
_OTHER_TEXTS: list[ShownIn] = []


def register_texts(shown: ShownIn) -> None:
    """Let texts of another app show pictures.

    `shown(user, mention)` is the condition, on pictures, that a text which `user` may read holds `mention`.
    """
    _OTHER_TEXTS.append(shown)


def _rows_of(model: Any, relation: str) -> Any:
    """All rows of the table at the other end; models import this module, so they are reached by name."""
    return model._meta.get_field(relation).related_model._default_manager


class ImageQuerySet(CourseRows["CourseImage"]):
    """Pictures of courses."""

    def visible_to(self, user: Any) -> Self:
        """As visible as the texts that show them, worked out when asked.

        Whoever helps to teach the course sees all its pictures; others those in a lesson (or the transcript of its
        video) that they may read, in the description of a course that they see, in those of the modules of a
        course they study, and in texts of other apps (`register_texts`).
        """
        if user.is_authenticated and user.is_admin:
            return self
        mention = mention_of(OuterRef("pk"))
        course = _rows_of(self.model, "course")
        module = _rows_of(course.model, "modules")
        lesson = _rows_of(module.model, "lessons")
        written = Q(content__contains=mention) | Q(video__transcript__contains=mention)
        in_lesson = Exists(
            lesson.visible_to(user).filter(written, module__course=OuterRef("course_id")).order_by()
        )
        in_course = Exists(
            course.visible_to(user).filter(pk=OuterRef("course_id"), description__contains=mention).order_by()
        )
        shown = Q(in_lesson) | Q(in_course)
        for other in _OTHER_TEXTS:
            shown |= other(user, mention)
        if user.is_authenticated:
            modules = module.filter(
                open_enrollment(user, "course_id"), is_published=True, course__is_published=True
            )
            shown |= Q(
                Exists(modules.filter(course=OuterRef("course_id"), description__contains=mention).order_by())
            ) | helps_teach(user, "course__")
        return self.filter(shown)


class VideoQuerySet(CourseRows["LessonVideo"]):
    """Videos of lessons."""

    course_path = "lesson__module__course__"

    def visible_to(self, user: Any) -> Self:
        """Videos of lessons that `user` may read."""
        return (
            self
            if user.is_authenticated and user.is_admin
            else self.filter(readable_lesson(user, "lesson__"))
        )


class VideoPositionQuerySet(models.QuerySet["VideoPosition"]):
    """Places in videos; nobody reads another's."""

    def visible_to(self, user: Any) -> Self:
        """One's own."""
        return self.filter(student=user) if user.is_authenticated else self.none()


class VersionQuerySet(CourseRows["LessonVersion"]):
    """Earlier texts of lessons."""

    course_path = "lesson__module__course__"

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)
