"""Who must have a second factor. The one place of this rule; pages, the admin and the API ask it at each request."""

from typing import Any

from django.conf import settings


def needs_second_factor(user: Any) -> bool:
    """Whether this person has to set up a second factor: whoever may open the admin site, as the site decides."""
    if not (user.is_authenticated and user.is_staff):
        return False
    return bool(settings.MFA_REQUIRED_FOR_ADMINS if user.is_admin else settings.MFA_REQUIRED_FOR_INSTRUCTORS)


def lacks_second_factor(user: Any) -> bool:
    """Whether this person counts as nobody until a second factor is set up."""
    return needs_second_factor(user) and not user.has_second_factor
