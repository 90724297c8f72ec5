"""Who teaches a course beside its owner, how students are invited, and what is said to them."""

import secrets
import unicodedata
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.content import Course
from courses.querysets import (
    CourseImportQuerySet,
    HelperQuerySet,
    InvitationQuerySet,
    JoinCodeQuerySet,
    MessageQuerySet,
    RosterImportQuerySet,
)
from projectgenius.db import CreatedAt, choices_check, minimum_check
from projectgenius.imports import ImportRun, status_check
from projectgenius.moments import moment_problems


class HelperRole(models.TextChoices):
    CO_INSTRUCTOR = "co_instructor", _("co-instructor")
    ASSISTANT = "assistant", _("teaching assistant")


class InvitationRole(models.TextChoices):
    STUDENT = "student", _("student")
    CO_INSTRUCTOR = "co_instructor", _("co-instructor")
    ASSISTANT = "assistant", _("teaching assistant")


def new_join_code() -> str:
    """Ten letters and figures that are not mistaken for each other, easy to read out."""
    return "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _place in range(10))


class CourseHelper(CreatedAt):
    """Somebody who teaches a course beside its owner. Table of our own.

    A co-instructor has the owner's rights but for naming helpers; a teaching assistant sees what instructors see,
    and grades, gives feedback and comments.
    """

    Role = HelperRole

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="helpers", db_index=False, verbose_name=_("course")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="helper_roles",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=20, choices=HelperRole.choices)

    objects = HelperQuerySet.as_manager()

    class Meta:
        db_table = "course_helpers"
        ordering = ["course_id", "role", "id"]
        verbose_name = _("helper")
        verbose_name_plural = _("helpers")
        constraints = [
            choices_check("course_helpers", "role", HelperRole),
            models.UniqueConstraint(
                fields=["course", "user"],
                name="course_helpers_course_user_unique",
                violation_error_message=_("This person helps in this course already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


class CourseInvitation(CreatedAt):
    """An address that was asked to join a course, as a student or a helper. Table of our own.

    Only the SHA-256 of the link's token is stored. Whoever opens the link with a confirmed account accepts it.
    """

    Role = InvitationRole

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("course")
    )
    email = models.EmailField(_("e-mail address"), max_length=120)
    role = models.CharField(
        _("role"), max_length=20, choices=InvitationRole.choices, default=InvitationRole.STUDENT
    )
    token_hash = models.CharField(_("token (SHA-256)"), max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.RESTRICT, related_name="+", verbose_name=_("invited by")
    )
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        db_table = "course_invitations"
        ordering = ["-id"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            choices_check("course_invitations", "role", InvitationRole),
            models.UniqueConstraint(
                fields=["course", "email", "role"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="course_invitations_one_open",
                violation_error_message=_("This address is invited already."),
            ),
        ]

    def __str__(self) -> str:
        return self.email


class CourseJoinCode(CreatedAt):
    """A code that a class types in to enroll. Table of our own."""

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="join_codes", verbose_name=_("course")
    )
    code = models.CharField(_("code"), max_length=20, unique=True, default=new_join_code, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("how often"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("used"), default=0, db_default=0, editable=False)
    is_active = models.BooleanField(_("active"), default=True, db_default=True)

    objects = JoinCodeQuerySet.as_manager()

    class Meta:
        db_table = "course_join_codes"
        ordering = ["-id"]
        verbose_name = _("join code")
        verbose_name_plural = _("join codes")
        constraints = [minimum_check("course_join_codes", "max_uses", 1)]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """The end is a time that every page can tell."""
        if problems := moment_problems(expires_at=self.expires_at):
            raise ValidationError(problems)


class CourseMessage(CreatedAt):
    """A mail that somebody who teaches wrote to a selection of the course's students. Table of our own."""

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="messages", verbose_name=_("course")
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.RESTRICT, related_name="+", verbose_name=_("sender")
    )
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"), max_length=10_000)
    replies_to_sender = models.BooleanField(
        _("answers go to my address"),
        default=False,
        db_default=False,
        help_text=_("Off: students do not see your e-mail address."),
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        db_table = "course_messages"
        ordering = ["-id"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return self.subject

    def clean(self) -> None:
        """The subject is one line: what begins a new one would write headers of its own."""
        if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in self.subject):
            error = ValidationError(_("Write the subject in one line."), code="one_line")
            raise ValidationError({"subject": error})
        if "\0" in self.body:
            error = ValidationError(_("The text holds a character that no mail carries."), code="nul")
            raise ValidationError({"body": error})


class MessageRecipient(models.Model):
    """One student whom a message is for, and when the mail went out (once, however often the task runs)."""

    message = models.ForeignKey(
        CourseMessage,
        on_delete=models.CASCADE,
        related_name="recipients",
        db_index=False,
        verbose_name=_("message"),
    )
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("student")
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        db_table = "course_message_recipients"
        ordering = ["id"]
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "student"], name="course_message_recipients_message_student_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.student_id}"


class RosterImport(ImportRun):
    """Students of a course out of a CSV file. Table of our own."""

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="roster_imports", verbose_name=_("course")
    )

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        db_table = "roster_imports"
        ordering = ["-id"]
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        constraints = [status_check("roster_imports")]

    def __str__(self) -> str:
        return f"{self.course_id}: {self.created_at}"


class CourseImport(ImportRun):
    """A course out of a ZIP of Markdown and YAML. `course` is what it became. Table of our own."""

    course = models.ForeignKey(
        Course,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="course_imports",
        verbose_name=_("course"),
    )

    objects = CourseImportQuerySet.as_manager()

    class Meta:
        db_table = "course_imports"
        ordering = ["-id"]
        verbose_name = _("course import")
        verbose_name_plural = _("course imports")
        constraints = [status_check("course_imports")]

    def __str__(self) -> str:
        return PurePosixPath(self.file.name or "").name or f"{self.pk}"
