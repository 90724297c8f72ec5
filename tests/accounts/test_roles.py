"""Who may decide about people's roles, what is refused, and what is logged."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEvent, User
from accounts.roles import change_admin_flag, end_instructor, make_instructor, set_active
from courses.models import Course
from projectgenius.errors import Conflict
from tests.accounts.factories import AdminFactory
from tests.races import at_once, on_postgresql

ACTS: list[Callable[..., Any]] = [
    lambda user, by: make_instructor(user=user, by=by),
    lambda user, by: end_instructor(user=user, by=by),
    lambda user, by: change_admin_flag(user=user, is_admin=True, by=by),
    lambda user, by: set_active(user=user, is_active=False, by=by),
]


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def logged() -> list[tuple[str, Any, Any]]:
    events = AuditEvent.objects.filter(action__startswith="role.").order_by("id")
    return [(event.action, event.before, event.after) for event in events]


@pytest.mark.parametrize("act", ACTS)
def test_only_an_administrator_decides(act: Callable[..., Any], student: User, instructor: User) -> None:
    for by in (student, instructor):
        with pytest.raises(PermissionDenied):
            act(student, by)
    assert not logged()


def test_admin_makes_and_ends_an_instructor(student: User, admin_user: User) -> None:
    assert make_instructor(user=student, by=admin_user)
    assert fresh(student).is_instructor
    assert not make_instructor(user=student, by=admin_user)
    assert end_instructor(user=student, by=admin_user)
    assert not fresh(student).is_instructor
    assert not end_instructor(user=student, by=admin_user)
    assert logged() == [
        ("role.grant", {"instructor": False}, {"instructor": True}),
        ("role.revoke", {"instructor": True}, {"instructor": False}),
    ]


def test_instructor_with_courses_stays_one(instructor: User, course: Course, admin_user: User) -> None:
    with pytest.raises(Conflict) as refused:
        end_instructor(user=instructor, by=admin_user)
    assert refused.value.code == "teaches_courses"
    assert "1 course." in str(refused.value.message)
    assert fresh(instructor).is_instructor


def test_admin_makes_and_ends_another_admin(student: User, admin_user: User) -> None:
    assert change_admin_flag(user=student, is_admin=True, by=admin_user)
    assert fresh(student).is_admin
    assert not change_admin_flag(user=student, is_admin=True, by=admin_user)
    assert change_admin_flag(user=student, is_admin=False, by=admin_user)
    assert not fresh(student).is_admin
    assert [action for action, _before, _after in logged()] == ["role.grant", "role.revoke"]


def test_nobody_ends_the_own_admin_rights(admin_user: User) -> None:
    AdminFactory()
    with pytest.raises(Conflict) as refused:
        change_admin_flag(user=admin_user, is_admin=False, by=admin_user)
    assert refused.value.code == "own_admin_flag"
    assert fresh(admin_user).is_admin
    assert not logged()


def test_last_admin_stays(admin_user: User) -> None:
    """`by` acts on what was true when the request came in: meanwhile the own flag went."""
    last = AdminFactory()
    User.objects.filter(pk=admin_user.pk).update(is_admin=False)
    for act in (
        lambda: change_admin_flag(user=last, is_admin=False, by=admin_user),
        lambda: set_active(user=last, is_active=False, by=admin_user),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "last_admin"
    assert fresh(last).is_admin
    assert fresh(last).is_active


def test_an_inactive_admin_does_not_count(admin_user: User) -> None:
    last = AdminFactory()
    User.objects.filter(pk=admin_user.pk).update(is_active=False)
    with pytest.raises(Conflict) as refused:
        change_admin_flag(user=last, is_admin=False, by=admin_user)
    assert refused.value.code == "last_admin"


def test_admin_deactivates_and_activates(student: User, admin_user: User) -> None:
    assert set_active(user=student, is_active=False, by=admin_user)
    assert not fresh(student).is_active
    assert not set_active(user=student, is_active=False, by=admin_user)
    assert set_active(user=student, is_active=True, by=admin_user)
    assert logged() == [
        ("role.deactivate", {"is_active": True}, {"is_active": False}),
        ("role.activate", {"is_active": False}, {"is_active": True}),
    ]


def test_nobody_deactivates_oneself(admin_user: User) -> None:
    AdminFactory()
    with pytest.raises(Conflict) as refused:
        set_active(user=admin_user, is_active=False, by=admin_user)
    assert refused.value.code == "own_account"
    assert fresh(admin_user).is_active


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_end_each_other_at_once() -> None:
    for number in range(5):
        one, two = AdminFactory(username=f"one{number}"), AdminFactory(username=f"two{number}")
        User.objects.exclude(pk__in=[one.pk, two.pk]).update(is_admin=False)
        results = at_once(
            lambda one=one, two=two: change_admin_flag(user=one, is_admin=False, by=two),
            lambda one=one, two=two: change_admin_flag(user=two, is_admin=False, by=one),
        )
        assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
        assert User.objects.filter(is_admin=True).count() == 1
