"""Imports of questions: the check changes nothing, the import adds all or nothing, and the same questions only once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, User
from assessments.interchange import imports
from assessments.interchange.drafts import draft_of
from assessments.interchange.exports import export_questions
from assessments.interchange.imports import (
    forget_old_files,
    import_for_real,
    start_question_import,
    work_through,
)
from assessments.models import CodingQuestion, Question, QuestionImport, Quiz
from courses.models import Course, HelperRole
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.assessments.factories import CodingFactory, make_quiz
from tests.courses.factories import HelperFactory

Statements = Callable[[], Any]
GIFT = "Even?{=two ~three}\n\nMany?{~%50%a ~%50%b ~c}\n\nPi?{#3.14}\n\nWhy?{}\n"


@pytest.fixture
def quiz(course: Course) -> Quiz:
    return make_quiz(course=course, kinds="mt")


def upload(text: str | bytes = GIFT, name: str = "q.gift") -> ContentFile[bytes]:
    return ContentFile(text.encode() if isinstance(text, str) else text, name=name)


def checked(
    quiz: Quiz, by: User, text: str | bytes = GIFT, name: str = "q.gift", **how: Any
) -> QuestionImport:
    run = start_question_import(quiz=quiz, by=by, file=upload(text, name), **how)
    work_through(run_id=run.pk)
    run.refresh_from_db()
    return run


def imported(quiz: Quiz, by: User, *args: Any, **how: Any) -> QuestionImport:
    run = import_for_real(dry_run=checked(quiz, by, *args, **how), by=by)
    work_through(run_id=run.pk)
    run.refresh_from_db()
    return run


def kinds(run: QuestionImport) -> list[tuple[str, str]]:
    return [(line["place"], line["kind"]) for line in run.report]


def test_check_reports_by_line_and_changes_nothing(quiz: Quiz, instructor: User) -> None:
    run = checked(quiz, instructor)
    assert (run.status, run.format, run.percent) == ("done", "gift", 100)
    assert kinds(run) == [
        ("line 1", "taken"),
        ("line 3", "changed"),
        ("line 5", "skipped"),
        ("line 7", "taken"),
    ]
    assert run.counts == {"taken": 2, "changed": 1, "skipped": 1}
    assert "Numerical" in run.report[2]["message"]
    assert quiz.questions.count() == 2
    assert not AuditEvent.objects.filter(action="question.import").exists()


def test_import_adds_the_questions_at_the_end_in_order_and_is_logged(quiz: Quiz, instructor: User) -> None:
    run = imported(quiz, instructor)
    rows = list(quiz.questions.order_by("order_index"))
    assert [row.content for row in rows][2:] == ["Even?", "Many?", "Why?"]
    assert [row.order_index for row in rows] == [1, 2, 3, 4, 5]
    assert rows[2].options == [{"id": "a", "text": "two"}, {"id": "b", "text": "three"}]
    assert rows[2].correct_answer == ["a"]
    event = AuditEvent.objects.get(action="question.import")
    assert (event.actor_id, event.course_id) == (instructor.pk, quiz.course_id)
    assert event.after == {"format": "gift", "taken": 2, "changed": 1, "skipped": 1}
    assert run.status == "done"


def test_questions_come_before_the_retired_ones(quiz: Quiz, instructor: User) -> None:
    quiz.questions.filter(order_index=2).update(is_retired=True)
    imported(quiz, instructor, "Last?{T}")
    assert [row.is_retired for row in quiz.questions.order_by("order_index")] == [False, False, True]


def test_same_file_again_adds_nothing_unless_told(quiz: Quiz, instructor: User) -> None:
    imported(quiz, instructor)
    again = imported(quiz, instructor)
    assert again.counts == {"there": 3, "skipped": 1}
    assert quiz.questions.count() == 5
    told = imported(quiz, instructor, takes_repeated=True)
    assert told.counts == {"taken": 2, "changed": 1, "skipped": 1}
    assert quiz.questions.count() == 8


def test_same_question_twice_in_a_file_is_taken_once(quiz: Quiz, instructor: User) -> None:
    run = imported(quiz, instructor, "Zero?{T}\n\nZero?{T}\n\nZero?{F}")
    assert [kind for _place, kind in kinds(run)] == ["taken", "there", "taken"]
    assert "line 1" in run.report[1]["message"]


@pytest.mark.parametrize("name", ["q.gift", "q.xml", "q.csv"])
def test_export_and_import_into_another_quiz_give_the_same_questions(
    course: Course, instructor: User, name: str
) -> None:
    quiz = make_quiz(course=course, kinds="mste" + ("" if name == "q.gift" else "c"))
    kind = {"q.gift": "gift", "q.xml": "moodle_xml", "q.csv": "csv"}[name]
    text = export_questions(quiz=quiz, format=kind, by=instructor).text
    other = make_quiz(course=course, kinds="")
    run = imported(other, instructor, text, name)
    assert set(run.counts) == {"taken"}

    def everything(of: Quiz) -> list[Any]:
        return [draft_of(row) for row in Question.objects.filter(quiz=of).select_related("coding")]

    assert everything(other) == everything(quiz)
    assert [row.points for row in other.questions.all()] == [row.points for row in quiz.questions.all()]


def test_gift_leaves_programs_out_and_says_so(course: Course, instructor: User) -> None:
    quiz = make_quiz(course=course, kinds="mc")
    exported = export_questions(quiz=quiz, format="gift", by=instructor)
    assert [draft.question_type for draft in exported.left_out] == ["coding"]
    event = AuditEvent.objects.get(action="question.export")
    assert event.after == {"format": "gift", "questions": 1}


@pytest.mark.parametrize("kind", ["gift", "moodle_xml", "csv"])
def test_export_goes_by_what_was_stored_before_there_were_rules(
    quiz: Quiz, instructor: User, kind: str
) -> None:
    """Rows that were written past every check: no export may end in an error for them."""
    half = "\ud800" if connection.vendor == "sqlite" else "half"  # PostgreSQL stores no half characters
    for options, correct in (
        ("x", 1),
        ([1], {}),
        ([{"id": "a", "text": half}] * 2, ["a"]),
        (None, ["a"]),
    ):
        quiz.questions.filter(order_index=1).update(options=options, correct_answer=correct)
        assert export_questions(quiz=quiz, format=kind, by=instructor).text.encode()
    row = CodingFactory(quiz=quiz, coding__language="cobol", coding__test_cases=[{"x": 1}])
    assert export_questions(quiz=quiz, format=kind, by=instructor).text.encode()
    Question.objects.filter(pk=row.pk).update(question_type="essay")
    assert export_questions(quiz=quiz, format=kind, by=instructor).text.encode()
    CodingQuestion.objects.all().delete()
    Question.objects.filter(pk=row.pk).update(question_type="coding")
    assert export_questions(quiz=quiz, format=kind, by=instructor).text.encode()


def test_export_leaves_retired_questions_behind(quiz: Quiz, instructor: User) -> None:
    quiz.questions.filter(order_index=1).update(is_retired=True)
    assert export_questions(quiz=quiz, format="csv", by=instructor).text.count("\n") == 2


def test_nothing_is_written_when_writing_fails_half_way(
    quiz: Quiz, instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = import_for_real(dry_run=checked(quiz, instructor), by=instructor)

    def failing(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(imports, "record_event", failing)
    with pytest.raises(RuntimeError):
        work_through(run_id=run.pk)
    assert quiz.questions.count() == 2
    run.refresh_from_db()
    assert not run.is_finished
    monkeypatch.undo()
    work_through(run_id=run.pk)
    work_through(run_id=run.pk)
    assert quiz.questions.count() == 5


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (b"\xff\xfe" + "Even?{T}".encode("utf-16-le"), "q.gift", ""),
        ("\ufeffEven?{T}\r\n\r\n".encode(), "q.txt", ""),
        (b"caf\xe9{T}", "q.gift", "not UTF-8"),
        (b"a\0{T}", "q.gift", "NUL"),
        (b" \n ", "q.gift", "empty"),
        (b"<quiz>", "q.xml", "not XML"),
        (b'<!DOCTYPE q [<!ENTITY a "b">]><quiz>&a;</quiz>', "q.xml", "entities"),
        (b"a,b\n1,2\n", "q.csv", "name the columns"),
    ],
)
def test_file_as_a_whole_is_read_or_refused_with_one_sentence(
    quiz: Quiz, instructor: User, text: bytes, name: str, words: str
) -> None:
    run = checked(quiz, instructor, text, name)
    if not words:
        assert run.counts == {"taken": 1}
        return
    assert run.status == "failed"
    [line] = run.report
    assert words in line["message"]
    assert not run.file, "what cannot be used is not kept"


def test_file_that_is_too_large_empty_or_unknown_is_not_even_kept(quiz: Quiz, instructor: User) -> None:
    for text, name, field in (
        (b"", "q.gift", "file"),
        (b"x" * (10 * 2**20 + 1), "q.gift", "file"),
        (b"x", "q", "format"),
    ):
        with pytest.raises(ValidationError) as caught:
            start_question_import(quiz=quiz, by=instructor, file=upload(text, name))
        assert list(caught.value.message_dict) == [field]
    assert not QuestionImport.objects.exists()


def test_text_of_the_format_decides_not_the_name_when_said(quiz: Quiz, instructor: User) -> None:
    assert checked(quiz, instructor, "Even?{T}", "notes.xml", format="gift").counts == {"taken": 1}


def test_check_is_imported_once_and_only_when_it_has_ended(quiz: Quiz, instructor: User) -> None:
    waiting = start_question_import(quiz=quiz, by=instructor, file=upload())
    with pytest.raises(Conflict) as refused:
        import_for_real(dry_run=waiting, by=instructor)
    assert refused.value.code == "not_ready"
    check = checked(quiz, instructor)
    import_for_real(dry_run=check, by=instructor)
    with pytest.raises(Conflict) as refused:
        import_for_real(dry_run=check, by=instructor)
    assert refused.value.code == "imported_already"


@pytest.mark.django_db(transaction=True)
def test_file_is_forgotten_after_the_import_and_after_a_week(quiz: Quiz, instructor: User) -> None:
    check = checked(quiz, instructor)
    storage, name = check.file.storage, check.file.name
    run = import_for_real(dry_run=check, by=instructor)
    work_through(run_id=run.pk)
    check.refresh_from_db()
    assert not storage.exists(name)
    assert not check.file
    other = checked(quiz, instructor)
    assert forget_old_files() == 0
    assert forget_old_files(now=timezone.now() + timedelta(days=8)) == 1
    other.refresh_from_db()
    assert not other.file


def test_assistant_and_strangers_neither_import_nor_export(
    quiz: Quiz, other_instructor: User, enrolled_student: User
) -> None:
    assistant = HelperFactory(course=quiz.course, role=HelperRole.ASSISTANT).user
    for person in (assistant, other_instructor, enrolled_student):
        with pytest.raises(PermissionDenied):
            start_question_import(quiz=quiz, by=person, file=upload())
        with pytest.raises(PermissionDenied):
            export_questions(quiz=quiz, format="csv", by=person)
    assert not QuestionImport.objects.exists()


def test_who_lost_the_right_meanwhile_imports_nothing(quiz: Quiz, course: Course) -> None:
    helper = HelperFactory(course=course, role=HelperRole.CO_INSTRUCTOR)
    run = import_for_real(dry_run=checked(quiz, helper.user), by=helper.user)
    helper.delete()
    work_through(run_id=run.pk)
    run.refresh_from_db()
    assert run.status == "failed"
    assert quiz.questions.count() == 2


def test_number_of_queries_does_not_grow_with_the_file(
    quiz: Quiz, instructor: User, statements: Statements
) -> None:
    counts = []
    for number in (5, 60):
        text = "\n\n".join(f"Is {number} above {place}?{{T}}" for place in range(number))
        run = import_for_real(dry_run=checked(quiz, instructor, text), by=instructor)
        with statements() as seen:
            work_through(run_id=run.pk)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_points_that_do_not_fit_are_refused_by_the_rules_of_every_way_in(
    quiz: Quiz, instructor: User
) -> None:
    run = checked(
        quiz,
        instructor,
        "type,question,correct,points\ntrue_false,x,true,1000\ntrue_false,y,true,1.5\n",
        "q.csv",
    )
    assert [kind for _place, kind in kinds(run)] == ["skipped", "taken"]
    imported(quiz, instructor, "type,question,correct,points\ntrue_false,y,true,1.5\n", "q.csv")
    assert quiz.questions.get(content="y").points == Decimal("1.50")


def test_fifty_megabytes_in_a_line_are_refused_at_the_door(quiz: Quiz, instructor: User) -> None:
    with pytest.raises(ValidationError):
        start_question_import(quiz=quiz, by=instructor, file=upload(b"x" * 50_000_000))


def test_stranger_cannot_be_named_by_the_command_user(quiz: Quiz) -> None:
    with pytest.raises(PermissionDenied):
        start_question_import(quiz=quiz, by=UserFactory(), file=upload())
