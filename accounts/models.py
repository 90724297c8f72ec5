"""Who is on the site, and the log of what was done."""

import re
import secrets
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.locality import validate_language, validate_time_zone
from accounts.names import validate_name
from accounts.querysets import SECOND_FACTORS, ApiKeyQuerySet, InstructorRequestQuerySet, UserQuerySet
from accounts.signals import superuser_created
from projectgenius.db import CreatedAt, TimeStamped, choices_check
from projectgenius.imports import ImportRun, status_check

INSTRUCTORS = "Instructors"
LONGEST_BIO = 5000  # characters
OWN_PATH = re.compile(r"/(?![/\\])")  # a path of this site, not an address of another


def picture_path(user: "User", filename: str) -> str:
    """Where a person's picture is kept: an unguessable name; nothing of the uploaded name but its ending."""
    return f"pictures/{secrets.token_urlsafe(16)}{PurePosixPath(filename).suffix.lower()[:5]}"


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people; used by Django's own commands and by allauth."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Addresses are kept in lower case, in which signing in and signing up look for them."""
        return (email or "").strip().lower()

    def create_user(self, username: str, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a student."""
        user = self.model(username=username.lower(), email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Make an administrator."""
        user = self.create_user(username, email, password, is_admin=True, **fields)
        superuser_created.send(sender=type(user), user=user)
        return user


class User(AbstractBaseUser, PermissionsMixin, TimeStamped):
    """A person. Students are everybody; instructors are in a group; administrators carry the flag.

    `is_active=False` is the soft delete. Beside the document's columns stand Django's own links to groups, and what
    a person chooses: language and time zone (empty: the site's), a picture of one's own, a public profile or not.
    """

    username = models.CharField(
        _("username"),
        max_length=80,
        unique=True,
        validators=[UnicodeUsernameValidator(), validate_name],
        error_messages={"unique": _("This username is taken.")},
    )
    email = models.EmailField(_("e-mail address"), max_length=120, unique=True)
    password = models.CharField(_("password"), max_length=128, db_column="password_hash")
    full_name = models.CharField(
        _("full name"), max_length=120, null=True, blank=True, validators=[validate_name]
    )
    avatar_url = models.CharField(_("picture address"), max_length=255, null=True, blank=True)
    api_key = models.CharField(
        _("API key (SHA-256)"), max_length=64, unique=True, null=True, blank=True, editable=False
    )
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    is_admin = models.BooleanField(_("administrator"), default=False, db_default=False)
    bio = models.TextField(_("biography"), null=True, blank=True)
    email_verified = models.BooleanField(
        _("e-mail confirmed"), default=False, db_default=False, editable=False
    )
    language = models.CharField(
        _("language"), max_length=10, blank=True, default="", db_default="", validators=[validate_language]
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", db_default="", validators=[validate_time_zone]
    )
    picture = models.ImageField(
        _("picture"), upload_to=picture_path, max_length=255, blank=True, default="", db_default=""
    )
    is_profile_public = models.BooleanField(_("public profile"), default=False, db_default=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        db_table = "users"
        ordering = ["username"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="users_username_unique_any_case",
                violation_error_message=_("This username is taken."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="users_email_unique_any_case",
                violation_error_message=_("This e-mail address is taken."),
            ),
        ]
        indexes = [models.Index(fields=["is_active"], name="idx_users_active")]

    def __str__(self) -> str:
        return self.username

    def clean(self) -> None:
        """Bring name and address into the stored form."""
        super().clean()
        self.username = self.username.lower()
        self.email = type(self).objects.normalize_email(self.email)

    @property
    def picture_address(self) -> str:
        """Where the site shows the picture: the uploaded one, or the application's own path; empty without one."""
        if self.picture:
            return reverse("person_picture", args=[self.pk, PurePosixPath(str(self.picture.name)).name])
        return self.avatar_url if self.avatar_url and OWN_PATH.match(self.avatar_url) else ""

    @property
    def profile_address(self) -> str:
        """The page that a person made public; empty without one."""
        return reverse("person_profile", args=[self.username]) if self.is_profile_public else ""

    @property
    def display_name(self) -> str:
        """The name other people see."""
        return (self.full_name or "").strip() or self.username

    # What an API key leaves of its owner's rights: set for one request, never stored.
    acts_as_teacher = True
    is_narrowed = False

    def act_as_student(self) -> None:
        """Lose, for this request, what teaching gives: the rows and the rights of an instructor or a helper."""
        self.acts_as_teacher = self._is_instructor = self._is_helper = False
        self.is_narrowed = True

    def act_without_admin_flag(self) -> None:
        """Lose, for this request, what the administrator's flag gives."""
        self.is_admin = False
        self.is_narrowed = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Write the row; of somebody whose rights a key narrowed only named columns, never the flag."""
        if self.is_narrowed and (update_fields is None or "is_admin" in (update_fields := [*update_fields])):
            raise TypeError("A person whose rights were narrowed is not saved as a whole.")
        super().save(*args, update_fields=update_fields, **kwargs)

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name.split()[0]

    @property
    def is_superuser(self) -> bool:  # type: ignore[override]
        """Django's word for an administrator; the document has one column for both."""
        return self.is_admin

    @property
    def is_instructor(self) -> bool:
        """Member of the group of instructors. `with_roles()` brings the answer along without a query."""
        if not hasattr(self, "_is_instructor"):
            self._is_instructor = self.pk is not None and self.groups.filter(name=INSTRUCTORS).exists()
        return self._is_instructor

    @property
    def is_helper(self) -> bool:
        """Helps to teach some course. `with_roles()` brings the answer along without a query."""
        if not hasattr(self, "_is_helper"):
            self._is_helper = self.pk is not None and self.helper_roles.exists()
        return self._is_helper

    @property
    def has_second_factor(self) -> bool:
        """Has set up an app's codes or a passkey. `with_roles()` brings the answer along without a query."""
        if not hasattr(self, "_has_second_factor"):
            factors = self.authenticator_set.filter(type__in=SECOND_FACTORS)  # type: ignore[attr-defined]
            self._has_second_factor = self.pk is not None and factors.exists()
        return self._has_second_factor

    @property
    def is_staff(self) -> bool:
        """May open the admin site; gives no right to any row."""
        return self.is_active and (self.is_admin or self.is_instructor or self.is_helper)


class ApiKey(CreatedAt):
    """A key beside the document's one: with a name, scopes and an end. Only its SHA-256 is stored.

    Table of our own (`users.api_key` is the document's one key, without scopes). `scopes` is a list of the words
    of `accounts.api_keys.Scope`; a revoked key stays as a row, so that the owner sees when it was used last.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    key_hash = models.CharField(_("key (SHA-256)"), max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    class Meta:
        db_table = "api_keys"
        ordering = ["-created_at", "-id"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class EmailChange(CreatedAt):
    """A person's wish for another address, until both addresses have said yes. Table of our own."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="email_change",
        verbose_name=_("person"),
    )
    new_email = models.EmailField(_("new address"), max_length=120)
    old_confirmed_at = models.DateTimeField(_("confirmed by the old address"), null=True, blank=True)
    new_confirmed_at = models.DateTimeField(_("confirmed by the new address"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        db_table = "email_changes"
        verbose_name = _("change of e-mail address")
        verbose_name_plural = _("changes of e-mail address")

    def __str__(self) -> str:
        return f"{self.user_id}"


class RequestStatus(models.TextChoices):
    WAITING = "waiting", _("waiting")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")


class InstructorRequest(CreatedAt):
    """A person asks to teach; an administrator decides. Table of our own. At most one waits for a person."""

    Status = RequestStatus

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="instructor_requests",
        verbose_name=_("person"),
    )
    motivation = models.TextField(_("what and why"), max_length=2000)
    status = models.CharField(
        _("state"),
        max_length=20,
        choices=RequestStatus.choices,
        default=RequestStatus.WAITING,
        db_default=RequestStatus.WAITING,
    )
    answer = models.TextField(_("answer"), max_length=2000, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = InstructorRequestQuerySet.as_manager()

    class Meta:
        db_table = "instructor_requests"
        ordering = ["-created_at", "-id"]
        verbose_name = _("request to teach")
        verbose_name_plural = _("requests to teach")
        constraints = [
            choices_check("instructor_requests", "status", RequestStatus),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(status="waiting"),
                name="instructor_requests_one_waiting",
                violation_error_message=_("Your request waits for an answer already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.status}"


class UserImport(ImportRun):
    """People out of a CSV file. Table of our own."""

    class Meta:
        db_table = "user_imports"
        ordering = ["-id"]
        verbose_name = _("import of people")
        verbose_name_plural = _("imports of people")
        constraints = [status_check("user_imports")]

    def __str__(self) -> str:
        return PurePosixPath(self.file.name or "").name


class AuditEvent(models.Model):
    """One act that must be accounted for: who did what to which row, when and why. Never changed.

    People are named by id only, so that a person can be erased while the log stays as it was written.
    Table of our own: the document asks for an audit log and names no table.
    """

    occurred_at = models.DateTimeField(_("time"), db_default=Now(), editable=False)
    action = models.CharField(_("action"), max_length=64)
    actor_id = models.BigIntegerField(_("person"), null=True, blank=True)
    on_behalf_of_id = models.BigIntegerField(_("on behalf of"), null=True, blank=True)
    table = models.CharField(_("table"), max_length=64, blank=True, default="", db_default="")
    row_id = models.CharField(_("row"), max_length=64, blank=True, default="", db_default="")
    course_id = models.BigIntegerField(_("course"), null=True, blank=True)
    before = models.JSONField(_("before"), null=True, blank=True)
    after = models.JSONField(_("after"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    request_id = models.CharField(_("request"), max_length=32, blank=True, default="", db_default="")

    class Meta:
        db_table = "audit_log"
        ordering = ["-id"]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(fields=["actor_id", "-id"], name="idx_audit_log_actor"),
            models.Index(fields=["table", "row_id"], name="idx_audit_log_row"),
            models.Index(fields=["course_id", "-id"], name="idx_audit_log_course"),
            models.Index(fields=["action", "-id"], name="idx_audit_log_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.table} {self.row_id}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the event once; a second save is refused (on PostgreSQL the database refuses it too)."""
        if not self._state.adding:
            raise TypeError("The audit log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The audit log is append-only.")


class AuditOrigin(models.Model):
    """From where an audited act came. Kept apart from the log so that retention may delete it."""

    event = models.OneToOneField(
        AuditEvent, on_delete=models.DO_NOTHING, primary_key=True, related_name="origin", db_constraint=False
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=255, blank=True, default="", db_default="")

    class Meta:
        db_table = "audit_origins"
        verbose_name = _("origin of an audit event")
        verbose_name_plural = _("origins of audit events")

    def __str__(self) -> str:
        return self.address or ""
