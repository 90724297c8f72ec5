"""What is taught: courses, their modules and lessons, and what lies beside a lesson."""

import secrets
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.querysets import CourseQuerySet, LessonQuerySet, ModuleQuerySet, ResourceQuerySet
from projectgenius.db import CreatedAt, TimeStamped, choices_check, minimum_check
from projectgenius.links import is_safe_link, validate_link


def resource_path(resource: "LessonResource", filename: str) -> str:
    """Where an uploaded file is kept: an unguessable folder, then the file's own name."""
    return f"resources/{secrets.token_urlsafe(16)}/{PurePosixPath(filename).name}"


def cover_path(course: "Course", filename: str) -> str:
    """Where an uploaded cover is kept: an unguessable name; nothing of the uploaded name but its ending."""
    return f"covers/{secrets.token_urlsafe(16)}{PurePosixPath(filename).suffix.lower()[:5]}"


def signature_path(course: "Course", filename: str) -> str:
    """Where the picture of a signature is kept; no page serves it, it stands in certificates alone."""
    return f"signatures/{secrets.token_urlsafe(16)}{PurePosixPath(filename).suffix.lower()[:5]}"


class CourseLevel(models.TextChoices):
    BEGINNER = "Beginner", _("Beginner")
    INTERMEDIATE = "Intermediate", _("Intermediate")
    ADVANCED = "Advanced", _("Advanced")


class ContentType(models.TextChoices):
    VIDEO = "video", _("video")
    TEXT = "text", _("reading")
    QUIZ = "quiz", _("quiz")
    ASSIGNMENT = "assignment", _("assignment")


class ResourceType(models.TextChoices):
    FILE = "file", _("file")
    LINK = "link", _("link")
    PDF = "pdf", _("PDF")
    VIDEO = "video", _("video")


# The endings that a file of a kind may have; a link has no file, and what is not named takes all.
FILE_ENDINGS: dict[str, tuple[str, ...]] = {
    ResourceType.LINK: (),
    ResourceType.PDF: (".pdf",),
    ResourceType.VIDEO: (".mp4", ".m4v", ".webm", ".ogv", ".mov"),
}


class EnrollmentMode(models.TextChoices):
    OPEN = "open", _("everybody")
    INVITED = "invited", _("with an invitation or a join code")


class Course(TimeStamped):
    """Something that can be learned here, from its first lesson to its certificate.

    Beside the document's columns: the address (`slug`), what the catalogue and the course page show
    (`outcome` to `cover_hue`), what certificates say, who may enroll, an uploaded cover, and the two sums over
    published lessons that lists show and filter by (kept by `courses.progress.recount_course`).
    """

    Level = CourseLevel
    EnrollmentMode = EnrollmentMode

    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(
        _("address"), max_length=80, unique=True, help_text=_("The last part of the course's address.")
    )
    outcome = models.CharField(
        _("outcome"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("One line: what a student can do at the end."),
    )
    description = models.TextField(_("description"), help_text=_("Markdown."))
    outcomes = models.TextField(
        _("what you will learn"), blank=True, default="", db_default="", help_text=_("One outcome a line.")
    )
    audience = models.TextField(_("who it is for"), blank=True, default="", db_default="")
    requirements = models.TextField(_("what you need before"), blank=True, default="", db_default="")
    instructor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.RESTRICT,
        related_name="taught_courses",
        db_index=False,
        verbose_name=_("instructor"),
    )
    cover_image = models.CharField(
        _("cover picture"), max_length=255, null=True, blank=True, validators=[validate_link]
    )
    cover_hue = models.PositiveSmallIntegerField(
        _("hue of the drawn cover"),
        default=225,
        db_default=225,
        help_text=_("0 to 359; used when there is no picture."),
    )
    level = models.CharField(_("level"), max_length=20, choices=Level.choices)
    category = models.CharField(_("category"), max_length=50)
    language = models.CharField(
        _("language"),
        max_length=10,
        default="en",
        db_default="en",
        help_text=_("Two letters, such as en or es."),
    )
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2, default=0, db_default=0)
    duration_weeks = models.IntegerField(_("weeks"))
    certificates_enabled = models.BooleanField(_("issues certificates"), default=True, db_default=True)
    certificate_text = models.CharField(
        _("text on the certificate"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("Stands below the name of the course. Empty: none."),
    )
    certificate_signature = models.ImageField(
        _("signature on the certificate"),
        upload_to=signature_path,
        max_length=255,
        blank=True,
        default="",
        db_default="",
    )
    enrollment_mode = models.CharField(
        _("who may enroll"),
        max_length=20,
        choices=EnrollmentMode.choices,
        default=EnrollmentMode.OPEN,
        db_default=EnrollmentMode.OPEN,
    )
    cover_file = models.ImageField(
        _("own cover picture"),
        upload_to=cover_path,
        max_length=255,
        blank=True,
        default="",
        db_default="",
    )
    lesson_count = models.PositiveIntegerField(_("lessons"), default=0, db_default=0, editable=False)
    total_minutes = models.PositiveIntegerField(_("minutes"), default=0, db_default=0, editable=False)
    is_published = models.BooleanField(_("published"), default=False, db_default=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        db_table = "courses"
        ordering = ["title", "id"]
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        indexes = [
            models.Index(fields=["instructor"], name="idx_courses_instructor"),
            models.Index(fields=["is_published"], name="idx_courses_published"),
            models.Index(fields=["category"], name="idx_courses_category"),
            models.Index(fields=["level"], name="idx_courses_level"),
            models.Index(fields=["title", "id"], name="idx_courses_title"),
            models.Index(fields=["-created_at", "-id"], name="idx_courses_newest"),
            models.Index(fields=["price", "id"], name="idx_courses_price"),
            models.Index(fields=["total_minutes", "id"], name="idx_courses_minutes"),
        ]
        constraints = [
            choices_check("courses", "level", CourseLevel),
            choices_check("courses", "enrollment_mode", EnrollmentMode),
            minimum_check("courses", "price", 0),
            minimum_check("courses", "duration_weeks", 1),
            models.CheckConstraint(
                condition=models.Q(cover_hue__lt=360),
                name="courses_cover_hue_circle",
                violation_error_message=_("Enter a hue from 0 to 359."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("courses:course_detail", args=[self.slug])

    @property
    def is_free(self) -> bool:
        return self.price == 0

    @property
    def cover_url(self) -> str:
        """The own picture if it lies on this site, else the drawn cover: the site shows no foreign pictures."""
        if self.cover_file:
            return reverse("courses:cover_file", args=[PurePosixPath(self.cover_file.name or "").name])
        if self.has_own_cover:
            return str(self.cover_image)
        return reverse("cover", args=[self.slug, self.cover_hue])

    @property
    def has_own_cover(self) -> bool:
        """Whether a picture was given that this site shows."""
        return bool(self.cover_file or (self.cover_image and self.cover_image.startswith("/")))

    @property
    def outcome_list(self) -> list[str]:
        """The outcomes, one text each."""
        return [line.strip() for line in self.outcomes.splitlines() if line.strip()]

    @property
    def hours(self) -> int:
        """Whole hours of all published lessons, at least one."""
        return max(1, round(self.total_minutes / 60))


class Module(TimeStamped):
    """A part of a course; holds lessons in order. `key` names it in the course's folder format."""

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="modules", db_index=False, verbose_name=_("course")
    )
    key = models.SlugField(
        _("key"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        db_index=False,
        help_text=_("Its folder's name when the course is kept as files. May stay empty."),
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    order_index = models.IntegerField(_("order"))
    is_published = models.BooleanField(_("published"), default=False, db_default=False)

    objects = ModuleQuerySet.as_manager()

    class Meta:
        db_table = "modules"
        ordering = ["order_index", "id"]
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        indexes = [models.Index(fields=["course", "order_index"], name="idx_modules_order")]
        constraints = [
            minimum_check("modules", "order_index", 1),
            models.UniqueConstraint(
                fields=["course", "key"],
                condition=~models.Q(key=""),
                name="modules_course_key_unique",
                violation_error_message=_("Another module of this course has this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Lesson(TimeStamped):
    """One sitting of learning inside a module. `is_preview` opens it to everybody."""

    ContentType = ContentType

    module = models.ForeignKey(
        Module, on_delete=models.CASCADE, related_name="lessons", db_index=False, verbose_name=_("module")
    )
    key = models.SlugField(
        _("key"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        db_index=False,
        help_text=_("Its file's name when the course is kept as files. May stay empty."),
    )
    title = models.CharField(_("title"), max_length=200)
    content = models.TextField(_("content"), blank=True, help_text=_("Markdown. Headings start at ##."))
    content_type = models.CharField(
        _("kind"), max_length=20, choices=ContentType.choices, default=ContentType.TEXT
    )
    duration_minutes = models.IntegerField(_("minutes"), null=True, blank=True)
    order_index = models.IntegerField(_("order"))
    is_published = models.BooleanField(_("published"), default=False, db_default=False)
    is_preview = models.BooleanField(
        _("free preview"),
        default=False,
        db_default=False,
        help_text=_("Open to everybody, also without an account."),
    )

    objects = LessonQuerySet.as_manager()

    class Meta:
        db_table = "lessons"
        ordering = ["order_index", "id"]
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        indexes = [
            models.Index(fields=["module", "order_index"], name="idx_lessons_order"),
            models.Index(fields=["content_type"], name="idx_lessons_type"),
        ]
        constraints = [
            choices_check("lessons", "content_type", ContentType),
            minimum_check("lessons", "order_index", 1),
            minimum_check("lessons", "duration_minutes", 0),
            models.UniqueConstraint(
                fields=["module", "key"],
                condition=~models.Q(key=""),
                name="lessons_module_key_unique",
                violation_error_message=_("Another lesson of this module has this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_marked_by_student(self) -> bool:
        """Whether the student says when it is done; quizzes and assignments say it themselves."""
        return self.content_type in (ContentType.TEXT, ContentType.VIDEO)


class LessonResource(CreatedAt):
    """Something to open or take along from a lesson: an outside address, or a file of our own (`file`)."""

    ResourceType = ResourceType

    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, related_name="resources", db_index=False, verbose_name=_("lesson")
    )
    title = models.CharField(_("title"), max_length=200)
    resource_type = models.CharField(_("kind"), max_length=20, choices=ResourceType.choices)
    url = models.CharField(_("address"), max_length=500, blank=True, validators=[validate_link])
    file = models.FileField(
        _("file"), upload_to=resource_path, max_length=255, blank=True, default="", db_default=""
    )
    file_size = models.PositiveBigIntegerField(_("size"), null=True, blank=True, editable=False)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        db_table = "lesson_resources"
        ordering = ["id"]
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        indexes = [models.Index(fields=["lesson"], name="idx_resources_lesson")]
        constraints = [choices_check("lesson_resources", "resource_type", ResourceType)]

    def __str__(self) -> str:
        return self.title

    @property
    def safe_url(self) -> str:
        """The address, if a link to it can do no harm; a hostile one that came in by other ways is left out."""
        return self.url if is_safe_link(self.url) else ""

    @property
    def host(self) -> str:
        """The site that the address leads to."""
        return urlsplit(self.safe_url).hostname or ""

    @property
    def file_kind(self) -> str:
        """The file's ending in capitals, such as PDF."""
        return PurePosixPath(self.file.name or "").suffix.lstrip(".").upper()

    def clean(self) -> None:
        """A resource has an address or a file, not both and not neither; and a file is of the kind that is said."""
        if bool(self.url) == bool(self.file):
            raise ValidationError(
                {
                    "url": ValidationError(
                        _("Enter an address or choose a file, one of the two."), code="one_source"
                    )
                }
            )
        ending = PurePosixPath(self.file.name or "").suffix.lower()
        endings = FILE_ENDINGS.get(self.resource_type)
        if self.file and endings is not None and ending not in endings:
            names = ", ".join(endings)
            sentence = (
                _("This kind has a file that ends in %(names)s. Choose “file” for others.") % {"names": names}
                if names
                else _("A link has an address and no file. Choose “file” instead.")
            )
            raise ValidationError({"resource_type": ValidationError(sentence, code="other_kind")})
