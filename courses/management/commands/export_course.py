"""`manage.py export_course SLUG FILE`"""

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courses.archive import export_course
from courses.models import Course
from projectgenius.errors import Conflict


class Command(BaseCommand):
    help = "Write a course as a ZIP of Markdown and YAML. An existing file is not overwritten."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the last part of the course's address")
        parser.add_argument("file", type=Path, help="where to write the archive")

    def handle(self, *args: Any, slug: str, file: Path, **options: Any) -> None:
        course = Course.objects.filter(slug=slug).first()
        if course is None:
            raise CommandError(f"There is no course with the address {slug!r}.")
        try:
            with export_course(course=course, by=None) as archive, file.open("xb") as out:
                shutil.copyfileobj(archive, out)
        except Conflict as conflict:
            raise CommandError(str(conflict.message)) from conflict
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        self.stdout.write(f"{course.title}: {file.stat().st_size} bytes in {file}.")
