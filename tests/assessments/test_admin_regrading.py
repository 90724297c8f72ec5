"""Regrades in the admin site."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from assessments import regrading
from assessments.models import Quiz, QuizAttempt, Regrade, RegradeState
from assessments.regrading import carry_on, preview_regrade
from courses.models import Course
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_quiz
from tests.assessments.regrades import hand_in, rekey, score
from tests.courses.factories import HelperFactory

Login = Callable[[User], Client]


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A choice and a true or false question, a point each; the key of the first was wrong."""
    quiz = make_quiz(kinds="mt", course=course)
    hand_in(quiz, UserFactory(full_name="Person Ada"))
    hand_in(quiz, UserFactory(full_name="<b>Bea</b>"), multiple_choice=["a"])
    rekey(quiz)
    return quiz


def address(name: str, quiz: Quiz, *rows: int) -> str:
    return reverse(f"admin:assessments_quiz_{name}", args=[quiz.pk, *rows])


def begin(client: Client, quiz: Quiz, **sent: str) -> Regrade:
    question = quiz.questions.all()[0]
    answer = client.post(
        address("regrade", quiz), {f"act_{question.pk}": "key", "reason": "Wrong key.", **sent}
    )
    regrade = Regrade.objects.get()
    assert answer["Location"] == address("regrade_detail", quiz, regrade.pk)
    return regrade


@pytest.mark.parametrize(("act", "scores"), [("all", [50, 100]), ("gains", [100, 100]), ("drop", [100, 50])])
def test_an_instructor_sees_what_changed_previews_and_decides(
    act: str, scores: list[int], quiz: Quiz, instructor: User, login: Login
) -> None:
    client = login(instructor)
    page = client.get(address("regrade", quiz)).content.decode()
    assert "correct answer" in page
    assert page.count("selected") == 2
    assert '<option value="key" selected>' in page
    regrade = begin(client, quiz)
    page = client.get(address("regrade_detail", quiz, regrade.pk)).content.decode()
    for words in ("1 score rises.", "1 score falls.", "Person Ada", "−50", "+50", "passes now", "fails now"):
        assert words in page
    assert "<b>Bea" not in page
    done = client.post(address("regrade_detail", quiz, regrade.pk), {"act": act}, follow=True)
    assert done.status_code == 200
    assert [score(attempt) for attempt in QuizAttempt.objects.order_by("pk")] == scores
    page = client.get(address("regrade", quiz)).content.decode()
    assert "Wrong key." in page
    assert ("correct answer" in page) == (act != "all")


def test_a_reason_and_a_question_are_asked_for(quiz: Quiz, instructor: User, login: Login) -> None:
    client = login(instructor)
    question = quiz.questions.all()[0]
    page = client.post(address("regrade", quiz), {f"act_{question.pk}": "omit", "reason": " "})
    assert "Say why." in page.content.decode()
    assert '<option value="omit" selected>' in page.content.decode()
    page = client.post(address("regrade", quiz), {"reason": "Why.", "act_x": "key", "act_²": "key"})
    assert "Choose questions of this quiz." in page.content.decode()
    assert not Regrade.objects.exists()


def test_a_second_regrade_waits_for_the_first(quiz: Quiz, instructor: User, login: Login) -> None:
    client = login(instructor)
    begin(client, quiz)
    assert "Decide about it first." in client.get(address("regrade", quiz)).content.decode()
    question = quiz.questions.all()[0]
    sent = {f"act_{question.pk}": "key", "reason": "Again."}
    answer = client.post(address("regrade", quiz), sent, follow=True)
    assert "Decide about the other regrade of this quiz first." in answer.content.decode()
    assert Regrade.objects.count() == 1


def test_a_big_class_is_worked_through_in_the_background(
    quiz: Quiz, instructor: User, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrading, "AT_ONCE", 1)
    client = login(instructor)
    regrade = begin(client, quiz)
    page = client.get(address("regrade_detail", quiz, regrade.pk)).content.decode()
    assert "data-import-state" in page
    assert ">Apply<" not in page
    state = client.get(address("regrade_state", quiz, regrade.pk)).json()
    assert state == {"percent": 0, "done": 0, "total": 2, "finished": False}
    carry_on.call(regrade.pk)
    assert client.get(address("regrade_state", quiz, regrade.pk)).json()["finished"]
    client.post(address("regrade_detail", quiz, regrade.pk), {"act": "all"})
    regrade.refresh_from_db()
    assert regrade.state == RegradeState.APPLYING


def test_the_preview_is_sorted_and_names_can_be_hidden(quiz: Quiz, instructor: User, login: Login) -> None:
    client = login(instructor)
    regrade = begin(client, quiz)
    here = address("regrade_detail", quiz, regrade.pk)
    for sort, first in (
        ("change", "50.00"),
        ("-change", "100.00"),
        ("new", "50.00"),
        ("-old", "50.00"),
        ("x", "50.00"),
    ):
        assert client.get(here, {"sort": sort}).context["page_obj"].object_list[0]["new_score"] == first, sort
    client.post(address("grading_names", quiz), {"hide": "1"})
    assert "Person Ada" not in client.get(here).content.decode()


def test_assistants_look_and_do_not_regrade(quiz: Quiz, instructor: User, login: Login) -> None:
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    client = login(HelperFactory(course=quiz.course).user)
    page = client.get(address("regrade", quiz))
    assert "Preview" not in page.content.decode()
    assert ">Apply<" not in client.get(address("regrade_detail", quiz, regrade.pk)).content.decode()
    question = quiz.questions.all()[0]
    sent: Any = {f"act_{question.pk}": "key", "reason": "Mine."}
    assert client.post(address("regrade", quiz), sent).status_code == 403
    assert client.post(address("regrade_detail", quiz, regrade.pk), {"act": "all"}).status_code == 403
    regrade.refresh_from_db()
    assert regrade.state == RegradeState.PREVIEWED


@pytest.mark.parametrize("who", ["student", "other_instructor", "nobody"])
def test_strangers_find_nothing(
    who: str, quiz: Quiz, instructor: User, login: Login, request: pytest.FixtureRequest
) -> None:
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    client = Client() if who == "nobody" else login(request.getfixturevalue(who))
    for name, rows in (("regrade", ()), ("regrade_detail", (regrade.pk,)), ("regrade_state", (regrade.pk,))):
        for ask in (client.get, client.post):
            assert ask(address(name, quiz, *rows), {"act": "all"}).status_code in (302, 403, 404), name
    regrade.refresh_from_db()
    assert regrade.state == RegradeState.PREVIEWED
    other = make_quiz(course=quiz.course)
    assert login(instructor).get(address("regrade_detail", other, regrade.pk)).status_code == 404


def test_pages_ask_the_same_number_of_times_however_many_attempts_there_are(
    quiz: Quiz,
    instructor: User,
    login: Login,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = login(instructor)
    counts = []
    for _more in range(2):
        regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
        seen_here = []
        for page in (address("regrade", quiz), address("regrade_detail", quiz, regrade.pk)):
            with statements() as seen:
                assert client.get(page).status_code == 200
            seen_here.append(len(seen))
        counts.append(seen_here)
        Regrade.objects.update(state="dropped")
        for _student in range(6):
            hand_in(quiz, multiple_choice=["a"])
        QuizAttempt.objects.update(score=0)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 11
