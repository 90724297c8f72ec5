"""Starting attempts that count, and previews."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from assessments.attempts import start_attempt, start_preview, submit_attempt
from assessments.availability import lock_of_quiz
from assessments.models import AttemptStatus, Question, Quiz, QuizAvailability
from assessments.permissions import can_take_quiz
from courses.accommodations import give_accommodation
from courses.models import Course
from projectgenius.errors import Conflict
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, HelperFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


def test_student_cannot_start_more_than_the_limit_and_the_own_extra_attempts(
    course: Course, enrolled_student: User
) -> None:
    quiz = make_quiz(kinds="m", course=course, max_attempts=1)
    give_accommodation(enrollment=enrolled_student.enrollments.get(), by=course.instructor, extra_attempts=1)
    for number in (1, 2):
        attempt, is_new = start_attempt(quiz=quiz, student=enrolled_student)
        assert (attempt.attempt_number, is_new) == (number, True)
        assert start_attempt(quiz=quiz, student=enrolled_student) == (attempt, False)
        submit_attempt(attempt=attempt)
    with pytest.raises(Conflict) as refused:
        start_attempt(quiz=quiz, student=enrolled_student)
    assert refused.value.code == "no_attempts_left"


def test_extra_time_stretches_the_limit_and_not_the_closing(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="m", course=course, time_limit=7)
    give_accommodation(
        enrollment=enrolled_student.enrollments.get(), by=course.instructor, time_factor=Decimal("1.33")
    )
    attempt, _new = start_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    assert attempt.deadline == NOON + timedelta(seconds=559), "558.6 seconds, in favour of the student"
    submit_attempt(attempt=attempt, now=NOON)
    QuizAvailability.objects.create(quiz=quiz, closes_at=NOON + timedelta(minutes=8))
    attempt, _new = start_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    assert attempt.deadline == NOON + timedelta(minutes=8)


def test_start_closes_the_attempt_whose_end_has_come(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="m", course=course, time_limit=10)
    first = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    later = NOON + timedelta(minutes=10, seconds=30)
    second, is_new = start_attempt(quiz=quiz, student=enrolled_student, now=later)
    first.refresh_from_db()
    assert (first.status, second.attempt_number, is_new) == (AttemptStatus.ABANDONED, 2, True)


@pytest.mark.parametrize("who", ["owner", "co_instructor", "assistant", "admin"])
def test_who_teaches_or_assists_starts_no_attempt_that_counts(
    who: str, course: Course, student: User
) -> None:
    EnrollmentFactory(course=course, student=student)
    quiz = make_quiz(kinds="m", course=course)
    if who == "owner":
        Course.objects.update(instructor=student)
    elif who == "admin":
        User.objects.filter(pk=student.pk).update(is_admin=True)
    else:
        HelperFactory(course=course, user=student, role=who)
    person = User.objects.get(pk=student.pk)
    quiz = Quiz.objects.select_related("course").get(pk=quiz.pk)
    assert not can_take_quiz(person, quiz)
    with pytest.raises(PermissionDenied):
        start_attempt(quiz=quiz, student=person)
    person.act_as_student()  # what an API key with few scopes makes of a person
    with pytest.raises(PermissionDenied):
        start_attempt(quiz=quiz, student=person)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"withdrawn_at": NOON}, "not_enrolled"), ({"payment_status": "refunded"}, "not_enrolled"),
     ({"payment_status": "pending"}, "not_enrolled")],
)  # fmt: skip
def test_student_whose_place_is_closed_cannot_start(
    change: dict[str, Any], code: str, course: Course, enrolled_student: User
) -> None:
    quiz = make_quiz(kinds="m", course=course)
    enrolled_student.enrollments.update(**change)
    with pytest.raises(Conflict) as refused:
        start_attempt(quiz=quiz, student=enrolled_student)
    assert refused.value.code == code


def test_refusal_of_a_start_says_why(course: Course, enrolled_student: User) -> None:
    key = course.modules.all()[0].lessons.all()[1]
    quiz = make_quiz(kinds="m", course=course)
    QuizAvailability.objects.create(quiz=quiz, after_lesson=key)
    lock = lock_of_quiz(quiz, enrolled_student)
    assert lock
    with pytest.raises(Conflict, match=f"Opens after you complete “{key.title}”") as refused:
        start_attempt(quiz=quiz, student=enrolled_student)
    assert (refused.value.code, str(refused.value.message)) == ("locked", str(lock.reason))
    for fields, code in (
        ({"is_published": False}, "not_published"),
        ({"is_published": True}, "no_questions"),
    ):
        Quiz.objects.update(**fields)
        QuizAvailability.objects.all().delete()
        Question.objects.update(is_retired=True)
        with pytest.raises(Conflict) as refused:
            start_attempt(quiz=quiz, student=enrolled_student)
        assert refused.value.code == code


def test_only_practice_is_taken_without_its_timer(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="m", course=course, time_limit=10)
    with pytest.raises(Conflict) as refused:
        start_attempt(quiz=quiz, student=enrolled_student, is_untimed=True)
    assert refused.value.code == "timer_required"
    Quiz.objects.update(is_timer_optional=True)
    attempt, _new = start_attempt(quiz=quiz, student=enrolled_student, is_untimed=True)
    assert attempt.deadline is None


# --- Previews -------------------------------------------------------------------------------------


def test_preview_goes_on_until_the_quiz_asks_something_else(course: Course, instructor: User) -> None:
    quiz = make_quiz(kinds="mt", course=course, is_published=False, shuffle_questions=True, max_attempts=1)
    QuizAvailability.objects.create(quiz=quiz, closes_at=NOON)
    first, is_new = start_preview(quiz=quiz, by=instructor)
    assert (first.is_preview, first.deadline, is_new) == (True, None, True)
    assert start_preview(quiz=quiz, by=instructor) == (first, False)
    Question.objects.filter(question_type="true_false").update(content="Something else?")
    second, is_new = start_preview(quiz=quiz, by=instructor)
    assert (second.attempt_number, is_new) == (2, True)
    first.refresh_from_db()
    assert first.status == AttemptStatus.ABANDONED
    assert not first.is_count_due


def test_preview_is_for_those_who_teach(
    course: Course, enrolled_student: User, other_instructor: User, admin_user: User
) -> None:
    quiz = make_quiz(kinds="m", course=course)
    for person in (enrolled_student, other_instructor, admin_user, HelperFactory(course=course).user):
        with pytest.raises(PermissionDenied):
            start_preview(quiz=quiz, by=person)
    co_instructor = HelperFactory(course=course, role="co_instructor").user
    assert start_preview(quiz=quiz, by=co_instructor)[1]


def test_who_came_to_teach_previews_though_an_own_attempt_ran(course: Course, student: User) -> None:
    quiz = make_quiz(kinds="m", course=course)
    old = make_attempt(quiz=quiz, student=student)
    HelperFactory(course=course, user=student, role="co_instructor")
    preview, is_new = start_preview(quiz=quiz, by=User.objects.get(pk=student.pk))
    old.refresh_from_db()
    assert (old.is_running, preview.attempt_number, preview.is_preview, is_new) == (False, 2, True, True)
