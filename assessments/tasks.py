"""Periodic work on quizzes. Each can be run twice without harm."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from assessments import judge
from assessments.analytics import refresh_due_quizzes
from assessments.attempts import close_ended
from assessments.completion import complete_lessons, complete_released
from assessments.interchange.imports import forget_old_files
from assessments.judge_states import judge_what_waited
from assessments.judging import QUEUE, give_up_lost
from assessments.runs import forget_old_runs
from projectgenius.background.schedule import periodic

LOOK_FIRST = 20  # before all programs, however long their queue


@periodic(every=timedelta(minutes=1))
@task(queue_name=QUEUE, priority=LOOK_FIRST)
def look_at_judge() -> None:
    """Ask the judge again about what came while it could not run anything."""
    if judge.status().is_on:
        judge_what_waited()


@periodic(every=timedelta(minutes=1), offset=timedelta(seconds=30))
@task
def give_up_lost_runs() -> int:
    """End the runs whose tasks have failed for good, such as programs that took their worker down each time."""
    return give_up_lost()


@periodic(every=timedelta(days=1), offset=timedelta(hours=5))
@task
def forget_code_runs() -> None:
    """Delete runs on samples and own input after a while."""
    forget_old_runs()


@periodic(every=timedelta(minutes=1))
@task
def close_ended_attempts() -> int:
    """Grade and close the attempts whose time is over. Who reads one before finds it closed too."""
    return close_ended()


@task()
def complete_quiz_lessons(lesson_ids: list[int]) -> int:
    """Complete the lessons of a changed quiz for all who have passed what is on them now."""
    return complete_lessons(lesson_ids=lesson_ids)


@periodic(every=timedelta(minutes=5))
@task
def complete_released_lessons() -> int:
    """Complete the lessons of quizzes whose results have appeared since yesterday."""
    return complete_released(since=timezone.now() - timedelta(days=1))


@periodic(every=timedelta(days=1), offset=timedelta(hours=4, minutes=40))
@task
def forget_question_files() -> int:
    """Delete the files of imports of questions that nobody finished within a week."""
    return forget_old_files()


@periodic(every=timedelta(minutes=1), offset=timedelta(seconds=15))
@task
def refresh_quiz_figures() -> int:
    """Take the attempts that changed into their quizzes' figures."""
    return refresh_due_quizzes()
