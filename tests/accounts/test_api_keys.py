"""API keys: issued, shown once, rotated, revoked; only a digest is kept."""

import hashlib
import re
from collections.abc import Callable

import pytest

from accounts.api_keys import issue_api_key, revoke_api_key, user_for_api_key
from accounts.models import AuditEvent, User
from tests.races import at_once, on_postgresql


def events() -> list[tuple[str, int | None]]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "actor_id"))


def test_key_is_long_and_only_its_digest_is_kept(student: User, written: Callable[[], str]) -> None:
    key = issue_api_key(user=student, by=student)
    assert re.fullmatch(r"pg_[A-Za-z0-9_-]{43}", key)
    student.refresh_from_db()
    assert student.api_key == hashlib.sha256(key.encode()).hexdigest()
    assert key not in written()
    assert str(student.api_key) not in written()


def test_key_finds_its_person_with_the_roles(student: User, instructor: User) -> None:
    keys = {user: issue_api_key(user=user, by=user) for user in (student, instructor)}
    found = user_for_api_key(keys[instructor])
    assert found == instructor
    assert found.is_instructor
    assert user_for_api_key(keys[student]) == student


@pytest.mark.parametrize("key", ["", "pg_", "pg_" + "x" * 43, "\0", "ключ", "pg_" + "x" * 10_000])
def test_unknown_keys_find_nobody(student: User, key: str) -> None:
    assert user_for_api_key(key) is None


def test_digest_is_no_key(student: User) -> None:
    issue_api_key(user=student, by=student)
    student.refresh_from_db()
    assert user_for_api_key(str(student.api_key)) is None


def test_new_key_ends_the_old_one(student: User, admin_user: User) -> None:
    old = issue_api_key(user=student, by=student)
    new = issue_api_key(user=student, by=admin_user)
    assert user_for_api_key(old) is None
    assert user_for_api_key(new) == student
    assert events() == [("api_key.issue", student.pk), ("api_key.rotate", admin_user.pk)]


def test_revoked_key_ends_at_once(student: User) -> None:
    key = issue_api_key(user=student, by=student)
    assert revoke_api_key(user=student, by=student)
    assert user_for_api_key(key) is None
    assert not revoke_api_key(user=student, by=student)
    assert [action for action, _actor in events()] == ["api_key.issue", "api_key.revoke"]


def test_key_of_an_inactive_person_finds_nobody(student: User) -> None:
    key = issue_api_key(user=student, by=student)
    User.objects.filter(pk=student.pk).update(is_active=False)
    assert user_for_api_key(key) is None


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_keys_issued_at_once_one_stays(student: User) -> None:
    keys = at_once(*[lambda: issue_api_key(user=student, by=student)] * 8)
    assert len(set(keys)) == 8
    assert [user_for_api_key(key) for key in keys].count(student) == 1
    assert sorted(action for action, _actor in events()) == ["api_key.issue"] + ["api_key.rotate"] * 7
