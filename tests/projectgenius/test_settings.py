"""Each wrong or missing setting ends the start with one sentence that names it; the example file names them all."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
SETTINGS = (ROOT / "projectgenius" / "settings.py").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
READERS = "flag|text|number|words|origin|database|chosen|shaped|time_zone|folder|hosts|secret_keys"
READ = set(re.findall(rf'\b(?:{READERS})\(\s*"([A-Z_]+)"', SETTINGS))

PRODUCTION = {
    "SECRET_KEY": "a-secret-for-tests-alone-that-protects-nothing-at-all-0123456789",
    "SITE_URL": "https://learn.example.org",
    "ALLOWED_HOSTS": "learn.example.org",
    "EMAIL_URL": "smtp://mail.example.org:25",
}
POSTGRESQL = "postgresql://web@127.0.0.1:1/name"


def python(*words: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with production's settings, some of them changed; an empty one counts as not set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # Set, but empty: a file .env beside the code does not come in.
    nothing = dict.fromkeys(READ, "")
    return subprocess.run(
        [sys.executable, *words],
        check=False,
        cwd=ROOT,
        env={**kept, **nothing, **PRODUCTION, **changed, "DJANGO_SETTINGS_MODULE": "projectgenius.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def check(*words: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """Run `manage.py check`."""
    return python("manage.py", "check", *words, **changed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set: it signs sessions and links"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 40 characters."),
        ({"SITE_URL": ""}, "SITE_URL is not set: mails and certificates need the site's own address."),
        ({"SITE_URL": "learn.example.org"}, "SITE_URL must be an address such as https://learn.example.org"),
        ({"SITE_URL": "https://learn.example.org/app"}, "SITE_URL must be an address such as"),
        ({"SITE_URL": "http://learn.example.org"}, "SITE_URL must start with https://"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is not set"),
        ({"DEBUG": "maybe"}, "DEBUG must be True or False, not 'maybe'."),
        ({"DEMO": "2"}, "DEMO must be True or False, not '2'."),
        ({"DEMO": "on"}, "DEMO is for this machine alone: ALLOWED_HOSTS may name 127.0.0.1 and localhost only."),
        ({"DATABASE_URL": "mysql://u:hidden@host/name"}, "DATABASE_URL must start with postgresql://"),
        ({"DATABASE_URL": "projectgenius.sqlite3"}, "DATABASE_URL "),
        ({"DATABASE_URL": "postgresql://u:hidden@host:port/name"}, "DATABASE_URL is not a database address"),
        ({"DATABASE_URL": "postgresql://u:hidden@host"}, "DATABASE_URL names no database."),
        ({"DATABASE_URL": POSTGRESQL, "DATABASE_OWNER_URL": "mysql://h/n"}, "DATABASE_OWNER_URL must start with"),
        ({"DATABASE_URL": POSTGRESQL, "DATABASE_POOL_SIZE": "many"}, "DATABASE_POOL_SIZE must be a whole number"),
        ({"DATABASE_URL": POSTGRESQL, "DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE must be a whole number"),
        ({"EMAIL_URL": ""}, "EMAIL_URL is not set: mails have to go out somewhere."),
        ({"EMAIL_URL": "pigeon://hidden@loft"}, "EMAIL_URL "),
        ({"CACHE_URL": "stone://hidden@tablet"}, "CACHE_URL "),
        ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT must be a whole number of at least 0, not '-1'."),
        ({"HSTS_SECONDS": "soon"}, "HSTS_SECONDS must be a whole number"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL "),
        ({"TIME_ZONE": "Mars/Base"}, "TIME_ZONE "),
        ({"LANGUAGE_CODE": "xx"}, "LANGUAGE_CODE "),
        ({"CURRENCY": "EURO"}, "CURRENCY "),
        ({"API_RATE_ANONYMOUS": "often"}, "API_RATE_ANONYMOUS "),
        ({"API_RATE_PERSON": "600"}, "API_RATE_PERSON "),
        ({"MFA_ENCRYPTION_KEYS": "hidden"}, "MFA_ENCRYPTION_KEYS holds something that is not a key."),
        ({"VAR_DIR": "/proc/nothing/var"}, "VAR_DIR "),
    ],
    ids=lambda value: "-".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else "",
)  # fmt: skip
def test_wrong_setting_ends_the_start_with_one_sentence(
    tmp_path: Path, changed: dict[str, str], sentence: str
) -> None:
    done = check(**{"VAR_DIR": str(tmp_path), **changed})
    assert done.returncode == 1, done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"manage.py: {sentence}")
    assert "hidden" not in line, "an address may hold a password"
    assert len(line) < 250


@pytest.mark.slow
def test_production_passes_djangos_own_checks(tmp_path: Path) -> None:
    done = check("--deploy", "--fail-level", "WARNING", VAR_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("switch", ["DEMO", "DEBUG"])
def test_laptop_needs_few_settings(tmp_path: Path, switch: str) -> None:
    nothing = dict.fromkeys(PRODUCTION, "")
    secret = PRODUCTION["SECRET_KEY"] if switch == "DEMO" else ""
    done = check(**{**nothing, "VAR_DIR": str(tmp_path), "SECRET_KEY": secret, switch: "on"})
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_server_refuses_to_start_with_the_same_sentence(tmp_path: Path) -> None:
    done = python("-c", "import projectgenius.wsgi", VAR_DIR=str(tmp_path), SECRET_KEY="")
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("ProjectGenius cannot start: SECRET_KEY is not set")


def test_example_file_names_every_setting_and_no_other() -> None:
    named = set(re.findall(r"^# ([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert len(READ) > 20
    assert named == READ


def test_settings_ask_the_environment_in_no_other_way() -> None:
    assert "os.environ" not in SETTINGS
    assert not re.findall(r"\benv(?:\.\w+)?\(\s*[\"']", SETTINGS)
