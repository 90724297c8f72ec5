"""`manage.py import_users FILE --by NAME [--dry-run]`: people out of a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User, UserImport
from accounts.people_import import take_in, work_through


class Command(BaseCommand):
    """Does at once what the page of the admin site does in the background."""

    help = (
        "Adds people out of a CSV file with the columns username, email, full_name, language, time_zone and role "
        "(student or instructor). Each new person gets a mail to choose a password; who is there already stays as is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file, in UTF-8")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument(
            "--by", default="", help="username of the administrator who does it (default: the first)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            file = ContentFile(path.read_bytes(), name=path.name)
            run = take_in(file=file, by=_administrator(options["by"]), is_dry_run=options["dry_run"])
        except (OSError, ValidationError, PermissionDenied) as error:
            reason = error.messages[0] if isinstance(error, ValidationError) else str(error)
            raise CommandError(reason) from None
        self.tell(work_through(run_id=run.pk))

    def tell(self, run: UserImport) -> None:
        """The report, a line each, and the counts."""
        for entry in run.report:
            self.stderr.write(": ".join(entry[part] for part in ("place", "field", "message") if entry[part]))
        for name, count in run.counts.items():
            self.stdout.write(f"{name}: {count}")
        if run.status == run.Status.FAILED:
            raise CommandError("The file was not imported.")


def _administrator(username: str) -> User:
    people = User.objects.active().filter(is_admin=True).order_by("pk")
    person = (people.filter(username=username.lower()) if username else people).first()
    if person is None:
        raise CommandError("There is no such administrator. Make one first: manage.py createsuperuser")
    return person
