"""Assignments, what was handed in, and the groups that hand in together."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from assignments.querysets import (
    AssignmentAnalyticsQuerySet,
    AssignmentQuerySet,
    CommentQuerySet,
    GroupQuerySet,
    MemberQuerySet,
    SubmissionQuerySet,
)
from projectgenius.db import (
    PERCENT_VALIDATORS,
    CreatedAt,
    TimeStamped,
    choices_check,
    minimum_check,
    percent_check,
)
from projectgenius.links import validate_link


class AssignmentType(models.TextChoices):
    PROJECT = "project", _("project")
    HOMEWORK = "homework", _("homework")
    LAB = "lab", _("lab")


class SubmissionType(models.TextChoices):
    FILE = "file", _("file")
    TEXT = "text", _("text")
    LINK = "link", _("link")
    REPOSITORY = "repository", _("repository")


class SubmissionStatus(models.TextChoices):
    SUBMITTED = "submitted", _("submitted")
    GRADED = "graded", _("graded")
    RETURNED = "returned", _("returned")


class MemberRole(models.TextChoices):
    LEADER = "leader", _("leader")
    MEMBER = "member", _("member")


class Assignment(TimeStamped):
    """Work to hand in. `course` is ours: the document lets the lesson be empty, an assignment always has a course."""

    AssignmentType = AssignmentType
    SubmissionType = SubmissionType

    course = models.ForeignKey(
        "courses.Course", on_delete=models.CASCADE, related_name="assignments", verbose_name=_("course")
    )
    lesson = models.ForeignKey(
        "courses.Lesson",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assignments",
        db_index=False,
        verbose_name=_("lesson"),
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"))
    instructions = models.TextField(_("instructions"), help_text=_("Markdown."))
    due_date = models.DateTimeField(_("due"), null=True, blank=True)
    points = models.DecimalField(
        _("points"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(100),
        db_default=Decimal(100),
        validators=[MinValueValidator(0)],
    )
    assignment_type = models.CharField(_("type"), max_length=50, choices=AssignmentType.choices)
    is_group_work = models.BooleanField(_("group work"), default=False, db_default=False)
    max_group_size = models.IntegerField(_("largest group"), null=True, blank=True)
    submission_type = models.CharField(_("handed in as"), max_length=50, choices=SubmissionType.choices)
    allowed_file_types = models.JSONField(_("file types"), null=True, blank=True)
    max_file_size = models.IntegerField(_("largest file in bytes"), null=True, blank=True)
    rubric = models.JSONField(_("rubric"), null=True, blank=True)
    is_published = models.BooleanField(_("published"), default=False, db_default=False)
    allow_late_submission = models.BooleanField(_("late work is taken"), default=True, db_default=True)
    late_penalty_percentage = models.DecimalField(
        _("late penalty a day, per cent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=PERCENT_VALIDATORS,
    )

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        db_table = "assignments"
        ordering = ["title", "id"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        indexes = [
            models.Index(fields=["lesson"], name="idx_assignments_lesson"),
            models.Index(fields=["due_date"], name="idx_assignments_due_date"),
            models.Index(fields=["assignment_type"], name="idx_assignments_type"),
        ]
        constraints = [
            choices_check("assignments", "assignment_type", AssignmentType),
            choices_check("assignments", "submission_type", SubmissionType),
            minimum_check("assignments", "points", 0),
            minimum_check("assignments", "max_group_size", 1),
            minimum_check("assignments", "max_file_size", 1),
            percent_check("assignments", "late_penalty_percentage"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """A lesson, if set, lies in the assignment's course."""
        if self.lesson and self.lesson.module.course_id != self.course_id:
            raise ValidationError(
                {"lesson": ValidationError(_("Choose a lesson of this course."), code="other_course")}
            )


class AssignmentGroup(CreatedAt):
    """Students who hand in one piece of work together."""

    assignment = models.ForeignKey(
        Assignment,
        on_delete=models.CASCADE,
        related_name="groups",
        db_index=False,
        verbose_name=_("assignment"),
    )
    name = models.CharField(_("name"), max_length=100)

    objects = GroupQuerySet.as_manager()

    class Meta:
        db_table = "assignment_groups"
        ordering = ["name", "id"]
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        indexes = [models.Index(fields=["assignment"], name="idx_groups_assignment")]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A student's place in a group."""

    Role = MemberRole

    group = models.ForeignKey(
        AssignmentGroup,
        on_delete=models.CASCADE,
        related_name="members",
        db_index=False,
        verbose_name=_("group"),
    )
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="group_memberships",
        db_index=False,
        verbose_name=_("student"),
    )
    role = models.CharField(
        _("role"),
        max_length=50,
        choices=MemberRole.choices,
        default=MemberRole.MEMBER,
        db_default=MemberRole.MEMBER,
    )
    joined_at = models.DateTimeField(_("joined"), db_default=Now())

    objects = MemberQuerySet.as_manager()

    class Meta:
        db_table = "group_members"
        ordering = ["joined_at", "id"]
        verbose_name = _("group member")
        verbose_name_plural = _("group members")
        indexes = [models.Index(fields=["student"], name="idx_members_student")]
        constraints = [
            models.UniqueConstraint(fields=["group", "student"], name="group_members_group_student_unique"),
            choices_check("group_members", "role", MemberRole),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} · {self.student_id}"


class AssignmentSubmission(models.Model):
    """One version of what a student or a group handed in."""

    Status = SubmissionStatus

    assignment = models.ForeignKey(
        Assignment,
        on_delete=models.RESTRICT,
        related_name="submissions",
        db_index=False,
        verbose_name=_("assignment"),
    )
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="assignment_submissions",
        db_index=False,
        verbose_name=_("student"),
    )
    group = models.ForeignKey(
        AssignmentGroup,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("group"),
    )
    content = models.TextField(_("text"), null=True, blank=True)
    file_paths = models.JSONField(_("files"), null=True, blank=True)
    submission_url = models.CharField(
        _("address"), max_length=500, null=True, blank=True, validators=[validate_link]
    )
    submitted_at = models.DateTimeField(_("submitted"), db_default=Now())
    is_late = models.BooleanField(_("late"), default=False, db_default=False)
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=SubmissionStatus.choices,
        default=SubmissionStatus.SUBMITTED,
        db_default=SubmissionStatus.SUBMITTED,
    )
    grade = models.DecimalField(
        _("grade"), max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    feedback = models.TextField(_("feedback"), null=True, blank=True)
    rubric_scores = models.JSONField(_("rubric scores"), null=True, blank=True)
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="graded_submissions",
        db_index=False,
        verbose_name=_("graded by"),
    )
    graded_at = models.DateTimeField(_("graded"), null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        db_table = "assignment_submissions"
        ordering = ["-submitted_at", "-id"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes = [
            models.Index(fields=["assignment"], name="idx_submissions_assignment"),
            models.Index(fields=["student"], name="idx_submissions_student"),
            # The document names this index like the one on "submissions", which PostgreSQL refuses.
            models.Index(fields=["status"], name="idx_assignment_subm_status"),
            models.Index(fields=["graded_by"], name="idx_submissions_graded_by"),
        ]
        constraints = [
            choices_check("assignment_submissions", "status", SubmissionStatus),
            minimum_check("assignment_submissions", "grade", 0),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} · {self.student_id}"


class SubmissionComment(TimeStamped):
    """A remark on a submission."""

    submission = models.ForeignKey(
        AssignmentSubmission,
        on_delete=models.CASCADE,
        related_name="comments",
        db_index=False,
        verbose_name=_("submission"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="submission_comments",
        db_index=False,
        verbose_name=_("author"),
    )
    content = models.TextField(_("comment"))

    objects = CommentQuerySet.as_manager()

    class Meta:
        db_table = "submission_comments"
        ordering = ["created_at", "id"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [
            models.Index(fields=["submission"], name="idx_comments_submission"),
            models.Index(fields=["user"], name="idx_comments_user"),
        ]

    def __str__(self) -> str:
        return self.content[:80]


class AssignmentAnalytics(models.Model):
    """Figures over the submissions of one assignment; worked out, never typed."""

    assignment = models.OneToOneField(
        Assignment, on_delete=models.CASCADE, related_name="analytics", verbose_name=_("assignment")
    )
    total_submissions = models.IntegerField(_("submissions"), default=0, db_default=0)
    on_time_submissions = models.IntegerField(_("on time"), default=0, db_default=0)
    late_submissions = models.IntegerField(_("late"), default=0, db_default=0)
    average_grade = models.DecimalField(
        _("average grade"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    median_grade = models.DecimalField(
        _("median grade"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    highest_grade = models.DecimalField(
        _("highest grade"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    lowest_grade = models.DecimalField(
        _("lowest grade"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    completion_rate = models.DecimalField(
        _("completed, per cent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    average_time_to_submit = models.IntegerField(_("average hours to submit"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_default=Now())

    objects = AssignmentAnalyticsQuerySet.as_manager()

    class Meta:
        db_table = "assignment_analytics"
        ordering = ["assignment_id"]
        verbose_name = _("assignment analytics")
        verbose_name_plural = _("assignment analytics")
        constraints = [percent_check("assignment_analytics", "completion_rate")]

    def __str__(self) -> str:
        return str(self.assignment)
