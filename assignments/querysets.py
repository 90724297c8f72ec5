"""Sets of assignments and what hangs on them."""

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q

from courses.querysets import CourseRows

if TYPE_CHECKING:  # the names stand in quotes below
    from assignments.models import (  # noqa: F401
        Assignment,
        AssignmentAnalytics,
        AssignmentGroup,
        AssignmentSubmission,
        GroupMember,
        SubmissionComment,
    )


class AssignmentQuerySet(CourseRows["Assignment"]):
    """Assignments."""


class GroupQuerySet(CourseRows["AssignmentGroup"]):
    """Groups."""

    course_path = "assignment__course__"


class MemberQuerySet(CourseRows["GroupMember"]):
    """Members of groups."""

    course_path = "group__assignment__course__"


class SubmissionQuerySet(CourseRows["AssignmentSubmission"]):
    """Submissions."""

    course_path = "assignment__course__"

    def visible_to(self, user: Any) -> Self:
        """One's own and one's group's, those of courses one teaches, all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        groups = user.group_memberships.values("group_id")
        return self.own_or_taught(user, Q(student=user) | Q(group__in=groups))


class CommentQuerySet(CourseRows["SubmissionComment"]):
    """Comments on submissions."""

    course_path = "submission__assignment__course__"


class AssignmentAnalyticsQuerySet(CourseRows["AssignmentAnalytics"]):
    """Figures about assignments."""

    course_path = "assignment__course__"
