"""The page on which a quiz is built, and publishing, copying and previewing it in the admin site."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from assessments.attempts import submit_attempt
from assessments.models import Question, Quiz, QuizAttempt
from courses.models import Course
from tests.assessments.factories import QuestionFactory, make_attempt, make_quiz
from tests.courses.factories import HelperFactory, make_course

Login = Callable[[User], Client]
SCRIPT = {"X-Requested-With": "fetch"}


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A draft: multiple choice, true or false, essay, coding."""
    return make_quiz(course=course, kinds="mtec", is_published=False)


def build(quiz: Quiz, act: str = "") -> str:
    return reverse("admin:assessments_quiz_build", args=[quiz.pk]) + (f"{act}/" if act else "")


def page_of(name: str, quiz: Quiz) -> str:
    return reverse(f"admin:assessments_quiz_{name}", args=[quiz.pk])


def order(quiz: Quiz) -> list[int]:
    return list(Question.objects.asked().filter(quiz=quiz).values_list("pk", flat=True))


def test_builder_lists_the_questions_with_their_points(quiz: Quiz, instructor: User, login: Login) -> None:
    quiz.questions.filter(order_index=1).update(content="## Which is *right*?\n\nChoose **one** of them.")
    page = login(instructor).get(build(quiz)).content.decode()
    assert "4 questions, 11 points" in page
    assert "Choose one of them." in page
    assert "Solution not proven" in page
    for kind in ("multiple_choice", "true_false", "essay", "coding"):
        assert f"question_type={kind}" in page


def test_empty_quiz_says_what_to_do(course: Course, instructor: User, login: Login) -> None:
    page = login(instructor).get(build(make_quiz(course=course, kinds=""))).content.decode()
    assert "No questions yet" in page
    assert "Preview as a student" not in page


def test_acts_change_the_quiz_with_and_without_a_script(quiz: Quiz, instructor: User, login: Login) -> None:
    first, second, third, fourth = order(quiz)
    client = login(instructor)
    response = client.post(build(quiz, "question-down"), {"question": first})
    assert response["Location"] == f"{build(quiz)}#question-{first}-down"
    assert order(quiz) == [second, first, third, fourth]
    answer = client.post(build(quiz, "question-up"), {"question": first}, headers=SCRIPT).json()
    assert answer["focus"] == f"question-{first}-up"
    assert "moved up" in answer["message"]
    assert f'data-question="{first}"' in answer["html"]
    client.post(build(quiz, "order-questions"), {"order": [fourth, third, second, first]})
    assert order(quiz) == [fourth, third, second, first]
    client.post(build(quiz, "copy-question"), {"question": fourth})
    assert quiz.questions.count() == 5
    client.post(build(quiz, "retire-question"), {"question": fourth})
    assert fourth not in order(quiz)
    assert "Retired questions" in client.get(build(quiz)).content.decode()
    client.post(build(quiz, "restore-question"), {"question": fourth})
    assert order(quiz)[-1] == fourth
    client.post(build(quiz, "delete-question"), {"question": fourth})
    assert not Question.objects.filter(pk=fourth).exists()


def test_refusal_stands_where_it_was_asked(quiz: Quiz, instructor: User, student: User, login: Login) -> None:
    Quiz.objects.update(is_published=True)
    submit_attempt(attempt=make_attempt(quiz=Quiz.objects.get(), student=student))
    question = order(quiz)[0]
    client = login(instructor)
    response = client.post(build(quiz, "delete-question"), {"question": question})
    assert response.status_code == 400
    assert "Retire it instead." in response.content.decode()
    answer = client.post(build(quiz, "delete-question"), {"question": question}, headers=SCRIPT)
    assert answer.status_code == 409
    assert "Retire it instead." in answer.json()["message"]
    stale = client.post(build(quiz, "order-questions"), {"order": [question]}, headers=SCRIPT)
    assert stale.status_code == 409
    assert "html" in stale.json()


@pytest.mark.parametrize("value", ["", "x", "0", "99999999999999999999", "²"])
def test_unknown_questions_and_acts_are_not_found(
    value: str, quiz: Quiz, instructor: User, login: Login
) -> None:
    client = login(instructor)
    assert client.post(build(quiz, "question-up"), {"question": value}).status_code == 404
    assert client.post(build(quiz, "explode"), {"question": order(quiz)[0]}).status_code == 404
    assert client.get(build(quiz, "question-up")).status_code == 405


def test_question_of_another_quiz_is_not_touched(quiz: Quiz, instructor: User, login: Login) -> None:
    other = QuestionFactory(quiz=make_quiz(course=quiz.course, kinds=""))
    client = login(instructor)
    for act in ("question-up", "copy-question", "retire-question", "delete-question"):
        assert client.post(build(quiz, act), {"question": other.pk}).status_code == 404
    other.refresh_from_db()
    assert not other.is_retired


def test_publishing_needs_what_is_essential(course: Course, instructor: User, login: Login) -> None:
    quiz = make_quiz(course=course, kinds="", is_published=False)
    client = login(instructor)
    response = client.post(page_of("publish", quiz), {"act": "publish"})
    assert response.status_code == 409
    assert "The quiz has no questions." in response.content.decode()
    QuestionFactory(quiz=quiz)
    assert client.post(page_of("publish", quiz), {"act": "publish"}).status_code == 302
    assert Quiz.objects.get().is_published
    assert client.post(page_of("publish", quiz), {"act": "unpublish"}).status_code == 302
    assert not Quiz.objects.get().is_published
    actions = AuditEvent.objects.filter(table="quizzes").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["quiz.publish", "quiz.unpublish"]


def test_action_of_the_list_publishes_by_the_same_rule(
    course: Course, instructor: User, login: Login
) -> None:
    good = make_quiz(course=course, kinds="m", is_published=False)
    empty = make_quiz(course=course, kinds="", is_published=False)
    client, address = login(instructor), reverse("admin:assessments_quiz_changelist")
    data = {"action": "publish", "_selected_action": [good.pk, empty.pk]}
    assert "is not ready" in client.post(address, data, follow=True).content.decode()
    assert not Quiz.objects.filter(is_published=True).exists()
    client.post(address, data | {"_selected_action": [good.pk]})
    assert Quiz.objects.get(is_published=True) == good


def test_quiz_is_copied_into_an_own_course(
    quiz: Quiz, instructor: User, other_instructor: User, login: Login
) -> None:
    own = make_course(slug="own", instructor=instructor)
    foreign = make_course(slug="foreign", instructor=other_instructor)
    client = login(instructor)
    assert client.get(page_of("copy", quiz)).status_code == 200
    response = client.post(page_of("copy", quiz), {"course": own.pk, "lesson": ""})
    copy = Quiz.objects.get(course=own)
    assert response["Location"] == build(copy)
    lesson = quiz.course.modules.all()[0].lessons.all()[0]
    response = client.post(page_of("copy", quiz), {"course": own.pk, "lesson": lesson.pk})
    assert "Choose a lesson of this course." in response.content.decode()
    assert client.post(page_of("copy", quiz), {"course": foreign.pk}).status_code == 200
    assert Quiz.objects.count() == 2


def test_builder_leads_to_a_preview_as_a_student(quiz: Quiz, instructor: User, login: Login) -> None:
    client = login(instructor)
    address = reverse("assessments:preview_start", args=[quiz.pk])
    assert f'action="{address}"' in client.get(build(quiz)).content.decode()
    assert client.post(address).status_code == 302
    attempt = QuizAttempt.objects.get()
    assert attempt.is_preview
    assert attempt.user == instructor


# Who may

PAGES = ("build", "publish", "copy", "change")


def test_assistant_looks_at_the_questions_and_does_nothing(quiz: Quiz, login: Login) -> None:
    client = login(HelperFactory(course=quiz.course, role="assistant").user)
    assert [client.get(page_of(name, quiz)).status_code for name in PAGES] == [200, 403, 403, 200]
    page = client.get(build(quiz)).content.decode()
    assert "build-tools" not in page
    assert "question_type=" not in page
    before = order(quiz)
    for act in ("question-down", "copy-question", "retire-question", "delete-question"):
        assert client.post(build(quiz, act), {"question": before[0]}).status_code == 403
    assert client.post(page_of("publish", quiz), {"act": "publish"}).status_code == 403
    assert order(quiz) == before


def test_stranger_finds_nothing(quiz: Quiz, other_instructor: User, login: Login) -> None:
    client = login(other_instructor)
    assert [client.get(page_of(name, quiz)).status_code for name in PAGES] == [404] * 4
    assert client.post(build(quiz, "question-down"), {"question": order(quiz)[0]}).status_code == 404
    assert client.post(page_of("copy", quiz), {"course": quiz.course_id}).status_code == 404


def test_builder_costs_the_same_for_many_questions(
    quiz: Quiz,
    instructor: User,
    login: Login,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = login(instructor)
    client.get(build(quiz))
    with statements() as few:
        client.get(build(quiz))
    QuestionFactory.create_batch(10, quiz=quiz)
    with statements() as many:
        client.get(build(quiz))
    assert len(many) == len(few)


def test_button_to_publish_comes_when_nothing_is_missing(instructor: User, login: Login) -> None:
    for kinds, offered in (("", False), ("t", True)):
        quiz = make_quiz(course=make_course(slug=f"p{offered}", instructor=instructor), kinds=kinds)
        Quiz.objects.filter(pk=quiz.pk).update(is_published=False)
        page = login(instructor).get(page_of("publish", quiz)).content.decode()
        assert ('value="publish"' in page) is offered
        assert ("You can publish it here once nothing is missing." in page) is not offered
