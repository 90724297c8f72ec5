"""What an API key may be limited to. A key acts as its owner, narrowed: the owner's rights, as far as the scopes go."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Scope(TextChoices):
    """The words of `authorization.md`, section 7, each with the sentence that its owner reads."""

    READ = "read", _("Read what a student sees: your courses, progress, results and profile.")
    WRITE_OWN = (
        "write:own",
        _("Change your own notes, cards, marks of done lessons, profile and places in free courses."),
    )
    SUBMIT = "submit", _("Take quizzes, hand in work, run code, join groups and comment for you.")
    COURSE_READ = (
        "course:read",
        _("Read what you see as an instructor: drafts, students and their work."),
    )
    COURSE_WRITE = "course:write", _("Change the courses that you teach.")
    GRADE = "grade", _("Write grades, points and feedback in the courses that you teach.")
    ADMIN_READ = "admin:read", _("Read everything that you see as an administrator.")


STUDENT_SCOPES = (Scope.READ, Scope.WRITE_OWN, Scope.SUBMIT)
TEACHING_SCOPES = (Scope.COURSE_READ, Scope.COURSE_WRITE, Scope.GRADE)


@dataclass(frozen=True)
class KeyRights:
    """What `request.auth` says when a key was sent. `scopes` is None for a key that has all of its owner's."""

    scopes: frozenset[str] | None = None
    of_admin: bool = False

    def holds(self, scope: str) -> bool:
        """Whether the key was given this scope."""
        return self.scopes is None or scope in self.scopes

    def opens_teaching(self, *, writes: bool, needed: frozenset[str]) -> bool:
        """Whether the key acts as an instructor in a call that needs one of the scopes `needed`.

        Without, its owner is a student like any other, in the own courses too.
        """
        if writes:
            return self.holds(Scope.COURSE_WRITE) or needed == {Scope.GRADE}
        return self.holds(Scope.COURSE_READ)
