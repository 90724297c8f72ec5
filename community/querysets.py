"""Sets of announcements and reviews."""

from typing import TYPE_CHECKING

from courses.querysets import CourseRows

if TYPE_CHECKING:  # the names stand in quotes below
    from community.models import CourseAnnouncement, CourseReview  # noqa: F401


class AnnouncementQuerySet(CourseRows["CourseAnnouncement"]):
    """Announcements."""


class ReviewQuerySet(CourseRows["CourseReview"]):
    """Reviews."""
