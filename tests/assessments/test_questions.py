"""Writing questions, their order, and when one may go."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEvent, User
from assessments.attempts import save_response, start_preview, submit_attempt
from assessments.judging import request_solution_check
from assessments.models import CodingQuestion, Question, QuestionType, Quiz
from assessments.questions import (
    delete_question,
    delete_quiz,
    finished_attempts,
    key_of,
    move_question,
    reorder_questions,
    retire_question,
    save_question,
    stored_key,
    work_on_question,
)
from courses.models import Course
from projectgenius.errors import Conflict
from tests.assessments.factories import CODING, QuestionFactory, QuizFactory, make_attempt, make_quiz
from tests.courses.factories import HelperFactory


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """Three questions: multiple choice, true or false, essay."""
    return make_quiz(course=course, kinds="mte")


def order(quiz: Quiz) -> list[tuple[int, int]]:
    """Ids with their numbers, as they stand."""
    return list(quiz.questions.values_list("pk", "order_index"))


def new(quiz: Quiz, **fields: Any) -> Question:
    given = {"question_type": "true_false", "content": "Is one odd?", "correct_answer": True, **fields}
    return Question(quiz=quiz, **given)


def test_instructor_adds_a_question_at_the_end_or_where_it_is_wanted(quiz: Quiz, instructor: User) -> None:
    first, second, third = (pk for pk, _place in order(quiz))
    last = save_question(question=new(quiz), by=instructor)
    assert last.order_index == 4
    front = save_question(question=new(quiz, order_index=1), by=instructor)
    assert order(quiz) == [(front.pk, 1), (first, 2), (second, 3), (third, 4), (last.pk, 5)]


def test_instructor_saves_a_coding_question_with_its_part(quiz: Quiz, instructor: User) -> None:
    question = new(quiz, question_type="coding", correct_answer=None, content="Add.")
    save_question(question=question, coding=CodingQuestion(**CODING), by=instructor)
    assert CodingQuestion.objects.get().question == question
    question.content = "Add two numbers."
    question.coding.language = "bash"
    save_question(question=question, coding=question.coding, by=instructor)
    assert CodingQuestion.objects.get().language == "bash"


@pytest.mark.parametrize(
    ("fields", "coding", "names"),
    [
        ({"correct_answer": "yes"}, None, {"correct_answer"}),
        ({"points": Decimal(-1)}, None, {"points"}),
        ({"difficulty": "deadly"}, None, {"difficulty"}),
        ({"content": ""}, None, {"content"}),
        ({"question_type": "riddle"}, None, {"question_type"}),
        ({"question_type": "coding", "correct_answer": None}, None, {"coding"}),
        ({}, {}, {"coding"}),
        ({"question_type": "coding", "correct_answer": None}, {"language": "perl"}, {"language"}),
        ({"question_type": "coding", "correct_answer": None}, {"test_cases": []}, {"test_cases"}),
        ({"question_type": "coding", "correct_answer": None}, {"tolerance": -1}, {"tolerance"}),
        ({"question_type": "coding", "correct_answer": None}, {"solution": "\0"}, {"solution"}),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    fields: Any, coding: Any, names: set[str], quiz: Quiz, instructor: User
) -> None:
    part = CodingQuestion(**{**CODING, **coding}) if coding is not None else None
    with pytest.raises(ValidationError) as refused:
        save_question(question=new(quiz, **fields), coding=part, by=instructor)
    assert set(refused.value.message_dict) == names
    assert quiz.questions.count() == 3


def test_question_keeps_its_quiz_and_its_type(quiz: Quiz, instructor: User) -> None:
    question = quiz.questions.get(question_type="true_false")
    question.question_type, question.correct_answer = QuestionType.ESSAY, None
    with pytest.raises(ValidationError) as refused:
        save_question(question=question, by=instructor)
    assert set(refused.value.message_dict) == {"question_type"}
    question = quiz.questions.get(question_type="true_false")
    question.quiz = QuizFactory(course=quiz.course)
    with pytest.raises(ValidationError) as refused:
        save_question(question=question, by=instructor)
    assert set(refused.value.message_dict) == {"quiz"}


@pytest.mark.parametrize("who", ["stranger", "assistant", "student"])
def test_others_change_nothing(who: str, quiz: Quiz, other_instructor: User, student: User) -> None:
    by = {"stranger": other_instructor, "student": student}.get(who)
    by = by or HelperFactory(course=quiz.course, role="assistant").user
    question = quiz.questions.all()[0]
    before = order(quiz)
    for refused in (
        lambda: save_question(question=new(quiz), by=by),
        lambda: move_question(question=question, steps=1, by=by),
        lambda: reorder_questions(quiz=quiz, ids=[pk for pk, _place in reversed(before)], by=by),
        lambda: retire_question(question=question, by=by),
        lambda: delete_question(question=question, by=by),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert order(quiz) == before
    assert not quiz.questions.filter(is_retired=True).exists()


# Order


def test_questions_move_step_by_step_and_all_at_once(quiz: Quiz, instructor: User) -> None:
    first, second, third = quiz.questions.all()
    assert move_question(question=third, steps=-1, by=instructor)
    assert order(quiz) == [(first.pk, 1), (third.pk, 2), (second.pk, 3)]
    assert not move_question(question=first, steps=-1, by=instructor)
    reorder_questions(quiz=quiz, ids=[second.pk, third.pk, first.pk], by=instructor)
    assert order(quiz) == [(second.pk, 1), (third.pk, 2), (first.pk, 3)]


def test_old_list_of_questions_orders_nothing(quiz: Quiz, instructor: User) -> None:
    first, second, third = (pk for pk, _place in order(quiz))
    for ids in ([first, second], [first, second, second], [first, second, third, third + 1]):
        with pytest.raises(Conflict) as refused:
            reorder_questions(quiz=quiz, ids=ids, by=instructor)
        assert refused.value.code == "order_changed"


def test_gaps_close_when_a_question_is_saved(quiz: Quiz, instructor: User) -> None:
    Question.objects.filter(pk=order(quiz)[2][0]).update(order_index=40)
    question = save_question(question=new(quiz), by=instructor)
    assert [place for _pk, place in order(quiz)] == [1, 2, 3, 4]
    assert question.order_index == 4


# Going


def test_retired_question_is_asked_no_more_and_can_come_back(
    quiz: Quiz, instructor: User, student: User
) -> None:
    first, second, third = quiz.questions.all()
    retire_question(question=first, by=instructor)
    assert order(quiz) == [(second.pk, 1), (third.pk, 2), (first.pk, 3)]
    attempt = make_attempt(quiz=quiz, student=student)
    assert first.pk not in [entry["question"] for entry in attempt.paper]
    retire_question(question=first, is_retired=False, by=instructor)
    assert order(quiz) == [(second.pk, 1), (third.pk, 2), (first.pk, 3)]
    assert Question.objects.asked().filter(quiz=quiz).count() == 3
    actions = AuditEvent.objects.filter(table="questions").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["question.retire", "question.restore"]


def test_question_that_nobody_was_asked_is_deleted(quiz: Quiz, instructor: User) -> None:
    first, second, third = quiz.questions.all()
    delete_question(question=second, by=instructor)
    assert order(quiz) == [(first.pk, 1), (third.pk, 2)]
    assert AuditEvent.objects.get(action="question.delete").course_id == quiz.course_id


def test_question_of_a_running_attempt_stays_even_unanswered(
    quiz: Quiz, instructor: User, student: User
) -> None:
    first, second, _third = quiz.questions.all()
    attempt = make_attempt(quiz=quiz, student=student)
    save_response(attempt=attempt, question_id=first.pk, response=["b"], version=1)
    for question in (first, second):
        assert work_on_question(question)
        with pytest.raises(Conflict) as refused:
            delete_question(question=question, by=instructor)
        assert refused.value.code == "holds_work"
    submit_attempt(attempt=attempt)
    with pytest.raises(Conflict):
        delete_question(question=second, by=instructor)


# What a change means


def test_a_key_changes_with_what_decides_points(quiz: Quiz, student: User) -> None:
    question = quiz.questions.all()[0]
    before = stored_key(question)
    question.content, question.explanation = "Other words", "Because."
    assert key_of(question) == before
    for name, value in (("points", Decimal(7)), ("correct_answer", ["a"])):
        changed = Question.objects.get(pk=question.pk)
        setattr(changed, name, value)
        assert key_of(changed) != before
    assert stored_key(QuestionFactory.build(quiz=quiz)) is None
    submit_attempt(attempt=make_attempt(quiz=quiz, student=student))
    assert finished_attempts(quiz) == 1


@pytest.mark.parametrize("is_over", [False, True])
def test_previews_keep_no_question_and_no_quiz(is_over: bool, instructor: User, course: Course) -> None:
    quiz = make_quiz(course=course, kinds="mc")
    helper = HelperFactory(course=course, role="co_instructor").user
    attempt, _is_new = start_preview(quiz=quiz, by=helper)
    coding = quiz.questions.get(question_type="coding")
    request_solution_check(quiz=quiz, coding=coding.coding, by=helper, question=coding)
    if is_over:
        submit_attempt(attempt=attempt)
    delete_question(question=coding, by=instructor)
    assert quiz.questions.count() == 1
    start_preview(quiz=quiz, by=helper)
    delete_quiz(quiz=quiz, by=instructor)
    assert not Quiz.objects.exists()
    assert AuditEvent.objects.filter(action="quiz.delete").count() == 1


def test_quiz_that_students_took_stays(quiz: Quiz, instructor: User, student: User) -> None:
    make_attempt(quiz=quiz, student=student)
    with pytest.raises(Conflict) as refused:
        delete_quiz(quiz=quiz, by=instructor)
    assert refused.value.code == "holds_work"
    assert "Unpublish it instead." in str(refused.value.message)
