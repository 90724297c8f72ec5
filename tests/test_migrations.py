"""Migrations run forward, back and forward again, in order, and say all that the models say."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

TOLD_NAME = re.compile(r"\d{4}_[a-z][a-z0-9_]*")
# Names that Django makes up when nobody gives one.
MADE_UP_NAME = re.compile(r"_auto_|_initial$|_merge_|_and_more$|_squashed_")

MIGRATIONS = MigrationLoader(None).disk_migrations


def history(label: str) -> list[str]:
    """The names of an app's migrations, in the order of their numbers."""
    return sorted(name for app, name in MIGRATIONS if app == label)


def is_ours(config: AppConfig) -> bool:
    """Whether an app is the project's own, not an installed package's."""
    path = Path(config.path)
    return path.is_relative_to(settings.BASE_DIR) and ".venv" not in path.parts


OWN_APPS = [config for config in apps.get_app_configs() if is_ours(config)]
LABELS = [config.label for config in OWN_APPS if history(config.label)]


def test_every_app_with_models_has_migrations() -> None:
    assert {config.label for config in OWN_APPS if list(config.get_models())} <= set(LABELS)


@pytest.mark.parametrize("label", LABELS)
def test_migrations_have_told_names(label: str) -> None:
    assert not [name for name in history(label) if not TOLD_NAME.fullmatch(name) or MADE_UP_NAME.search(name)]


@pytest.mark.parametrize("label", LABELS)
def test_history_is_one_line(label: str) -> None:
    """Numbers without a gap, and each migration after the one before it and after no other of its app."""
    names = history(label)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    parents = {
        name: [parent for app, parent in MIGRATIONS[label, name].dependencies if app == label]
        for name in names
    }
    assert parents == {names[0]: []} | {later: [earlier] for earlier, later in pairwise(names)}


@pytest.mark.django_db(databases="__all__")
def test_models_hold_nothing_that_no_migration_has(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, interactive=False, no_color=True)
    except SystemExit:
        pytest.fail(f"makemigrations has something to do:\n{capsys.readouterr().out}")


@dataclass(frozen=True)
class Database:
    """A database beside the one that the tests run on."""

    address: str
    connection: BaseDatabaseWrapper

    def migrate(self, *arguments: str) -> None:
        """Run the command as somebody who installs the site does."""
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate", *arguments, "--skip-checks", "--verbosity=0"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": self.address,
                "DATABASE_OWNER_URL": "",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"migrate {' '.join(arguments)}\n{done.stderr}"

    def applied(self) -> set[tuple[str, str]]:
        """The migrations of the project's apps that it has."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            return {(label, name) for label, name in cursor.fetchall() if label in LABELS}

    def tables(self) -> set[str]:
        """The names of its tables."""
        return set(self.connection.introspection.table_names())


@pytest.fixture
def empty_database(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Database]:
    """A database with nothing in it, on the engine that the tests run on; gone at the end."""
    server = connections["owner" if "owner" in connections else "default"]
    on_server = server.vendor == "postgresql"
    if on_server:
        name = f"migrations_{uuid4().hex[:12]}"
        base = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
        address = urlsplit(base)._replace(path=f"/{name}").geturl()
    else:
        name = str(tmp_path / "empty.sqlite3")
        address = f"sqlite:///{name}"
    connection = ConnectionHandler({"default": {**server.settings_dict, "NAME": name}})["default"]
    with django_db_blocker.unblock():
        if on_server:
            with server._nodb_cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield Database(address, connection)
        finally:
            connection.close()
            if on_server:
                with server._nodb_cursor() as cursor:
                    cursor.execute(f"DROP DATABASE {name}")


@pytest.mark.slow
def test_all_migrations_run_forward_back_and_forward_again(empty_database: Database) -> None:
    everything = {(label, name) for label in LABELS for name in history(label)}
    ours = {table for config in OWN_APPS for table in tables(config)}
    others = {
        table for config in apps.get_app_configs() if config not in OWN_APPS for table in tables(config)
    }

    empty_database.migrate()
    assert empty_database.applied() == everything
    assert ours <= empty_database.tables()

    for label in LABELS:  # accounts takes all that build on it along
        if label in {app for app, _ in empty_database.applied()}:
            empty_database.migrate(label, "zero")
    assert empty_database.applied() == set()
    assert empty_database.tables() <= others | {"django_migrations"}

    empty_database.migrate()
    assert empty_database.applied() == everything
    assert ours <= empty_database.tables()


def tables(config: AppConfig) -> set[str]:
    """The tables that an app's models ask for."""
    return {model._meta.db_table for model in config.get_models(include_auto_created=True)}
