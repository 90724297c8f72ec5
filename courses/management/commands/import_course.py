"""`manage.py import_course FILE --instructor NAME`"""

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from courses.course_imports import import_file


class Command(BaseCommand):
    help = "Make a new course of a ZIP of Markdown and YAML. No course that is there is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument("--instructor", required=True, help="the user name of who will own the course")
        parser.add_argument("--dry-run", action="store_true", help="only say what would come of it")

    def handle(self, *args: Any, file: Path, instructor: str, dry_run: bool, **options: Any) -> None:
        owner = User.objects.filter(username=instructor).first()
        if owner is None:
            raise CommandError(f"There is no user {instructor!r}.")
        try:
            made = import_file(path=file, by=owner, is_dry_run=dry_run)
        except ValidationError as error:
            raise CommandError("Nothing was imported.\n" + "\n".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        rows = ", ".join(f"{name}: {count}" for name, count in made.counts.items())
        self.stdout.write(f"{'Would import' if dry_run else 'Imported'} {made.course.slug} ({rows}).")
        for note in made.notes:
            self.stdout.write(f"{note.place}: {note.message}")
