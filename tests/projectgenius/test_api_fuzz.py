"""Generated requests against the API: no server error, and every answer as the description says."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from rest_framework.views import APIView
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.api_keys import issue_api_key
from accounts.models import InstructorRequest, User
from assessments.attempts import save_response
from assessments.models import QuizAnalytics, QuizAvailability
from courses.models import Accommodation, Course, CourseEnrollment, Lesson, VideoPosition
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import (
    CompletionFactory,
    ModuleProgressFactory,
    ResourceFactory,
)
from tests.projectgenius.admin_rows import course_rows, site_rows

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 7  # for each operation, mode and caller; the whole run takes less than a minute of work
CSRF = "c" * 32
PARENTS = ("course", "module", "lesson", "quiz", "question", "attempt")  # what bodies name by its id

pytestmark = pytest.mark.slow


@pytest.fixture
def rows(course: Course, enrolled_student: User) -> dict[str, int]:
    """A row of each table, by the name that a path or a body has for it; some generated requests aim at them."""
    place = CourseEnrollment.objects.get(student=enrolled_student)
    module = course.modules.get(order_index=1)
    lesson = Lesson.objects.get(module=module, is_preview=True)
    more = {
        **course_rows(course.instructor, enrolled_student, "more", into=course),
        **site_rows(enrolled_student, "more"),
    }
    quiz = make_quiz(kinds="mstec", course=course, max_attempts=2)
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    question = quiz.questions.all()[0]
    answer = save_response(attempt=attempt, question_id=question.pk, response=["b"], version=1).response
    made = {str(model._meta.db_table).replace("_", "-"): row.pk for model, row in more.items()}
    return {
        **made,
        "sessions": 0,
        "video-positions": VideoPosition.objects.create(
            student=enrolled_student, lesson=lesson, seconds=9
        ).pk,
        "users": enrolled_student.pk,
        "courses": course.pk,
        "modules": module.pk,
        "lessons": lesson.pk,
        "lesson-resources": ResourceFactory(lesson=lesson).pk,
        "course-enrollments": place.pk,
        "module-progress": ModuleProgressFactory(enrollment=place, module=module).pk,
        "lesson-completions": CompletionFactory(student=enrolled_student, lesson=lesson).pk,
        "instructor-requests": more[InstructorRequest].pk,
        "quizzes": quiz.pk,
        "quiz-availability": QuizAvailability.objects.create(quiz=quiz).pk,
        "questions": question.pk,
        "coding-questions": quiz.questions.get(question_type="coding").pk,
        "quiz-attempts": attempt.pk,
        "question-responses": answer.pk,
        "question-exports": quiz.pk,
        "accommodations": Accommodation.objects.get_or_create(
            enrollment=place, defaults={"given_by": course.instructor}
        )[0].pk,
        "quiz-analytics": QuizAnalytics.objects.create(quiz=quiz).pk,
        "quiz": quiz.pk,
        "question": question.pk,
        "attempt": attempt.pk,
        "course": course.pk,
        "module": module.pk,
        "lesson": Lesson.objects.get(title="Lesson 2.2").pk,
    }


def session_of(user: User) -> dict[str, dict[str, str]]:
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF}
    return {"cookies": cookies, "headers": {"X-CSRFToken": CSRF}}


@pytest.fixture(params=["student's key", "instructor's session", "administrator's session"])
def caller(
    request: pytest.FixtureRequest, course: Course, enrolled_student: User, admin_user: User
) -> dict[str, dict[str, str]]:
    """How the caller shows who it is: headers and cookies."""
    if request.param == "student's key":
        return {"headers": {"X-API-Key": issue_api_key(user=enrolled_student, by=enrolled_student)}}
    return session_of(course.instructor if request.param == "instructor's session" else admin_user)


@pytest.fixture
def application() -> Iterator[WSGIHandler]:
    """The site as a server calls it, but on the test's own connection, which a new request would close."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield get_wsgi_application()
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def aim(case: Any, rows: dict[str, int]) -> None:
    """Turn a request for any row into one for a row that is there."""
    table = case.operation.path.removeprefix("/api/v1/").partition("/")[0]
    for name in case.path_parameters or {}:
        if name in ("id", "question"):
            case.path_parameters[name] = rows[table]
        elif name in PARENTS:
            case.path_parameters[name] = rows[name]
    if isinstance(case.body, dict):
        case.body.update({name: rows[name] for name in PARENTS if name in case.body})


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_requests_are_answered_as_described(
    application: WSGIHandler,
    caller: dict[str, Any],
    rows: dict[str, int],
    mode: GenerationMode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(APIView, "throttle_classes", [])
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    seen: set[int] = set()
    for operation in operations(schema):

        @hypothesis_settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), is_aimed=st.booleans())
        def probe(case: Any, is_aimed: bool) -> None:
            if is_aimed:
                aim(case, rows)
            with transaction.atomic():
                answer = case.call(**caller)
                transaction.set_rollback(True)
            cache.clear()
            seen.add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        with suppress(Unsatisfiable):  # an operation that takes nothing has nothing that could be wrong
            probe()
    assert {200, 204, 400, 404} <= seen, seen
