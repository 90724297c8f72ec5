"""Sets of people."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

if TYPE_CHECKING:  # the names stand in quotes below
    from accounts.models import ApiKey, InstructorRequest, User  # noqa: F401

SECOND_FACTORS = ("totp", "webauthn")  # an app's codes, a passkey; recovery codes alone are none


class UserQuerySet(models.QuerySet["User"]):
    """People, as rows."""

    def active(self) -> Self:
        """People who may sign in."""
        return self.filter(is_active=True)

    def with_roles(self) -> Self:
        """Bring `is_instructor`, `is_helper` and `has_second_factor` along in the same query."""
        membership = Group.objects.filter(user=OuterRef("pk"), name="Instructors")
        helping = self.model.helper_roles.rel.related_model._default_manager.filter(user=OuterRef("pk"))
        authenticators = self.model.authenticator_set.rel.related_model  # type: ignore[attr-defined]
        factors = authenticators._default_manager.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
        return self.annotate(
            _is_instructor=Exists(membership), _is_helper=Exists(helping), _has_second_factor=Exists(factors)
        )

    def instructors(self) -> Self:
        """Members of the group of instructors."""
        return self.filter(groups__name="Instructors")

    def named(self, login: str) -> Self:
        """The person who signs in with this username or email address."""
        return self.filter(Q(username__iexact=login) | Q(email__iexact=login))

    def visible_to(self, user: Any) -> Self:
        """People whose row `user` may see: oneself, students of courses one helps to teach, all for an admin."""
        if not user.is_authenticated:
            return self.none()
        if user.is_admin:
            return self
        enrollments = self.model.enrollments.rel.related_model._default_manager
        students = enrollments.in_read_courses_of(user).active().values("student")  # type: ignore[attr-defined]
        return self.filter(Q(pk=user.pk) | Q(pk__in=students))

    def public_picture(self) -> Self:
        """People whose picture everybody may see: public profiles, and who teaches a published course."""
        courses = self.model.taught_courses.rel.related_model._default_manager
        helping = self.model.helper_roles.rel.related_model._default_manager
        return self.filter(
            Q(is_profile_public=True)
            | Exists(courses.filter(instructor=OuterRef("pk"), is_published=True))
            | Exists(helping.filter(user=OuterRef("pk"), role="co_instructor", course__is_published=True))
        )


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Named API keys."""

    def valid(self, now: datetime | None = None) -> Self:
        """Keys that open the API: not revoked, not past their end."""
        now = now or timezone.now()
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)

    def visible_to(self, user: Any) -> Self:
        """One's own, all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(user=user)


class InstructorRequestQuerySet(models.QuerySet["InstructorRequest"]):
    """Requests to teach."""

    def waiting(self) -> Self:
        """Not decided yet."""
        return self.filter(status="waiting")

    def visible_to(self, user: Any) -> Self:
        """One's own, all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(user=user)
