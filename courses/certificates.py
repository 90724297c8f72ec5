"""Proofs of completion: issued once, checked by anybody, revoked and reissued with a reason in the log.

`certificate_issued` of the enrollment says that a certificate was issued, not that it holds: it stays when the
certificate is revoked, so that completing again issues no second one. What holds is said by `revoked_at` alone.
"""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from courses.models import Certificate, CourseEnrollment
from courses.permissions import can_manage_certificate
from projectgenius.errors import Conflict

# Letters and digits that are not mistaken for one another when read aloud or typed.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
GROUPS, GROUP_LENGTH = 4, 4
LONGEST_REASON = 1000


def new_code() -> str:
    """A number nobody can guess: 16 characters of 32, 80 bits, in groups of four."""
    groups = ("".join(secrets.choice(ALPHABET) for _place in range(GROUP_LENGTH)) for _group in range(GROUPS))
    return "-".join(groups)


def normalize_code(text: str) -> str:
    """A number as people type it, brought into the stored form; what cannot be one comes back as it is."""
    plain = "".join(character for character in text.upper() if character.isalnum())
    if len(plain) != GROUPS * GROUP_LENGTH:
        return plain
    return "-".join(plain[start : start + GROUP_LENGTH] for start in range(0, len(plain), GROUP_LENGTH))


@transaction.atomic
def issue_certificate(*, enrollment: CourseEnrollment, now: datetime | None = None) -> Certificate | None:
    """Issue the certificate of a completed enrollment, once; None when the course gives none."""
    if not enrollment.course.certificates_enabled or enrollment.completed_at is None:
        return None
    certificate, created = Certificate.objects.get_or_create(
        enrollment=enrollment,
        defaults={
            **_present_facts(enrollment),
            "code": new_code(),
            "hours": enrollment.course.hours,
            "issued_at": now or timezone.now(),
        },
    )
    if created:
        enrollment.certificate_issued = True
        enrollment.save(update_fields=["certificate_issued"])
        record_event(
            "certificate.issue",
            row=certificate,
            course_id=enrollment.course_id,
            after={"student": enrollment.student_id},
        )
    return certificate


def _present_facts(enrollment: CourseEnrollment) -> dict[str, str]:
    """What a certificate copies: names, and the instructor's text and signature as they are now.

    The signature is a path; its file stays when the course gets another one, for certificates go on showing it.
    """
    course = enrollment.course
    return {
        "holder_name": enrollment.student.display_name,
        "course_title": course.title,
        "instructor_name": course.instructor.display_name,
        "statement": course.certificate_text,
        "signature": course.certificate_signature.name or "",
    }


def issue_missing(*, course_id: int) -> int:
    """Issue what was completed while the course gave no certificates; returns how many."""
    done = CourseEnrollment.objects.filter(
        course_id=course_id, completed_at__isnull=False, certificate__isnull=True, withdrawn_at=None
    )
    found = done.settled().select_related("course__instructor", "student")
    return sum(issue_certificate(enrollment=enrollment) is not None for enrollment in found.order_by("pk"))


@transaction.atomic
def revoke_certificate(
    *, certificate: Certificate, by: Any, reason: str, now: datetime | None = None
) -> Certificate:
    """Take a certificate back; its public page says so, with the reason. Raises Conflict `already_revoked`."""
    locked = _locked(certificate, by)
    reason = _checked_reason(reason)
    if locked.revoked_at is not None:
        raise Conflict(_("This certificate is revoked already."), code="already_revoked")
    locked.revoked_at, locked.revoked_reason = now or timezone.now(), reason
    locked.save(update_fields=["revoked_at", "revoked_reason"])
    _log("revoke", locked, by, reason=reason, before={"revoked": False}, after={"revoked": True})
    return locked


@transaction.atomic
def reinstate_certificate(*, certificate: Certificate, by: Any, reason: str) -> Certificate:
    """Let a revoked certificate hold again; why it was revoked stays in the log. Raises Conflict `not_revoked`."""
    locked = _locked(certificate, by)
    reason = _checked_reason(reason)
    if locked.revoked_at is None:
        raise Conflict(_("This certificate is not revoked."), code="not_revoked")
    before = {"revoked": True, "reason": locked.revoked_reason}
    locked.revoked_at, locked.revoked_reason = None, ""
    locked.save(update_fields=["revoked_at", "revoked_reason"])
    _log("reinstate", locked, by, reason=reason, before=before, after={"revoked": False})
    return locked


@transaction.atomic
def reissue_certificate(*, certificate: Certificate, by: Any, now: datetime | None = None) -> Certificate:
    """Write names, text and signature anew, as they are now: for who changed their name, or a mended title.

    Number, hours and day of issue stay, so printed ones still lead to this one. Raises Conflict `revoked`. The log
    names no person: of the names it says only that they changed.
    """
    locked = _locked(certificate, by)
    if locked.revoked_at is not None:
        raise Conflict(_("This certificate is revoked. Reinstate it first."), code="revoked")
    facts = _present_facts(locked.enrollment)
    changed = {name: value for name, value in facts.items() if getattr(locked, name) != value}
    told = [name for name in changed if not name.endswith("_name")]
    before = {name: getattr(locked, name) for name in told}
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.reissued_at = now or timezone.now()
    locked.save(update_fields=[*changed, "reissued_at"])
    after = {"changed": sorted(changed), **{name: changed[name] for name in told}}
    _log("reissue", locked, by, before=before, after=after)
    return locked


def _locked(certificate: Certificate, by: Any) -> Certificate:
    """The row, locked, for who may manage it. Raises PermissionDenied."""
    rows = Certificate.objects.select_for_update(of=("self",))
    locked = rows.select_related("enrollment__course__instructor", "enrollment__student").get(
        pk=certificate.pk
    )
    if not can_manage_certificate(by, locked):
        raise PermissionDenied(_("Only those who teach this course manage its certificates."))
    return locked


def _checked_reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise ValidationError({"reason": ValidationError(_("Enter a reason."), code="required")})
    if len(text) > LONGEST_REASON:
        message = _("The reason must be %(count)s characters or fewer.") % {"count": LONGEST_REASON}
        raise ValidationError({"reason": ValidationError(message, code="too_long")})
    return text


def _log(what: str, certificate: Certificate, by: Any, **said: Any) -> None:
    course_id = certificate.enrollment.course_id
    record_event(f"certificate.{what}", actor=by, row=certificate, course_id=course_id, **said)


def verify_address(certificate: Certificate) -> str:
    """The address of the public page, as the printed code holds it."""
    return settings.SITE_URL + reverse("courses:certificate_verify", args=[certificate.code])


def verify(code: str) -> Certificate | None:
    """The certificate with this number, revoked or not; None when there is none."""
    return Certificate.objects.filter(code=normalize_code(code)).first()
