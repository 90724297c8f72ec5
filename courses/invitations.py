"""Asking an address to join a course, as a student or a helper. Nobody learns whether the address has an account.

The link in the mail carries a random token, of which only the SHA-256 is stored. Who opens it sees course, role and
who invites, and nothing of the address; accepting needs a signed-in account whose confirmed address is the invited
one, so a link that was passed on, or read in somebody else's mail, opens nothing. An invitation is worth what its
sender may do at the moment of accepting.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import User
from courses.enrollment import enroll_student
from courses.helping import add_helper
from courses.models import Course, CourseInvitation, InvitationRole
from courses.permissions import can_invite
from projectgenius.errors import Conflict

LIFE = timedelta(days=14)
MOST_AT_ONCE = 200  # addresses
LONGEST_ADDRESS = 120


@dataclass(frozen=True)
class Line:
    """What became of one address."""

    email: str
    is_sent: bool
    message: str | Promise


def hash_token(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *, course: Course, email: str, role: str, by: User, now: datetime | None = None
) -> CourseInvitation:
    """Write to an address; the same whether it has an account or not, or is in the course already.

    An open invitation that has run out is sent anew. Raises ValidationError for what is no address, Conflict
    `already_invited` while one is open, PermissionDenied unless `by` may invite in that role.
    """
    now = now or timezone.now()
    _require_right(by, course, role)
    email = clean_address(email)
    known = CourseInvitation.objects.filter(course=course, email=email, role=role)
    if old := known.filter(accepted_at=None, revoked_at=None).first():
        if old.expires_at > now:
            raise Conflict(_("This address is invited already."), code="already_invited")
        return resend_invitation(invitation=old, by=by, now=now)
    token = secrets.token_urlsafe(32)
    invitation = CourseInvitation(
        course=course,
        email=email,
        role=InvitationRole(role),
        token_hash=hash_token(token),
        invited_by=by,
        expires_at=now + LIFE,
    )
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError:  # sent twice at the same moment
        raise Conflict(_("This address is invited already."), code="already_invited") from None
    _log("invitation.create", invitation, by, role=str(invitation.role))
    _mail(invitation, token)
    return invitation


def invite_many(*, course: Course, text: str, role: str, by: User) -> list[Line]:
    """Invite the addresses that stand in `text`, one a line (commas and semicolons part them too).

    Each by itself: a wrong line keeps none of the others. Raises ValidationError `too_many`.
    """
    addresses = list(dict.fromkeys(_parted(text)))
    if len(addresses) > MOST_AT_ONCE:
        raise ValidationError(
            _("At most %(most)s addresses at once."), code="too_many", params={"most": MOST_AT_ONCE}
        )
    return [_line(course, address, role, by) for address in addresses]


def _parted(text: str) -> Iterable[str]:
    for line in text.replace(",", "\n").replace(";", "\n").splitlines():
        if address := line.strip().lower():
            yield address


def _line(course: Course, email: str, role: str, by: User) -> Line:
    try:
        invite(course=course, email=email, role=role, by=by)
    except ValidationError as error:
        return Line(email, False, error.messages[0])
    except Conflict as conflict:
        return Line(email, False, conflict.message)
    return Line(email, True, _("Invited"))


def clean_address(email: str) -> str:
    """The address as it is stored. Raises ValidationError `email`."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    if not email or len(email) > LONGEST_ADDRESS:
        message = _("Enter an e-mail address like name@example.com.")
        raise ValidationError({"email": ValidationError(message, code="email")})
    return email


@transaction.atomic
def resend_invitation(
    *, invitation: CourseInvitation, by: User, now: datetime | None = None
) -> CourseInvitation:
    """Write again, with a new link that holds from now; the old one no longer opens anything.

    Raises Conflict `not_open` for one that was accepted or withdrawn.
    """
    now = now or timezone.now()
    _require_right(by, invitation.course, invitation.role)
    locked = _lock_open(invitation)
    token = secrets.token_urlsafe(32)
    locked.token_hash, locked.expires_at, locked.invited_by = hash_token(token), now + LIFE, by
    locked.save(update_fields=["token_hash", "expires_at", "invited_by"])
    _log("invitation.resend", locked, by)
    _mail(locked, token)
    return locked


@transaction.atomic
def withdraw_invitation(
    *, invitation: CourseInvitation, by: User, now: datetime | None = None
) -> CourseInvitation:
    """Take it back: the link opens nothing from now on. Raises Conflict `not_open` as `resend_invitation`."""
    _require_right(by, invitation.course, invitation.role)
    locked = _lock_open(invitation)
    locked.revoked_at = now or timezone.now()
    locked.save(update_fields=["revoked_at"])
    _log("invitation.withdraw", locked, by)
    return locked


def _lock_open(invitation: CourseInvitation) -> CourseInvitation:
    locked = (
        CourseInvitation.objects.select_for_update(of=("self",))
        .select_related("course")
        .get(pk=invitation.pk)
    )
    if locked.accepted_at or locked.revoked_at:
        raise Conflict(_("This invitation was accepted or withdrawn."), code="not_open")
    return locked


def find_invitation(token: str) -> CourseInvitation | None:
    """The invitation that a link is for, whatever became of it; None for an unknown one."""
    rows = CourseInvitation.objects.select_related("course__instructor", "invited_by")
    return rows.filter(token_hash=hash_token(token)).first()


def is_acceptable(invitation: CourseInvitation, now: datetime | None = None) -> bool:
    """Whether the link still opens something: open, in time, and its sender still may invite."""
    return bool(
        invitation.accepted_at is None
        and invitation.revoked_at is None
        and invitation.expires_at > (now or timezone.now())
        and invitation.invited_by.is_active
        and can_invite(invitation.invited_by, invitation.course, invitation.role)
    )


def is_for(invitation: CourseInvitation, user: Any) -> bool:
    """Whether the invited address is the confirmed one of `user`."""
    return bool(
        user.is_authenticated and user.email_verified and user.email.lower() == invitation.email.lower()
    )


@transaction.atomic
def accept_invitation(*, invitation: CourseInvitation, user: User, now: datetime | None = None) -> None:
    """Take the place or the role that is offered; accepting twice changes nothing.

    Raises PermissionDenied for another's account, Conflict `invitation_over` when it no longer holds, and what
    `enroll_student` (a course with a price: the payment is pending) and `add_helper` raise.
    """
    now = now or timezone.now()
    if not is_for(invitation, user):
        raise PermissionDenied(_("This invitation is for another address than that of your account."))
    locked = CourseInvitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    locked.course, locked.invited_by = invitation.course, invitation.invited_by
    if locked.accepted_at and locked.accepted_by_id == user.pk and locked.revoked_at is None:
        return
    if not is_acceptable(locked, now):
        raise Conflict(_("This invitation no longer holds. Ask for a new one."), code="invitation_over")
    if locked.role == InvitationRole.STUDENT:
        _enroll(locked, user, now)
    else:
        add_helper(course=locked.course, user=user, role=locked.role, by=locked.invited_by)
    locked.accepted_at, locked.accepted_by = now, user
    locked.save(update_fields=["accepted_at", "accepted_by"])
    _log("invitation.accept", locked, user)


def _enroll(invitation: CourseInvitation, user: User, now: datetime) -> None:
    try:
        enroll_student(course=invitation.course, student=user, now=now, invited=True)
    except Conflict as conflict:
        if conflict.code != "already_enrolled":
            raise


def _require_right(by: Any, course: Course, role: str) -> None:
    if not can_invite(by, course, role):
        raise PermissionDenied(_("You may not invite people to this course in that role."))


def _log(action: str, invitation: CourseInvitation, by: Any, **after: Any) -> None:
    """The log names people by id, so the address stays out of it."""
    record_event(action, actor=by, row=invitation, course_id=invitation.course_id, after=after or None)


def _mail(invitation: CourseInvitation, token: str) -> None:
    """Put the mail on the queue, which forgets it once it is sent."""
    context = {
        "invitation": invitation,
        "course": invitation.course,
        "by": invitation.invited_by.display_name,
        "is_student": invitation.role == InvitationRole.STUDENT,
        "url": settings.SITE_URL + reverse("courses:invitation", args=[token]),
        "days": LIFE.days,
    }
    EmailMessage(
        subject=" ".join(render_to_string("courses/email/invitation_subject.txt", context).split()),
        body=render_to_string("courses/email/invitation.txt", context),
        to=[invitation.email],
    ).send()
