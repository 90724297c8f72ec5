"""`manage.py export_questions QUIZ FILE`"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from assessments.interchange.drafts import FileFault, Format
from assessments.interchange.exports import export_questions
from assessments.interchange.reading import format_of
from assessments.models import Quiz


class Command(BaseCommand):
    help = "Write the questions of a quiz as GIFT, Moodle XML or CSV. An existing file is not overwritten."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("quiz", type=int, help="the id of the quiz")
        parser.add_argument("file", type=Path, help="where to write them")
        parser.add_argument(
            "--format", choices=Format.values, default="", help="if the file's name does not tell it"
        )

    @transaction.atomic
    def handle(self, *args: Any, quiz: int, file: Path, **options: Any) -> None:
        target = Quiz.objects.filter(pk=quiz).first()
        if target is None:
            raise CommandError(f"There is no quiz {quiz}.")
        try:
            known = options["format"] or format_of(file.name)
            exported = export_questions(quiz=target, format=known, by=None)
            with file.open("x", encoding="utf-8", newline="") as out:
                out.write(exported.text)
        except FileFault as fault:
            raise CommandError(fault.messages[0]) from fault
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        for draft in exported.left_out:
            self.stderr.write(f"Left out, for {known} holds no programs: {draft.name}")
        self.stdout.write(f"{target.title}: {file.stat().st_size} bytes in {file}.")
