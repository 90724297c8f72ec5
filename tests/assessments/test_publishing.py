"""What a quiz lacks, and publishing it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import AuditEvent, User
from assessments.models import CodingQuestion, JudgeState, Question, Quiz, QuizAvailability
from assessments.proving import fingerprint_of, is_proven
from assessments.publishing import findings, publish_quiz, save_quiz, unpublish_quiz
from courses.models import Course
from projectgenius.errors import Conflict
from tests.assessments.factories import QuestionFactory, make_quiz
from tests.courses.factories import make_course


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A draft without questions."""
    return make_quiz(course=course, kinds="", is_published=False)


def codes(quiz: Quiz) -> list[str]:
    return [finding.code for finding in findings(Quiz.objects.get(pk=quiz.pk))]


def test_instructor_publishes_a_quiz_and_takes_it_back(quiz: Quiz, instructor: User) -> None:
    QuestionFactory(quiz=quiz)
    assert codes(quiz) == []
    for _twice in range(2):
        assert publish_quiz(quiz=quiz, by=instructor).is_published
    assert not unpublish_quiz(quiz=quiz, by=instructor).is_published
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["quiz.publish", "quiz.unpublish"]


@pytest.mark.parametrize("door", ["publish", "save"])
def test_empty_quiz_is_not_published(door: str, quiz: Quiz, instructor: User) -> None:
    quiz.is_published = door == "save"
    with pytest.raises(Conflict) as refused:
        (save_quiz if door == "save" else publish_quiz)(quiz=quiz, by=instructor)
    assert refused.value.code == "not_ready"
    assert "has no questions" in str(refused.value.message)
    assert not Quiz.objects.get().is_published


def test_questions_without_points_and_unsound_ones_keep_it_back(quiz: Quiz) -> None:
    question = QuestionFactory(quiz=quiz, points=0)
    assert codes(quiz) == ["no_points", "worthless_question"]
    Question.objects.filter(pk=question.pk).update(points=1, correct_answer=["z"])
    found = findings(quiz)
    assert (found[0].code, found[0].question) == ("unsound_question", question.pk)
    assert "There is no option “z”." in found[0].message
    Question.objects.filter(pk=question.pk).update(is_retired=True)
    assert codes(quiz) == ["no_questions"]


def test_hints_about_code_and_time_do_not(quiz: Quiz, instructor: User) -> None:
    quiz = make_quiz(course=quiz.course, kinds="c", is_published=False)
    assert codes(quiz) == ["solution_unproven"]
    coding = CodingQuestion.objects.get()
    coding.solution_proven = fingerprint_of(coding)
    coding.save()
    assert codes(quiz) == []
    state = JudgeState.objects.create(host_name="here", languages=["c"], checked_at=timezone.now())
    assert codes(quiz) == ["language_not_here"]
    state.delete()
    CodingQuestion.objects.update(solution="")
    assert codes(quiz) == ["no_solution"]
    QuizAvailability.objects.create(quiz=quiz, closes_at=timezone.now() - timedelta(days=1))
    assert codes(quiz) == ["has_closed", "no_solution"]
    assert publish_quiz(quiz=quiz, by=instructor).is_published


def test_quiz_of_a_draft_lesson_or_course_says_so(quiz: Quiz) -> None:
    QuestionFactory(quiz=quiz)
    quiz.lesson = quiz.course.modules.all()[0].lessons.get(is_published=False)
    quiz.save()
    assert codes(quiz) == ["hidden_lesson"]
    Course.objects.update(is_published=False)
    assert codes(quiz) == ["hidden_course"]


def test_closing_before_opening_keeps_it_back(quiz: Quiz) -> None:
    QuestionFactory(quiz=quiz)
    now = timezone.now()
    QuizAvailability.objects.create(quiz=quiz, opens_at=now, closes_at=now)
    assert codes(quiz) == ["closes_before_it_opens"]


def test_others_publish_nothing(quiz: Quiz, other_instructor: User) -> None:
    QuestionFactory(quiz=quiz)
    with pytest.raises(PermissionDenied):
        publish_quiz(quiz=quiz, by=other_instructor)
    with pytest.raises(PermissionDenied):
        unpublish_quiz(quiz=quiz, by=other_instructor)


def test_quiz_stays_in_its_course(quiz: Quiz, instructor: User) -> None:
    quiz.course = make_course(slug="other", instructor=instructor)
    with pytest.raises(ValidationError) as refused:
        save_quiz(quiz=quiz, by=instructor)
    assert set(refused.value.message_dict) == {"course"}


def test_looking_costs_the_same_for_many_questions(
    quiz: Quiz, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    QuestionFactory(quiz=quiz)
    with statements() as few:
        findings(Quiz.objects.get(pk=quiz.pk))
    QuestionFactory.create_batch(10, quiz=quiz)
    with statements() as many:
        findings(Quiz.objects.get(pk=quiz.pk))
    assert len(many) == len(few)


def test_proof_holds_for_just_this_solution_and_these_tests(quiz: Quiz) -> None:
    make_quiz(course=quiz.course, kinds="c")
    coding = CodingQuestion.objects.get()
    assert not is_proven(coding)
    coding.solution_proven = fingerprint_of(coding)
    assert is_proven(coding)
    for name, value in (
        ("language", "bash"),
        ("solution", "print(1)"),
        ("test_cases", coding.test_cases[:2]),
        ("time_limit_seconds", 6),
        ("memory_limit_mb", 64),
        ("checker", "floats"),
        ("tolerance", 1),
    ):
        old = getattr(coding, name)
        setattr(coding, name, value)
        assert not is_proven(coding), name
        setattr(coding, name, old)
    coding.test_cases = [{**test, "points": 9, "sample": False} for test in coding.test_cases]
    assert is_proven(coding)
