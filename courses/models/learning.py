"""Who learns what, and how far they are."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.models.content import Course, Lesson, Module
from courses.querysets import (
    CertificateQuerySet,
    CompletionQuerySet,
    EnrollmentQuerySet,
    ModuleProgressQuerySet,
)
from projectgenius.db import PERCENT_VALIDATORS, choices_check, percent_check


class PaymentStatus(models.TextChoices):
    PENDING = "pending", _("payment pending")
    PAID = "paid", _("paid")
    FREE = "free", _("free")
    REFUNDED = "refunded", _("refunded")
    FAILED = "failed", _("payment failed")


class CourseEnrollment(models.Model):
    """A student's place in a course. One row for good: leaving sets `withdrawn_at` (a column of our own)."""

    PaymentStatus = PaymentStatus

    student = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="enrollments",
        db_index=False,
        verbose_name=_("student"),
    )
    course = models.ForeignKey(
        Course,
        on_delete=models.RESTRICT,
        related_name="enrollments",
        db_index=False,
        verbose_name=_("course"),
    )
    enrolled_at = models.DateTimeField(_("enrolled"), db_default=Now())
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    progress = models.DecimalField(
        _("progress"), max_digits=5, decimal_places=2, default=0, db_default=0, validators=PERCENT_VALIDATORS
    )
    last_accessed = models.DateTimeField(_("last opened"), null=True, blank=True)
    payment_status = models.CharField(
        _("payment"),
        max_length=20,
        choices=PaymentStatus.choices,
        default=PaymentStatus.PENDING,
        db_default=PaymentStatus.PENDING,
    )
    certificate_issued = models.BooleanField(_("certificate issued"), default=False, db_default=False)
    withdrawn_at = models.DateTimeField(_("left"), null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        db_table = "course_enrollments"
        ordering = ["-enrolled_at", "-id"]
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        indexes = [
            models.Index(fields=["course", "student"], name="idx_enrollments_course"),
            models.Index(fields=["payment_status"], name="idx_enrollments_status"),
            models.Index(fields=["student", "-last_accessed"], name="idx_enrollments_recent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "course"],
                name="course_enrollments_student_course_unique",
                violation_error_message=_("This student is enrolled in this course already."),
            ),
            choices_check("course_enrollments", "payment_status", PaymentStatus),
            percent_check("course_enrollments", "progress"),
        ]

    def __str__(self) -> str:
        return f"{self.student} · {self.course}"

    @property
    def is_settled(self) -> bool:
        """Paid for, or free."""
        return self.payment_status in (PaymentStatus.PAID, PaymentStatus.FREE)

    @property
    def is_open(self) -> bool:
        """Opens the course's lessons: settled and not left."""
        return self.is_settled and self.withdrawn_at is None

    @property
    def is_completed(self) -> bool:
        return self.completed_at is not None


class ModuleProgress(models.Model):
    """How far an enrollment is in one module; worked out from lesson completions, never typed."""

    enrollment = models.ForeignKey(
        CourseEnrollment,
        on_delete=models.CASCADE,
        related_name="module_progress",
        db_index=False,
        verbose_name=_("enrollment"),
    )
    module = models.ForeignKey(
        Module,
        on_delete=models.CASCADE,
        related_name="progress_rows",
        db_index=False,
        verbose_name=_("module"),
    )
    progress = models.DecimalField(
        _("progress"), max_digits=5, decimal_places=2, default=0, db_default=0, validators=PERCENT_VALIDATORS
    )
    started_at = models.DateTimeField(_("started"), db_default=Now())
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    last_accessed = models.DateTimeField(_("last opened"), null=True, blank=True)

    objects = ModuleProgressQuerySet.as_manager()

    class Meta:
        db_table = "module_progress"
        ordering = ["enrollment_id", "module_id"]
        verbose_name = _("module progress")
        verbose_name_plural = _("module progress")
        indexes = [models.Index(fields=["module"], name="idx_module_progress_module")]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "module"], name="module_progress_enrollment_module_unique"
            ),
            percent_check("module_progress", "progress"),
        ]

    def __str__(self) -> str:
        return f"{self.module_id}: {self.progress} %"


class LessonCompletion(models.Model):
    """A student has done a lesson. The source of truth for all progress."""

    student = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="lesson_completions",
        db_index=False,
        verbose_name=_("student"),
    )
    lesson = models.ForeignKey(
        Lesson,
        on_delete=models.RESTRICT,
        related_name="completions",
        db_index=False,
        verbose_name=_("lesson"),
    )
    completed_at = models.DateTimeField(_("completed"), db_default=Now())

    objects = CompletionQuerySet.as_manager()

    class Meta:
        db_table = "lesson_completions"
        ordering = ["-completed_at", "-id"]
        verbose_name = _("lesson completion")
        verbose_name_plural = _("lesson completions")
        indexes = [models.Index(fields=["lesson"], name="idx_completions_lesson")]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "lesson"], name="lesson_completions_student_lesson_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.student_id} · {self.lesson_id}"


class Certificate(models.Model):
    """Proof that a student completed a course, as it was on the day of issue.

    Table of our own: the document has only the flag `certificate_issued`. Names, the
    instructor's text and the path of the signature are copied so that the proof does not change with a profile or
    a course.
    """

    enrollment = models.OneToOneField(
        CourseEnrollment, on_delete=models.RESTRICT, related_name="certificate", verbose_name=_("enrollment")
    )
    code = models.CharField(_("number"), max_length=32, unique=True, editable=False)
    holder_name = models.CharField(_("holder"), max_length=120)
    course_title = models.CharField(_("course"), max_length=200)
    instructor_name = models.CharField(_("instructor"), max_length=120)
    hours = models.PositiveIntegerField(_("hours"))
    issued_at = models.DateTimeField(_("issued"), db_default=Now())
    statement = models.CharField(
        _("text"), max_length=300, blank=True, default="", db_default="", editable=False
    )
    signature = models.CharField(
        _("signature"), max_length=255, blank=True, default="", db_default="", editable=False
    )
    reissued_at = models.DateTimeField(_("reissued"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_reason = models.TextField(_("reason"), blank=True, default="", db_default="")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        db_table = "certificates"
        ordering = ["-issued_at", "-id"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("courses:certificate_verify", args=[self.code])
