"""Making accounts by other ways than the sign-up page: the demo, imports, adoption."""

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.audit import record_event
from accounts.models import INSTRUCTORS, User


@transaction.atomic
def register_person(
    *,
    username: str,
    email: str,
    full_name: str = "",
    bio: str = "",
    language: str = "",
    time_zone: str = "",
    password_hash: str,
    is_instructor: bool = False,
    is_admin: bool = False,
    by: User | None = None,
) -> User:
    """Make an account whose address counts as confirmed. `password_hash` is Django's encoded form; `by` is who made it.

    Raises ValidationError that names the field when a value cannot be used.
    """
    user = User(
        username=username.lower(),
        email=email,
        full_name=full_name or None,
        bio=bio or None,
        language=language,
        time_zone=time_zone,
        is_admin=is_admin,
        email_verified=True,
        password=password_hash,
    )
    user.full_clean(exclude=["password"])
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if is_instructor:
        group, _created = Group.objects.get_or_create(name=INSTRUCTORS)
        user.groups.add(group)
    record_event(
        "account.create", actor=by, row=user, after={"is_admin": is_admin, "is_instructor": is_instructor}
    )
    return user
