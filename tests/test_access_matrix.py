"""Every address of the site, asked by everybody: who gets which status. An address that is not listed fails.

What each answers is listed in `tests/access_rows.py`. Rows of the API's tables by role, keys included, stand in
`tests/courses/test_api_access.py`; this module asks each address with a plain GET (and, for forms, a POST), and
holds that none is without a rule.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.api_keys import issue_named_key
from accounts.models import User
from accounts.requests_to_teach import ask_to_teach
from assessments.attempts import save_response
from assessments.models import QuizAnalytics, QuizAvailability
from assessments.runs import request_run
from courses.accommodations import give_accommodation
from courses.images import image_markdown, image_name
from courses.invitations import invite
from courses.join_codes import make_join_code
from courses.models import Course, CourseImport, Lesson, LessonAvailability, ModuleAvailability, PaymentStatus
from courses.videos import file_name
from tests.access_rows import ADMIN, FORMS, PAGES, ROLES, Statuses
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.assessments.running import question_of
from tests.courses.factories import (
    CertificateFactory,
    EnrollmentFactory,
    HelperFactory,
    ImageFactory,
    PaymentFactory,
    ResourceFactory,
    VersionFactory,
    VideoFactory,
    make_course,
)


@pytest.fixture
def world(course: Course, student: User, instructor: User, other_instructor: User, admin_user: User) -> Any:
    """A course with everything, a draft beside it, and one person for each role."""
    people = {
        "SN": student,
        "SU": UserFactory(username="unpaid"),
        "SP": UserFactory(username="paid"),
        "LEFT": UserFactory(username="left"),
        "IO": instructor,
        "IX": other_instructor,
        "AD": admin_user,
    }
    EnrollmentFactory(student=people["SU"], course=course, payment_status=PaymentStatus.PENDING)
    EnrollmentFactory(student=people["LEFT"], course=course, withdrawn_at=course.created_at)
    enrollment = EnrollmentFactory(student=people["SP"], course=course)
    draft = make_course(title="Draft", slug="draft", instructor=instructor, is_published=False, modules=1)
    preview = course.modules.first().lessons.get(is_preview=True)
    lesson = course.modules.last().lessons.first()
    draft_lesson = course.modules.first().lessons.get(is_published=False)
    certificate = CertificateFactory(enrollment=enrollment)
    progress = enrollment.module_progress.create(module=course.modules.first())
    completion = people["SP"].lesson_completions.create(lesson=preview)
    resource = ResourceFactory(lesson=lesson, url="", file=_text_file())
    video, image = VideoFactory(lesson=lesson), ImageFactory(course=course)
    Lesson.objects.filter(pk=lesson.pk).update(content=image_markdown(image))
    people["SP"].picture.save("me.png", _text_file())  # no picture is drawn here
    code = make_join_code(course=course, by=instructor)
    payment = PaymentFactory(enrollment=enrollment)
    lesson_rule = LessonAvailability.objects.create(lesson=draft_lesson)
    module_rule = ModuleAvailability.objects.create(module=draft.modules.get())
    quiz = make_quiz(kinds="mc", course=course)
    attempt = make_attempt(quiz=quiz, student=people["SP"])
    question, coding_question = quiz.questions.all()
    response = save_response(attempt=attempt, question_id=question.pk, response=["b"], version=1).response
    imports = quiz.question_imports
    rows: dict[str, tuple[Any, ...]] = {
        "course": (course.slug,),
        "draft_course": (draft.slug,),
        "preview": (course.slug, preview.pk),
        "lesson": (course.slug, lesson.pk),
        "draft_lesson": (course.slug, draft_lesson.pk),
        "module": (course.modules.first().pk,),
        "draft_module": (draft.modules.get().pk,),
        "resource": (resource.pk,),
        "image": (image.pk, image_name(image)),
        "image_id": (image.pk,),
        "video_id": (video.pk,),
        "watched": (people["SP"].video_positions.create(lesson=lesson, seconds=9).lesson_id,),
        "version": (VersionFactory(lesson=lesson).pk,),
        "video": (video.pk, file_name(video.file)),
        "captions": (video.pk, file_name(video.captions)),
        "certificate": (certificate.code,),
        "certificate_id": (certificate.pk,),
        "person": (people["SP"].pk,),
        "course_import": (CourseImport.objects.create(started_by=instructor, file="imports/x.zip").pk,),
        "username": (people["SP"].username,),
        "api_key": (issue_named_key(user=people["SP"], name="Script", scopes=["read"])[0].pk,),
        "request_to_teach": (ask_to_teach(user=people["SP"], motivation="Counting.").pk,),
        "picture": (people["SP"].pk, people["SP"].picture.name.removeprefix("pictures/")),
        "enrollment": (enrollment.pk,),
        "accommodation": (give_accommodation(enrollment=enrollment, by=instructor).pk,),
        "progress": (progress.pk,),
        "completion": (completion.pk,),
        "roster_import": (course.roster_imports.create(started_by=instructor, file="imports/x.csv").pk,),
        "question_import": (imports.create(started_by=instructor, file="imports/x.gift", format="gift").pk,),
        "message": (course.messages.create(sender=instructor, subject="Hello", body="Text").pk,),
        "join_code": (code.code,),
        "join_code_id": (code.pk,),
        "invitation": (_token(course, instructor),),
        "invitation_id": (course.invitations.get().pk,),
        "helper": (HelperFactory(course=course).pk,),
        "payment": (payment.pk,),
        "lesson_rule": (lesson_rule.pk,),
        "module_rule": (module_rule.pk,),
        **_program_rows(course, people["SP"]),
        "quiz": (quiz.pk,),
        "quiz_rule": (QuizAvailability.objects.create(quiz=quiz).pk,),
        "question": (question.pk,),
        "coding_question": (coding_question.pk,),
        "attempt": (attempt.pk,),
        "regrade": (attempt.quiz.regrades.create(started_by=instructor, reason="Key.", state="dropped").pk,),
        "figures": (QuizAnalytics.objects.create(quiz=quiz).pk,),
        "response": (response.pk,),
    }
    api_ids = {"course": course.pk, "draft_course": draft.pk}
    return {"people": people, "rows": rows, "api_ids": api_ids}


def _program_rows(course: Course, student: User) -> dict[str, tuple[Any, ...]]:
    """A running attempt that asks for a program, and a run of one."""
    attempt = make_attempt(quiz=make_quiz(kinds="c", course=course), student=student)
    question = question_of(attempt)
    run = request_run(attempt=attempt, question_id=question, kind="samples", code="print(3)", by=student)
    sitting, quiz = (attempt.pk,), (attempt.quiz_id,)
    return {"asked_code": (*sitting, question), "code_run": (run.key,), "sitting": sitting, "quiz": quiz}


def _token(course: Course, by: User) -> str:
    """The token of an invitation, as it stands in the mail."""
    invite(course=course, email="invited@example.org", role="student", by=by)
    return str(mail.outbox[-1].body).split("/invitations/")[1].split("/")[0]


def _text_file() -> Any:
    return ContentFile(b"1,2,3\n", name="numbers.csv")


def address(world: Any, name: str, *rows: str) -> str:
    """The address of a row; the API's courses and lessons go by their ids."""
    if name == "cover":
        return reverse(name, kwargs={"key": "counting", "hue": 200})
    if rows == ("unknown_key",):
        return reverse(name, args=("1-abc",) if name == "account_confirm_email" else ("1", "abc-123"))
    if rows in (("unknown_token",), ("unknown_id",)):
        return reverse(name, args=("abc:def",) if rows == ("unknown_token",) else (999_999,))
    if rows == ("unknown_cover",):
        return reverse(name, args=["none.png"])
    found = tuple(value for row in rows for value in world["rows"][row])
    if name.startswith("api-courses"):
        found = (world["api_ids"][rows[0]],) if rows else ()
    elif name.startswith("api-") and found:
        found = found[-1:]
    return reverse(name, args=found)


def asking(world: Any, login: Callable[[User], Client]) -> Iterator[tuple[str, Client]]:
    """A browser for each role."""
    for role in ROLES:
        yield role, login(world["people"][role]) if role != "AN" else Client()


def statuses(
    world: Any, login: Callable[[User], Client], table: dict[tuple[str, ...], Statuses], method: str
) -> dict[str, dict[str, int]]:
    """What is answered instead of what the table says; empty when all is as it should be."""
    wrong: dict[str, dict[str, int]] = {}
    for place, (role, client) in enumerate(asking(world, login)):
        for target, expected in table.items():
            answer = getattr(client, method)(address(world, *target))
            if answer.status_code != expected[place]:
                wrong.setdefault(" ".join(target), {})[role] = answer.status_code
    return wrong


def test_every_address_answers_each_role_as_listed(world: Any, login: Callable[[User], Client]) -> None:
    assert statuses(world, login, PAGES, "get") == {}


def test_every_form_answers_each_role_as_listed(world: Any, login: Callable[[User], Client]) -> None:
    assert statuses(world, login, FORMS, "post") == {}


def test_admin_lets_in_nobody_but_staff(world: Any, login: Callable[[User], Client]) -> None:
    for place, (role, client) in enumerate(asking(world, login)):
        assert client.get(reverse("admin:index"), follow=True).status_code == ADMIN[place], role


@pytest.mark.django_db
def test_every_address_of_the_admin_sends_a_student_away(
    login: Callable[[User], Client], student: User
) -> None:
    client = login(student)
    for route, name in routes():
        if name.startswith("admin:") and name not in ("admin:logout", "admin:jsi18n") and "<" not in route:
            assert client.get(f"/{route}").status_code in (302, 403), name


def routes() -> Iterator[tuple[str, str]]:
    """Every address of the site with its name."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, prefix + str(pattern.pattern), inner)
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), f"{namespace}{pattern.name or ''}"


# Catch-alls that only answer 404, and addresses of a demo or of DEBUG.
WITHOUT_A_RULE = {"", "api-not-found", "demo_outbox", "demo_outbox_message", "components"}


def test_no_address_is_without_a_rule() -> None:
    named = {name for _route, name in routes() if not name.startswith("admin:")}
    assert named - {target[0] for target in PAGES} - WITHOUT_A_RULE == set()


def test_every_rule_has_an_address() -> None:
    named = {name for _route, name in routes()}
    assert {target[0] for target in (*PAGES, *FORMS)} - named == set()
