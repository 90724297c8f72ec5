"""Quizzes and questions in the admin site."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from assessments.attempts import save_response
from assessments.models import Question, Quiz, QuizAttempt
from courses.models import Course
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import make_course
from tests.projectgenius.admin_rows import course_rows

Login = Callable[[User], Client]

QUIZ = {"title": "Quiz", "description": "-", "passing_score": "70"}


def test_instructor_makes_a_quiz_and_is_led_to_its_questions(
    instructor: User, course: Course, login: Login
) -> None:
    lesson = course.modules.all()[0].lessons.all()[0]
    data = QUIZ | {"course": course.pk, "lesson": lesson.pk, "is_published": "on"}
    response = login(instructor).post(reverse("admin:assessments_quiz_add"), data)
    quiz = Quiz.objects.get()
    assert response["Location"] == reverse("admin:assessments_quiz_build", args=[quiz.pk])
    assert (quiz.course, quiz.lesson, quiz.is_published) == (course, lesson, False)


def test_quiz_added_from_the_list_of_a_course_belongs_there(
    instructor: User, course: Course, login: Login
) -> None:
    client = login(instructor)
    page = client.get(reverse("admin:courses_course_build", args=[course.pk])).content.decode()
    address = f"{reverse('admin:assessments_quiz_changelist')}?course__id__exact={course.pk}"
    assert address in page
    assert client.get(address).status_code == 200
    add = reverse("admin:assessments_quiz_add")
    response = client.get(f"{add}?_changelist_filters=course__id__exact%3D{course.pk}")
    assert response.context["adminform"].form.initial["course"] == str(course.pk)


def test_instructor_sets_a_quiz_up(instructor: User, course: Course, login: Login) -> None:
    quiz = Quiz.objects.create(course=course, **QUIZ)
    lesson = course.modules.all()[0].lessons.all()[0]
    address = reverse("admin:assessments_quiz_change", args=[quiz.pk])
    data = {
        "title": "Final", "description": "All of it", "passing_score": "60", "time_limit": "45", "max_attempts": "2",
        "is_timer_optional": "on", "one_question_per_page": "on", "show_correct_answers": "on",
        "key_after": "closing", "results_at_0": "2030-06-16", "results_at_1": "12:00",
        "availability-TOTAL_FORMS": "1", "availability-INITIAL_FORMS": "0",
        "availability-0-opens_at_0": "2030-06-01", "availability-0-opens_at_1": "08:00",
        "availability-0-closes_at_0": "2030-06-12", "availability-0-closes_at_1": "18:00",
        "availability-0-after_lesson": lesson.pk,
    }  # fmt: skip
    client = login(instructor)
    assert client.post(address, data).status_code == 302
    quiz = Quiz.objects.get()
    assert (quiz.title, quiz.time_limit, quiz.max_attempts, quiz.key_after) == ("Final", 45, 2, "closing")
    assert quiz.is_timer_optional
    assert not quiz.shuffle_questions
    assert quiz.availability.after_lesson == lesson
    assert AuditEvent.objects.get(action="availability.change").course_id == course.pk
    wrong = data | {"availability-INITIAL_FORMS": "1", "availability-0-id": quiz.availability.pk}
    wrong |= {"availability-0-quiz": quiz.pk, "availability-0-closes_at_0": "2030-05-01"}
    page = client.post(address, wrong).content.decode()
    assert "It must close after it opens." in page


@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_the_lesson_lies_in_the_quizs_course(
    whose: str, instructor: User, other_instructor: User, course: Course, login: Login
) -> None:
    other = make_course(slug="other", instructor=instructor if whose == "own" else other_instructor)
    lesson = other.modules.all()[0].lessons.all()[0]
    data = QUIZ | {"course": course.pk, "lesson": lesson.pk}
    response = login(instructor).post(reverse("admin:assessments_quiz_add"), data)
    assert response.context["adminform"].form.errors.keys() == {"lesson"}
    assert not Quiz.objects.exists()


def test_a_quiz_with_attempts_is_not_deleted(instructor: User, student: User, login: Login) -> None:
    rows = course_rows(instructor, student, "own")
    client = login(instructor)
    for model, sentence in (
        (Quiz, "This holds students’ work (1 quiz attempt). Unpublish it instead."),
        (Question, "This holds students’ work (1 response). Retire it instead."),
    ):
        address = reverse(f"admin:assessments_{model._meta.model_name}_delete", args=[rows[model].pk])
        for response in (client.get(address), client.post(address, {"post": "yes"})):
            assert sentence in response.content.decode()
        assert model._default_manager.filter(pk=rows[model].pk).exists()
    assert not AuditEvent.objects.filter(action__endswith=".delete").exists()


def test_a_quiz_without_attempts_goes_and_says_so_in_the_log(
    instructor: User, course: Course, login: Login
) -> None:
    quiz = Quiz.objects.create(course=course, **QUIZ)
    Question.objects.create(quiz=quiz, question_type="essay", content="Why?", order_index=1)
    client = login(instructor)
    address = reverse("admin:assessments_quiz_delete", args=[quiz.pk])
    assert "Why?" in client.get(address).content.decode()
    client.post(address, {"post": "yes"})
    assert not Quiz.objects.exists()
    assert AuditEvent.objects.get(action="quiz.delete").course_id == course.pk


def test_answers_are_shown_as_they_were_given(instructor: User, login: Login) -> None:
    quiz = make_quiz(course=make_course(slug="shown", instructor=instructor), kinds="mtec")
    attempt = make_attempt(quiz=quiz, student=UserFactory())
    answers: dict[str, Any] = {
        "multiple_choice": ["a"], "true_false": False, "essay": "Mine <b>.", "coding": {"code": "print(1)"},
    }  # fmt: skip
    for entry in attempt.paper:
        save_response(
            attempt=attempt, question_id=entry["question"], response=answers[entry["type"]], version=1
        )
    choice = next(entry for entry in attempt.paper if entry["type"] == "multiple_choice")
    address = reverse("admin:assessments_quizattempt_change", args=[attempt.pk])
    shown = login(instructor).get(address).content.decode()
    for text in (choice["options"][0]["text"], "False"):
        assert f"<p>{text}</p>" in shown
    assert '<div class="answer-text answer-essay">Mine &lt;b&gt;.</div>' in shown
    assert '<div class="answer-text answer-code">print(1)</div>' in shown


def test_attempts_are_looked_at(instructor: User, login: Login) -> None:
    attempt = course_rows(instructor, UserFactory(), "own")[QuizAttempt]
    client = login(instructor)
    address = reverse("admin:assessments_quizattempt_change", args=[attempt.pk])
    assert "Question own" in client.get(address).content.decode()
    assert client.post(address, {"score": "100"}).status_code == 403
