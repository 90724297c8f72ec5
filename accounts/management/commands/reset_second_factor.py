"""Take a person's second factor away, for the last administrator who has lost it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.second_factor_reset import reset_second_factor


class Command(BaseCommand):
    help = (
        "Remove all second factors and recovery codes of a person, who sets up new ones at the next sign-in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login", help="username or e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.named(options["login"]).first()
        if user is None:
            raise CommandError("Nobody has this username or address.")
        if not reset_second_factor(user=user, by=None):
            raise CommandError(f"{user} has no second factor.")
        self.stdout.write(f"Removed. {user} is signed out everywhere.")
