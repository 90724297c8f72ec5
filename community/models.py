"""What people in a course tell each other, and what they earn."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from community.querysets import AnnouncementQuerySet, ReviewQuerySet
from projectgenius.db import CreatedAt, TimeStamped


class CourseAnnouncement(TimeStamped):
    """News of a course for its students."""

    course = models.ForeignKey(
        "courses.Course",
        on_delete=models.CASCADE,
        related_name="announcements",
        db_index=False,
        verbose_name=_("course"),
    )
    title = models.CharField(_("title"), max_length=200)
    content = models.TextField(_("text"), help_text=_("Markdown."))

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        db_table = "course_announcements"
        ordering = ["-created_at", "-id"]
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        indexes = [
            models.Index(fields=["course"], name="idx_announcements_course"),
            models.Index(fields=["created_at"], name="idx_announcements_created"),
        ]

    def __str__(self) -> str:
        return self.title


class CourseReview(TimeStamped):
    """What a student says of a course: 1 to 5, and words."""

    course = models.ForeignKey(
        "courses.Course",
        on_delete=models.CASCADE,
        related_name="reviews",
        db_index=False,
        verbose_name=_("course"),
    )
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="course_reviews",
        db_index=False,
        verbose_name=_("student"),
    )
    rating = models.IntegerField(_("rating"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    review = models.TextField(_("review"), null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        db_table = "course_reviews"
        ordering = ["-created_at", "-id"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = [
            models.Index(fields=["student"], name="idx_reviews_student"),
            models.Index(fields=["rating"], name="idx_reviews_rating"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "student"],
                name="course_reviews_student_unique",
                violation_error_message=_("You have reviewed this course already."),
            ),
            models.CheckConstraint(
                condition=models.Q(rating__gte=1, rating__lte=5),
                name="course_reviews_rating_range",
                violation_error_message=_("Choose a rating from 1 to 5."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id}: {self.rating}"


class Achievement(CreatedAt):
    """Something that can be earned."""

    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"))
    badge_url = models.CharField(_("badge"), max_length=255, null=True, blank=True)
    points = models.IntegerField(_("points"), default=0, db_default=0)

    class Meta:
        db_table = "achievements"
        ordering = ["name", "id"]
        verbose_name = _("achievement")
        verbose_name_plural = _("achievements")
        indexes = [models.Index(fields=["name"], name="idx_achievements_name")]

    def __str__(self) -> str:
        return self.name


class UserAchievement(models.Model):
    """An achievement that a person has earned. Its key has two columns, so Django's admin cannot register it."""

    pk = models.CompositePrimaryKey("user_id", "achievement_id")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="earned_achievements",
        db_index=False,
        verbose_name=_("person"),
    )
    achievement = models.ForeignKey(
        Achievement,
        on_delete=models.RESTRICT,
        related_name="awards",
        db_index=False,
        verbose_name=_("achievement"),
    )
    earned_at = models.DateTimeField(_("earned"), db_default=Now())

    class Meta:
        db_table = "user_achievements"
        verbose_name = _("earned achievement")
        verbose_name_plural = _("earned achievements")
        # The document's name is longer than the 30 characters that Django allows.
        indexes = [models.Index(fields=["achievement"], name="idx_user_achievements_achiev")]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.achievement_id}"
