"""Changing one's e-mail address: both addresses say yes, then it counts. Nothing is told of other accounts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import EmailChange, User
from projectgenius.errors import Conflict
from projectgenius.request_facts import current_request

KEPT_FOR = timedelta(days=2)
SALT = "accounts.email_change"
OLD, NEW = "old", "new"


@dataclass(frozen=True)
class Question:
    """What a link asks: may this change happen, asked of the old or the new address."""

    change: EmailChange
    side: str

    @property
    def address(self) -> str:
        """The address that the link was sent to."""
        return self.change.user.email if self.side == OLD else self.change.new_email

    @property
    def is_answered(self) -> bool:
        """Whether this address has said yes already."""
        answered = self.change.old_confirmed_at if self.side == OLD else self.change.new_confirmed_at
        return answered is not None


@transaction.atomic
def request_email_change(*, user: User, new_email: str, now: datetime | None = None) -> EmailChange:
    """Ask both addresses; a wish that waited before is replaced, and its links stop working.

    Raises ValidationError `same` for the present address. An address that has an account gets a mail that says
    so instead of a question: whoever asked sees no difference.
    """
    new_email = User.objects.normalize_email(new_email)
    now = now or timezone.now()
    locked = User.objects.select_for_update().get(pk=user.pk)
    if new_email == locked.email.lower():
        raise ValidationError({"email": ValidationError(_("This is your address already."), code="same")})
    EmailChange.objects.filter(user=locked).delete()
    change = EmailChange.objects.create(user=locked, new_email=new_email, expires_at=now + KEPT_FOR)
    record_event("email.request", actor=user, row=locked)
    _ask(change, OLD, locked.email)
    if is_taken(new_email, by_others_than=locked):
        get_adapter().send_mail("account/email/email_change_taken", new_email, {"email": new_email})
    else:
        _ask(change, NEW, new_email)
    return change


def question_of(token: str, *, now: datetime | None = None) -> Question | None:
    """What the link with this token asks; None when it was changed, has expired, was replaced or is answered."""
    try:
        content = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
        key, side = int(content["change"]), content["side"]
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
    waiting = EmailChange.objects.select_related("user").filter(
        pk=key, user__is_active=True, expires_at__gt=now or timezone.now()
    )
    change = waiting.first()
    return Question(change, side) if change is not None and side in (OLD, NEW) else None


@transaction.atomic
def confirm_email_change(*, token: str, now: datetime | None = None) -> tuple[EmailChange, bool]:
    """Say yes for the address that the token was sent to. True: both have, and the new address counts.

    Raises Conflict `link_ended` for a token that asks nothing any more, `address_taken` when the new address
    was taken meanwhile: then the wish ends.
    """
    now = now or timezone.now()
    question = question_of(token, now=now)
    if question is None:
        raise Conflict(_("This link doesn’t work any more. Ask for the change again."), code="link_ended")
    user = User.objects.select_for_update().get(pk=question.change.user_id)
    change = EmailChange.objects.select_for_update().filter(pk=question.change.pk).first()
    if change is None:
        raise Conflict(_("This link doesn’t work any more. Ask for the change again."), code="link_ended")
    field = "old_confirmed_at" if question.side == OLD else "new_confirmed_at"
    if getattr(change, field) is None:
        setattr(change, field, now)
        change.save(update_fields=[field])
        record_event("email.agree", row=user, after={"side": question.side})
    if change.old_confirmed_at is None or change.new_confirmed_at is None:
        return change, False
    _carry_out(user, change)
    return change, True


@transaction.atomic
def cancel_email_change(*, user: User, by: Any = None) -> bool:
    """End the wish: the address stays. False when there was none."""
    ended, _rows = EmailChange.objects.filter(user=user).delete()
    if ended:
        record_event("email.cancel", actor=by, row=user)
    return bool(ended)


def is_taken(email: str, *, by_others_than: User) -> bool:
    """Whether another account uses this address, confirmed or not."""
    people = User.objects.filter(email__iexact=email).exclude(pk=by_others_than.pk)
    addresses = EmailAddress.objects.filter(email__iexact=email).exclude(user=by_others_than)
    return people.exists() or addresses.exists()


def _carry_out(user: User, change: EmailChange) -> None:
    """Write the new address wherever one stands; every other address of the account goes."""
    old_email, new_email = user.email, change.new_email
    if is_taken(new_email, by_others_than=user):
        raise _address_taken()
    try:
        with transaction.atomic():
            people = User.objects.filter(pk=user.pk)
            people.update(email=new_email, email_verified=True, updated_at=timezone.now())
    except IntegrityError:  # by another account, at the same moment
        raise _address_taken() from None
    EmailAddress.objects.filter(user=user).exclude(Q(email__iexact=new_email)).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=new_email, defaults={"verified": True, "primary": True}
    )
    change.delete()
    record_event("email.change", actor=user, row=user)
    facts = current_request()
    context = {
        "user": user,
        "from_email": old_email,
        "to_email": new_email,
        "timestamp": timezone.now(),
        "ip": facts.address if facts else "",
        "user_agent": facts.user_agent if facts else "",
    }
    get_adapter().send_mail("account/email/email_changed", old_email, context)


def _address_taken() -> Conflict:
    return Conflict(_("This address belongs to another account by now."), code="address_taken")


def _ask(change: EmailChange, side: str, address: str) -> None:
    token = signing.dumps({"change": change.pk, "side": side}, salt=SALT)
    context = {"token": token, "user": change.user, "new_email": change.new_email}
    get_adapter().send_mail(f"account/email/email_change_{side}", address, context)
