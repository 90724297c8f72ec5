"""`manage.py rebuild_quiz_analytics [--quiz ID]`"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.analytics import rebuild_quiz_analytics
from assessments.models import Quiz


class Command(BaseCommand):
    help = "Work the figures of quizzes out anew from their attempts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiz", type=int, help="the number of one quiz; without it, all are worked out")

    def handle(self, *args: Any, quiz: int | None = None, **options: Any) -> None:
        quizzes = Quiz.objects.order_by("pk")
        if quiz is not None:
            quizzes = quizzes.filter(pk=quiz)
            if not quizzes.exists():
                raise CommandError(f"There is no quiz with the number {quiz}.")
        count = 0
        for found in quizzes.iterator(chunk_size=100):
            rebuild_quiz_analytics(quiz=found)
            count += 1
        self.stdout.write(f"Worked out: {count}.")
