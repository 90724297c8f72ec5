"""Reads settings from the environment; a wrong or missing value is one clear sentence."""

import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def flag(name: str, default: bool) -> bool:
    """A yes or no; anything else is refused rather than taken for no."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in TRUE + FALSE:
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}.")
    return value in TRUE


def text(name: str, default: str | None = None, *, why: str = "") -> str:
    """A text; without a default it must be there, and `why` says what it is for."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set: {why} See .env.example.")
    return default


def number(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number of at least {least}, not {value!r}.")
    return int(value)


def words(name: str, default: list[str] | None = None) -> list[str]:
    """Texts separated by commas."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or list(default or [])


def hosts(name: str) -> list[str]:
    """Hosts separated by commas, such as video.example.org or media.example.org:8443; none by default."""
    found = [word.lower() for word in words(name)]
    for host in found:
        if not re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[1-9]\d{0,4})?", host):
            raise ImproperlyConfigured(
                f"{name} must name hosts such as video.example.org, separated by commas, not {host!r}."
            )
    return found


def secret_keys(name: str) -> list[str]:
    """Fernet keys separated by commas: 32 bytes each in the letters of base64 for addresses. Never repeated."""
    keys = words(name)
    for key in keys:
        try:
            is_key = len(urlsafe_b64decode(key.encode())) == 32
        except ValueError:
            is_key = False
        if not is_key:
            raise ImproperlyConfigured(f"{name} holds something that is not a key. See .env.example.")
    return keys


def chosen(name: str, default: str, allowed: Iterable[str]) -> str:
    """One of the allowed texts, in any case."""
    value = text(name, default)
    known = {one.lower(): one for one in allowed}
    if value.lower() not in known:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(known.values())}, not {value!r}.")
    return known[value.lower()]


def shaped(name: str, default: str, shape: str, *, such_as: str) -> str:
    """A text that the regular expression `shape` describes."""
    value = text(name, default)
    if not re.fullmatch(shape, value):
        raise ImproperlyConfigured(f"{name} must be {such_as}, not {value!r}.")
    return value


def time_zone(name: str, default: str) -> str:
    """The name of a time zone."""
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # a name of nothing, or one that leads out of the list
        raise ImproperlyConfigured(
            f"{name} must be a time zone such as Europe/Berlin, not {value!r}."
        ) from None
    return value


def folder(name: str, default: str) -> Path:
    """A folder that is there afterwards."""
    path = Path(text(name, default))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name} cannot be made at {path}: {error.strerror}.") from None
    return path


def address(name: str, value: str, read: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What django-environ's `read` makes of an address such as smtp://host:25. It may hold a password: not repeated."""
    try:
        return read(value)
    except (ImproperlyConfigured, KeyError, TypeError, ValueError):
        raise ImproperlyConfigured(f"{name} is not an address of a known kind. See .env.example.") from None


def origin(name: str, default: str | None, *, why: str) -> str:
    """The address of a site without a path, such as https://learn.example.org."""
    value = text(name, default, why=why).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
        raise ImproperlyConfigured(
            f"{name} must be an address such as https://learn.example.org, not {value!r}."
        )
    return value


def database(name: str, default: str = "") -> dict[str, object]:
    """Django's settings for the database at the address in `name`; SQLite or PostgreSQL."""
    value = os.environ.get(name, "").strip() or default
    if not value.startswith(("postgresql://", "postgres://", "sqlite://")):
        raise ImproperlyConfigured(f"{name} must start with postgresql:// or sqlite:///.")
    try:
        found: dict[str, object] = dict(env.db_url_config(value))
    except Exception as error:
        raise ImproperlyConfigured(f"{name} is not a database address: {error}.") from None
    if not found.get("NAME"):
        raise ImproperlyConfigured(f"{name} names no database.")
    return found
