"""The grading queue in the admin site."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from assessments.attempts import save_response, submit_attempt
from assessments.grading_queue import Way, after, place_of, waiting, waiting_by_course
from assessments.hand_grading import grade_by_hand, grade_mark
from assessments.models import QuestionResponse, Quiz, QuizAttempt, ScoreChange
from courses.models import Course
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.assessments.regrades import give_to
from tests.courses.factories import HelperFactory

Login = Callable[[User], Client]
ATTACK = "<script>alert(1)</script>\n\n**bold** & more"


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """Two essays and a question that the key grades."""
    return make_quiz(kinds="mee", course=course)


@pytest.fixture
def attempts(quiz: Quiz) -> list[QuizAttempt]:
    """Three students have handed in."""
    return [hand_in(quiz, UserFactory(full_name=f"Person {name}")) for name in ("Ada", "Bea", "Cleo")]


def hand_in(quiz: Quiz, student: User, text: str = "Because.") -> QuizAttempt:
    attempt = make_attempt(quiz=quiz, student=student)
    for question in quiz.questions.all():
        answer: Any = ["b"] if question.question_type == "multiple_choice" else text
        save_response(attempt=attempt, question_id=question.pk, response=answer, version=1)
    return submit_attempt(attempt=attempt)


def address(name: str, quiz: Quiz, *rows: int) -> str:
    return reverse(f"admin:assessments_quiz_{name}", args=[quiz.pk, *rows])


def test_the_queue_goes_question_by_question_or_student_by_student(
    quiz: Quiz, attempts: list[QuizAttempt], instructor: User
) -> None:
    for by, order in (
        ("question", ("question__order_index", "attempt_id")),
        ("student", ("attempt_id", "question_id")),
    ):
        way = Way(by)
        rows = waiting(quiz, instructor, way)
        expected = list(rows.order_by(*order).values_list("pk", flat=True))
        assert len(expected) == 6
        walked, here = [], after(rows, None, way)
        for number in range(1, 7):
            assert here is not None
            walked.append(here)
            row = QuestionResponse.objects.get(pk=here)
            place = place_of(rows, row, way)
            assert (place.number, place.total) == (number, 6)
            assert place.previous == (walked[-2] if number > 1 else None)
            here = place.next
        assert walked == expected
        assert here is None
        assert after(rows, row, way) == expected[0], "after the last one those that were passed over"
    one = quiz.questions.all()[1]
    assert waiting(quiz, instructor, Way("question", one.pk)).count() == 3


def test_what_does_not_count_and_own_work_does_not_wait(
    quiz: Quiz, attempts: list[QuizAttempt], instructor: User
) -> None:
    QuizAttempt.objects.filter(pk=attempts[0].pk).update(voided_at=attempts[0].started_at)
    QuizAttempt.objects.filter(pk=attempts[1].pk).update(is_preview=True)
    assert waiting(quiz, instructor).count() == 2
    assert not waiting(quiz, attempts[2].user)
    assert waiting_by_course([quiz.course_id], instructor) == {quiz.course_id: 2}
    assert waiting_by_course([quiz.course_id], attempts[2].user) == {}


@pytest.mark.parametrize("role", ["instructor", "assistant", "admin_user"])
def test_those_who_may_grade_go_from_the_start_page_to_the_end_of_the_queue(
    role: str, quiz: Quiz, attempts: list[QuizAttempt], login: Login, request: pytest.FixtureRequest
) -> None:
    who = HelperFactory(course=quiz.course).user if role == "assistant" else request.getfixturevalue(role)
    client = login(who)
    if role != "admin_user":
        assert "6 answers to grade" in client.get(reverse("admin:index")).content.decode()
    page = client.get(reverse("admin:assessments_quiz_to_grade"), {"course": quiz.course_id})
    assert address("grading", quiz) in page.content.decode()
    assert "Grade 6 answers" in client.get(address("grading", quiz)).content.decode()
    here = client.get(address("grading_next", quiz))
    for left in range(6, 0, -1):
        row = QuestionResponse.objects.get(pk=int(here["Location"].strip("/").rpartition("/")[2]))
        page = client.get(here["Location"])
        assert f"1 of {left}" in page.content.decode()
        sent = {"points": "3.5", "feedback": "Fine.", "seen": page.context["seen"], "act": "next"}
        here = client.post(here["Location"], sent)
        row.refresh_from_db()
        assert (row.points_earned, row.feedback, row.graded_by) == (Decimal("3.5"), "Fine.", who)
    assert here["Location"] == address("grading", quiz)
    assert "Nothing is left to grade here." in client.get(here["Location"]).content.decode()


def test_what_students_wrote_is_text_and_nothing_else(quiz: Quiz, instructor: User, login: Login) -> None:
    row = hand_in(quiz, UserFactory(full_name="<b>Eve</b>"), ATTACK).responses.filter(grading="person")[0]
    page = login(instructor).get(address("grading_response", quiz, row.pk)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\n\n**bold** &amp; more" in page
    assert "<script>alert" not in page
    assert "<b>Eve" not in page
    assert "A model answer." in page


@pytest.mark.parametrize(
    "code", ["print(1)", "```\n<script>x</script>\n```", "~~~~\n`````\n</pre>", "\n\n  x", "`" * 90]
)
def test_a_program_stays_in_its_block(code: str, course: Course, instructor: User, login: Login) -> None:
    quiz = make_quiz(kinds="c", course=course)
    attempt = make_attempt(quiz=quiz, student=UserFactory())
    save_response(attempt=attempt, question_id=quiz.questions.get().pk, response={"code": code}, version=1)
    submit_attempt(attempt=attempt)
    note = {"verdict": "internal_error", "tests": [], "note": "judge_failed"}
    attempt.responses.update(grading="person", judged=note)
    response = login(instructor).get(address("grading_response", quiz, attempt.responses.get().pk))
    page = response.content.decode()
    assert "The judge failed three times." in page
    assert "<script>x" not in page
    assert page.count("<pre ") == 1
    assert "</pre>" not in code or "&lt;/pre&gt;" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"points": "6"}, "Give 0 to 5 points."),
        ({"points": "-1"}, "Give 0 to 5 points."),
        ({"points": "1.234"}, "Points have at most two decimals."),
        ({"points": "many"}, "Enter a number."),
        ({"points": ""}, "Enter the points."),
        ({"points": "1", "feedback": "x" * 20_001}, "at most 20000 characters"),
    ],
)
def test_wrong_points_are_said_beside_the_field_and_what_was_typed_stays(
    sent: dict[str, str], said: str, quiz: Quiz, instructor: User, login: Login
) -> None:
    hand_in(quiz, UserFactory())
    row = waiting(quiz, instructor)[0]
    typed = {"feedback": "My words.", "seen": grade_mark(row), **sent}
    if sent["points"] == "":
        typed["feedback"] = ""
    page = login(instructor).post(address("grading_response", quiz, row.pk), typed)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert typed["feedback"] in page.content.decode()
    row.refresh_from_db()
    assert row.points_earned is None


def test_a_german_comma_is_understood(
    quiz: Quiz, attempts: list[QuizAttempt], instructor: User, login: Login
) -> None:
    row = waiting(quiz, instructor)[0]
    client = login(instructor)
    sent = {"points": "2,5", "seen": grade_mark(row)}
    client.post(address("grading_response", quiz, row.pk), sent, HTTP_ACCEPT_LANGUAGE="de")
    row.refresh_from_db()
    assert row.points_earned == Decimal("2.50")
    page = client.get(address("grading_response", quiz, row.pk), HTTP_ACCEPT_LANGUAGE="de")
    assert 'value="2,50"' in page.content.decode()


def test_feedback_alone_is_kept_and_the_answer_still_waits(
    quiz: Quiz, attempts: list[QuizAttempt], instructor: User, login: Login
) -> None:
    row = waiting(quiz, instructor)[0]
    sent = {"points": "", "feedback": "See me.", "seen": grade_mark(row)}
    assert login(instructor).post(address("grading_response", quiz, row.pk), sent).status_code == 302
    row.refresh_from_db()
    assert (row.feedback, row.grading) == ("See me.", "person")


def test_a_colleagues_grade_is_shown_instead_of_overwritten(
    quiz: Quiz, attempts: list[QuizAttempt], instructor: User, login: Login
) -> None:
    row = waiting(quiz, instructor)[0]
    seen = grade_mark(row)
    colleague = HelperFactory(course=quiz.course, user__full_name="Ana Lyst").user
    grade_by_hand(response=row, points=Decimal(4), feedback="Theirs.", by=colleague)
    client, here = login(instructor), address("grading_response", quiz, row.pk)
    page = client.post(here, {"points": "1", "feedback": "Mine.", "seen": seen})
    text = page.content.decode()
    for words in ("Ana Lyst graded this while you were reading", "They gave 4 points", "Theirs.", "Mine."):
        assert words in text
    row.refresh_from_db()
    assert row.points_earned == 4
    again = {"points": "1", "feedback": "Mine.", "seen": page.context["seen"]}
    assert client.post(here, again).status_code == 302
    row.refresh_from_db()
    assert (row.points_earned, row.feedback) == (1, "Mine.")
    assert ScoreChange.objects.count() == 2


def test_a_post_without_what_was_seen_overwrites_nothing(
    quiz: Quiz, attempts: list[QuizAttempt], instructor: User, login: Login
) -> None:
    row = waiting(quiz, instructor)[0]
    page = login(instructor).post(address("grading_response", quiz, row.pk), {"points": "1"})
    assert page.status_code == 200
    row.refresh_from_db()
    assert row.points_earned is None


def test_hidden_names_stand_nowhere(
    quiz: Quiz, attempts: list[QuizAttempt], admin_user: User, login: Login
) -> None:
    client = login(admin_user)
    row = waiting(quiz, admin_user)[0]
    question = row.question_id
    pages = (
        address("grading", quiz),
        address("grading_response", quiz, row.pk),
        address("grading_answers", quiz, question),
        address("grading_answers", quiz, question) + "?q=Person+Ada",
    )
    assert "Person Ada" in client.get(pages[1]).content.decode()
    found = client.get(pages[3]).content.decode()
    assert "Person Ada" in found
    assert "Person Bea" not in found
    client.post(address("grading_names", quiz), {"hide": "1"})
    for page in pages:
        text = client.get(page).content.decode()
        for person in (attempt.user for attempt in attempts):
            for secret in (person.full_name, person.username, person.email):
                assert secret not in text, page
    assert len(client.get(pages[3]).context["page_obj"]) == 3, "the search is off: it would tell names apart"
    client.post(address("grading_names", quiz), {"hide": "0"})
    assert "Person Ada" in client.get(pages[1]).content.decode()


def test_a_given_grade_is_opened_again(
    quiz: Quiz, attempts: list[QuizAttempt], instructor: User, login: Login
) -> None:
    client = login(instructor)
    for row in waiting(quiz, instructor):
        grade_by_hand(response=row, points=Decimal(2), by=instructor)
    question = quiz.questions.all()[1]
    listed = client.get(address("grading_answers", quiz, question.pk), {"state": "by_hand"})
    rows = list(listed.context["page_obj"])
    assert len(rows) == 3
    here = address("grading_response", quiz, rows[0].pk)
    page = client.get(here)
    sent = {"points": "3", "seen": page.context["seen"]}
    refused = client.post(here, sent)
    assert "The student has seen this score. Say why it changes." in refused.content.decode()
    done = client.post(here, sent | {"reason": "Read again."})
    assert done["Location"] == address("grading_answers", quiz, question.pk)
    assert ScoreChange.objects.latest("pk").reason == "Read again."


@pytest.mark.parametrize("who", ["student", "other_instructor", "nobody"])
def test_strangers_find_nothing(
    who: str, quiz: Quiz, attempts: list[QuizAttempt], login: Login, request: pytest.FixtureRequest
) -> None:
    client = Client() if who == "nobody" else login(request.getfixturevalue(who))
    expected = 404 if who == "other_instructor" else 302
    row = attempts[0].responses.filter(grading="person")[0]
    for name, rows in (("grading", ()), ("grading_next", ()), ("grading_names", ()),
                       ("grading_answers", (row.question_id,)), ("grading_response", (row.pk,))):  # fmt: skip
        for ask in (client.get, client.post):
            assert ask(address(name, quiz, *rows)).status_code in (expected, 403), name
    row.refresh_from_db()
    assert row.points_earned is None
    if who == "other_instructor":
        assert quiz.title not in client.get(reverse("admin:assessments_quiz_to_grade")).content.decode()


def test_a_response_of_another_quiz_is_not_found(
    quiz: Quiz, attempts: list[QuizAttempt], instructor: User, login: Login
) -> None:
    other = make_quiz(kinds="e", course=quiz.course)
    row = attempts[0].responses.filter(grading="person")[0]
    client = login(instructor)
    assert client.get(address("grading_response", other, row.pk)).status_code == 404
    assert client.get(address("grading_answers", other, row.question_id)).status_code == 404


def test_nobody_grades_the_own_work_here(quiz: Quiz, admin_user: User, login: Login) -> None:
    attempt = give_to(hand_in(quiz, UserFactory()), admin_user)
    row = attempt.responses.filter(grading="person")[0]
    here = address("grading_response", quiz, row.pk)
    client = login(admin_user)
    assert client.get(here).status_code == 403
    assert client.post(here, {"points": "5", "seen": grade_mark(row)}).status_code == 403


def test_an_administrators_look_is_logged(
    quiz: Quiz, attempts: list[QuizAttempt], admin_user: User, login: Login
) -> None:
    row = attempts[0].responses.filter(grading="person")[0]
    login(admin_user).get(address("grading_response", quiz, row.pk))
    assert AuditEvent.objects.get(action="personal_data.read").row_id == str(attempts[0].user_id)


def test_pages_ask_the_same_number_of_times_however_much_waits(
    quiz: Quiz,
    attempts: list[QuizAttempt],
    instructor: User,
    login: Login,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = login(instructor)
    client.get(address("grading", quiz))
    row = waiting(quiz, instructor)[1]
    pages = {
        address("grading", quiz): 8,
        address("grading_next", quiz): 6,
        address("grading_response", quiz, row.pk): 10,
        address("grading_answers", quiz, row.question_id): 9,
        reverse("admin:assessments_quiz_to_grade"): 6,
    }
    for _more in range(2):
        for page, most in pages.items():
            with statements() as seen:
                assert client.get(page).status_code in (200, 302)
            assert len(seen) <= most, (page, len(seen), seen)
        for _student in range(4):
            hand_in(quiz, UserFactory())


def test_the_queue_stands_in_an_index(quiz: Quiz, instructor: User) -> None:
    plan = waiting(quiz, instructor).explain()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = waiting(quiz, instructor).explain()
        assert "idx_responses_waiting" in plan
    else:
        assert "idx_responses" in plan or "question_responses_attempt" in plan
