"""Asking to become an instructor, and the answer."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import InstructorRequest, RequestStatus, User
from accounts.permissions import can_manage_users
from accounts.roles import make_instructor
from accounts.speaking import speaking_to
from projectgenius.errors import Conflict

LONGEST_TEXT = 2000  # characters


@transaction.atomic
def ask_to_teach(*, user: User, motivation: str) -> InstructorRequest:
    """Put the wish to become an instructor before the administrators.

    Raises ValidationError without a word of why or with more than 2,000 characters, Conflict `is_instructor` for
    somebody who may teach already, and Conflict `waiting` while an earlier request waits.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.is_admin or locked.is_instructor:
        raise Conflict(_("You can make courses already."), code="is_instructor")
    if locked.instructor_requests.waiting().exists():
        raise Conflict(_("Your request waits for an answer already."), code="waiting")
    request = InstructorRequest(user=locked, motivation=motivation.strip())
    check_length("motivation", request.motivation)
    request.full_clean(exclude=["user"], validate_constraints=False)
    request.save()
    record_event("instructor_request.create", actor=user, row=request)
    return request


@transaction.atomic
def decide_request(
    *, request: InstructorRequest, approve: bool, by: Any, answer: str = "", now: datetime | None = None
) -> InstructorRequest:
    """Say yes or no to a request, and tell the person by mail; yes makes an instructor.

    Raises PermissionDenied unless `by` is an administrator, ValidationError `no_answer` for a no without a reason,
    and Conflict `decided` when it was decided before.
    """
    if not can_manage_users(by):
        raise PermissionDenied(_("Only administrators decide who teaches."))
    if not approve and not answer.strip():
        raise ValidationError(
            {"answer": ValidationError(_("Say why, the person reads it."), code="no_answer")}
        )
    locked = InstructorRequest.objects.select_for_update().select_related("user").get(pk=request.pk)
    if locked.status != RequestStatus.WAITING:
        raise Conflict(_("This request was decided already."), code="decided")
    locked.status = RequestStatus.APPROVED if approve else RequestStatus.DECLINED
    locked.answer, locked.decided_by, locked.decided_at = answer.strip(), by, now or timezone.now()
    check_length("answer", locked.answer)
    locked.save(update_fields=["status", "answer", "decided_by", "decided_at"])
    record_event(
        f"instructor_request.{'approve' if approve else 'decline'}",
        actor=by,
        row=locked,
        reason=locked.answer,
    )
    if approve:
        make_instructor(user=locked.user, by=by)
    _tell(locked)
    return locked


def check_length(field: str, text: str) -> None:
    """Refuse a text that is too long; the database's type has no limit of its own."""
    if len(text) > LONGEST_TEXT:
        message = _("Use %(longest)s characters or fewer.") % {"longest": LONGEST_TEXT}
        raise ValidationError({field: ValidationError(message, code="too_long")})


def _tell(request: InstructorRequest) -> None:
    """Write to the person, unless the account is closed."""
    person = request.user
    if not person.is_active:
        return
    context = {"request_to_teach": request, "person": person, "site_url": settings.SITE_URL}
    with speaking_to(person):
        subject = (
            _("You can make courses now")
            if request.status == RequestStatus.APPROVED
            else _("Your request to teach was declined")
        )
        body = render_to_string("accounts/email/request_decided.txt", context)
        EmailMessage(subject, body, to=[person.email]).send()
