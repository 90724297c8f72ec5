"""Passwords of the first ProjectGenius: they work, however long, and become our own kind at the first sign-in."""

from collections.abc import Callable
from typing import Any

import bcrypt
import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.http import HttpResponse
from django.test import Client

from accounts.hashers import TruncatingBCryptPasswordHasher
from accounts.models import User
from projectgenius import settings as site_settings
from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.slow
LONG = "a-password-of-more-than-seventy-two-bytes-" + "ü" * 30
ROUNDS = 4  # the least that bcrypt takes


@pytest.fixture(autouse=True)
def _real_hashers(settings: Any) -> None:
    settings.PASSWORD_HASHERS = site_settings.PASSWORD_HASHERS


def adopted(password: str) -> str:
    """A hash as the first ProjectGenius made it, stored as Django names it."""
    return "bcrypt$" + bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(ROUNDS)).decode()


@pytest.mark.parametrize("password", ["short", "x" * 72, "x" * 73, LONG, "ünïcödé", "p" * 71 + "ü"])
def test_adopted_hash_knows_its_password(password: str) -> None:
    encoded = adopted(password)
    assert identify_hasher(encoded).algorithm == "bcrypt"
    assert check_password(password, encoded)
    assert not check_password("y" + password[1:], encoded)
    assert not check_password("", encoded)


def test_adopted_hash_reads_72_bytes_as_it_always_did() -> None:
    assert check_password("x" * 72 + "another end", adopted("x" * 72 + "one end"))


def test_new_passwords_count_to_their_last_letter() -> None:
    encoded = make_password("x" * 72 + "one end")
    assert encoded.startswith("bcrypt_sha256$")
    assert check_password("x" * 72 + "one end", encoded)
    assert not check_password("x" * 72 + "another end", encoded)


def test_hasher_makes_hashes_of_any_length() -> None:
    hasher = TruncatingBCryptPasswordHasher()
    assert hasher.verify(LONG, hasher.encode(LONG, bcrypt.gensalt(ROUNDS)))


def test_sign_in_turns_the_hash_into_our_own_kind(
    client: Client, sign_in: Callable[..., HttpResponse], db: None
) -> None:
    user = UserFactory(username="adopted")
    User.objects.update(password=adopted(LONG))
    assert sign_in(client, "adopted", "not-" + LONG).status_code == 200
    user.refresh_from_db()
    assert user.password.startswith("bcrypt$")
    assert sign_in(client, "adopted", LONG).status_code == 302
    user.refresh_from_db()
    assert user.password.startswith("bcrypt_sha256$")
    assert client.get("/home/").status_code == 200
    assert sign_in(Client(), "adopted", LONG).status_code == 302
    assert not check_password(LONG[:-1], user.password), "now the whole of it counts"
