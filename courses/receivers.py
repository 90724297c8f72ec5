"""What courses do when news comes: a person was erased."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import person_erased
from courses.accommodations import forget_reasons


@receiver(person_erased)
def forget_why_more_was_given(*, user: User, **_kwargs: Any) -> None:
    """The figures belong to the results; why they were given is often about somebody's health."""
    forget_reasons(user=user)
