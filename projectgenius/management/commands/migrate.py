"""`manage.py migrate`, run as the role that owns the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections, models, router

from projectgenius.roles import grant_web_role


class OwnerRouter:
    """Sends everything to the owner's connection, also what a migration does without naming one.

    The web role has no rights to new tables yet, and would wait for the locks of the migration it is part of.
    """

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return "owner"

    db_for_write = db_for_read


@contextmanager
def everything_through(alias: str) -> Iterator[None]:
    """While the block runs, the owner does all of it; for any other connection nothing changes."""
    added = [OwnerRouter()] if alias == "owner" else []
    router.routers[:0] = added
    try:
        yield
    finally:
        del router.routers[: len(added)]


class Command(MigrateCommand):
    """Migrates as the owner where DATABASE_OWNER_URL names one, makes the cache table, and lets the web role in."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner" if "owner" in settings.DATABASES else "default")

    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["database"]
        with everything_through(alias):
            super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"]:
            return
        call_command("createcachetable", database=alias, verbosity=0)
        if alias == "owner":
            grant_web_role(owner=connections["owner"], web_role=settings.DATABASES["default"]["USER"])
