"""`manage.py demo`"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from projectgenius.demo.loading import load_demo


class Command(BaseCommand):
    help = "Add the demo's people and courses, where they are missing; nothing is overwritten."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--migrate", action="store_true", help="Bring the database up to date first, in the same process."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Refused on a site that is not a demo: its log-ins are known to everybody."""
        if not settings.DEMO:
            raise CommandError("This site is not a demo: set DEMO=True to load the demo content.")
        if options["migrate"]:
            call_command("migrate", verbosity=0)
        try:
            load_demo(self.stdout.write)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
