"""What a person may be, and may do to people."""

from typing import Any


def is_instructor(user: Any) -> bool:
    """May make courses."""
    return bool(user.is_authenticated and user.is_active and (user.is_instructor or user.is_admin))


def is_back_office(user: Any) -> bool:
    """May open the admin site; says nothing of any row."""
    return bool(user.is_authenticated and user.is_staff)


def can_manage_users(user: Any) -> bool:
    """May change people's roles and state."""
    return bool(user.is_authenticated and user.is_active and user.is_admin)


def can_manage_site(user: Any) -> bool:
    """May change what belongs to no course: achievements, challenges, the queue."""
    return bool(user.is_authenticated and user.is_active and user.is_admin)


def can_read_profile(user: Any, person: Any) -> bool:
    """Every field of a person's profile: oneself and administrators; others who see the row see less."""
    return bool(user.is_authenticated and (user.is_admin or user.pk == person.pk))
