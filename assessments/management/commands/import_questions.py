"""`manage.py import_questions FILE --quiz ID --by NAME`"""

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from assessments.interchange.drafts import Format
from assessments.interchange.imports import counted, import_file
from assessments.models import Quiz


class Command(BaseCommand):
    help = "Add the questions of a GIFT, Moodle XML or CSV file to a quiz, or say what would become of each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file")
        parser.add_argument("--quiz", type=int, required=True, help="the id of the quiz")
        parser.add_argument(
            "--by", required=True, help="the user name of who imports; one who edits the course"
        )
        parser.add_argument(
            "--format", choices=Format.values, default="", help="if the file's name does not tell it"
        )
        parser.add_argument(
            "--repeated", action="store_true", help="also take questions that are there already"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would come of it")

    def handle(
        self, *args: Any, file: Path, quiz: int, by: str, dry_run: bool, repeated: bool, **options: Any
    ) -> None:
        target = Quiz.objects.select_related("course").filter(pk=quiz).first()
        if target is None:
            raise CommandError(f"There is no quiz {quiz}.")
        person = User.objects.with_roles().filter(username=by, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no user {by!r}.")
        how = {"format": options["format"], "is_dry_run": dry_run, "takes_repeated": repeated}
        try:
            findings = import_file(path=file, quiz=target, by=person, **how)
        except ValidationError as error:
            raise CommandError("Nothing was imported.\n" + "\n".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        for finding in findings:
            words = ": ".join(filter(None, [finding.name, finding.message]))
            self.stdout.write(f"line {finding.line}: {finding.kind.value}: {words}")
        counts = ", ".join(f"{kind}: {count}" for kind, count in counted(findings).items())
        self.stdout.write(f"{'Would import into' if dry_run else 'Imported into'} {target.title} ({counts}).")
