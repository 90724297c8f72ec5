"""Reading one row about a person through the API: an administrator's look is logged, as in the admin site."""

from operator import attrgetter
from typing import Any, ClassVar

from rest_framework.mixins import RetrieveModelMixin

from accounts.audit import record_personal_read


class RetrievePersonal(RetrieveModelMixin):
    """One row of somebody's. `person` names where the row says whose, `course` where it names a course, if it does.

    `personal` names the actions that show what is somebody's.
    """

    person: ClassVar[str] = "user_id"
    course: ClassVar[str] = ""
    personal: ClassVar[frozenset[str]] = frozenset({"retrieve"})

    def get_object(self) -> Any:
        """The row; that an administrator looked at another person's is logged."""
        row = super().get_object()  # type: ignore[misc]
        if self.action in self.personal:  # type: ignore[attr-defined]
            record_personal_read(
                by=self.request.user,  # type: ignore[attr-defined]
                person_id=attrgetter(self.person)(row),
                course_id=attrgetter(self.course)(row) if self.course else None,
            )
        return row
