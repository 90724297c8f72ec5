"""What PostgreSQL itself shows to whom, whatever the code above it asks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.signals import connection_created
from django.test import Client

from accounts.audit import set_identity
from accounts.models import User
from assessments.models import CodeRun, QuestionResponse, QuizAttempt
from projectgenius.roles import work_as_system
from projectgenius.row_security import asking_role
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import HelperFactory
from tests.identity import be_the_system_between_requests
from tests.races import on_postgresql

pytestmark = [pytest.mark.django_db(transaction=True), on_postgresql]


@contextmanager
def asking(user: User | None, **kwargs: Any) -> Iterator[None]:
    """Ask the database as `user`; None is somebody without any role, as on a fresh connection."""
    with transaction.atomic():
        if user is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.role', '', true), set_config('app.user_id', '', true)")
        else:
            set_identity(user, **kwargs)
        yield


@pytest.fixture
def attempt(student: User, instructor: User) -> QuizAttempt:
    quiz = make_quiz(kinds="mt", course__instructor=instructor)
    attempt = make_attempt(quiz=quiz, student=student)
    question = quiz.questions.all()[0]
    QuestionResponse.objects.create(attempt=attempt, question=question, response=["b"], version=1)
    CodeRun.objects.create(user=student, question=question, kind="samples", language="python", code="1")
    return attempt


def seen() -> tuple[int, int, int]:
    return (
        QuizAttempt.objects.count(),
        QuestionResponse.objects.count(),
        CodeRun.objects.count(),
    )


def test_nobody_sees_nothing(attempt: QuizAttempt) -> None:
    with asking(None):
        assert seen() == (0, 0, 0)
    assert seen() == (1, 1, 1), "the test itself is the system"


def test_rows_show_to_whom_they_belong(
    attempt: QuizAttempt, student: User, instructor: User, other_instructor: User, admin_user: User
) -> None:
    assistant = UserFactory()
    HelperFactory(course=attempt.quiz.course, user=assistant, role="assistant")
    for user, expected in [
        (student, (1, 1, 1)),
        (UserFactory(), (0, 0, 0)),
        (instructor, (1, 1, 0)),
        (assistant, (1, 1, 0)),
        (other_instructor, (0, 0, 0)),
        (admin_user, (1, 1, 0)),
    ]:
        with asking(user):
            assert seen() == expected, user


def test_stranger_can_neither_change_nor_add_rows(attempt: QuizAttempt, other_instructor: User) -> None:
    with asking(other_instructor):
        assert QuizAttempt.objects.filter(pk=attempt.pk).update(score=100) == 0
        assert QuestionResponse.objects.all().update(response=["a"]) == 0
        for make in (
            lambda: QuizAttempt.objects.create(quiz=attempt.quiz, user=attempt.user, attempt_number=9),
            lambda: QuestionResponse.objects.create(
                attempt_id=attempt.pk, question=attempt.quiz.questions.all()[1], response=["a"]
            ),
        ):
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                make()
    attempt.refresh_from_db()
    assert attempt.score is None


def test_request_asks_as_its_person_alone(
    attempt: QuizAttempt, login: Callable[[User], Client], other_instructor: User, client: Client
) -> None:
    address = f"/admin/assessments/quizattempt/{attempt.pk}/change/"
    assert login(attempt.quiz.course.instructor).get(address).status_code == 200
    assert login(other_instructor).get(address).status_code in (302, 404)
    assert client.get("/").status_code == 200
    assert seen() == (1, 1, 1)


def test_owner_of_the_tables_is_held_too(attempt: QuizAttempt) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname"
        )
        assert [row[0] for row in cursor.fetchall()] == ["code_runs", "question_responses", "quiz_attempts"]


def test_commands_work_as_the_system() -> None:
    connection_created.disconnect(dispatch_uid="tests.identity")  # which makes every connection the system's
    try:
        connection.close()
        assert asking_role() == ""
        work_as_system()
        connection.close()
        assert asking_role() == "system"
    finally:
        connection_created.disconnect(dispatch_uid="work_as_system")
        be_the_system_between_requests()
        connection.close()
