"""Which accommodations a person may see."""

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q

from courses.querysets import CourseRows

if TYPE_CHECKING:  # the name stands in quotes below
    from courses.models.accommodations import Accommodation  # noqa: F401


class AccommodationQuerySet(CourseRows["Accommodation"]):
    """More time, attempts and days of students."""

    course_path = "enrollment__course__"

    def visible_to(self, user: Any) -> Self:
        """One's own while one is in the course, those of courses one helps to teach, all for an administrator."""
        return self.own_or_taught(user, Q(enrollment__student=user, enrollment__withdrawn_at=None))
