"""The forms of questions in the admin site: typed fields, nothing lost, no stored JSON."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from assessments.attempts import submit_attempt
from assessments.models import CodingQuestion, Question, Quiz
from courses.models import Course
from tests.assessments.factories import (
    CodingFactory,
    EssayFactory,
    QuestionFactory,
    QuizFactory,
    TrueFalseFactory,
    make_attempt,
    make_quiz,
)
from tests.courses.factories import HelperFactory, make_course

Login = Callable[[User], Client]

COMMON = {"content": "How much is 1 + 1?", "points": "2", "difficulty": "easy", "explanation": "Count."}
LIMITS = {"checker": "standard", "tolerance": "0.000001", "time_limit_seconds": "5", "memory_limit_mb": "128"}


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A draft without questions."""
    return make_quiz(course=course, kinds="", is_published=False)


def add_address(quiz: Quiz, kind: str) -> str:
    return f"{reverse('admin:assessments_question_add')}?quiz={quiz.pk}&question_type={kind}"


def change_address(question: Question) -> str:
    return reverse("admin:assessments_question_change", args=[question.pk])


def options(*rows: dict[str, Any]) -> dict[str, Any]:
    """The fields of the option rows as a browser sends them."""
    data: dict[str, Any] = {"choices-total": len(rows)}
    return data | {f"choices-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def rows_of_tests(*rows: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"tests-total": len(rows)}
    return data | {f"tests-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


# Multiple choice


def test_instructor_adds_a_multiple_choice_question(quiz: Quiz, instructor: User, login: Login) -> None:
    rows = options(
        {"id": "", "text": "one"}, {"id": "", "text": " two ", "correct": "on"}, {"id": "", "text": ""}
    )
    address = add_address(quiz, "multiple_choice")
    response = login(instructor).post(address, COMMON | {"quiz": quiz.pk} | rows)
    question = Question.objects.get()
    built = reverse("admin:assessments_quiz_build", args=[quiz.pk])
    assert response["Location"] == f"{built}#question-{question.pk}"
    assert question.options == [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]
    assert (question.correct_answer, question.points, question.order_index) == (["b"], Decimal(2), 1)


def test_options_keep_their_ids_when_they_move_and_go(quiz: Quiz, instructor: User, login: Login) -> None:
    question = QuestionFactory(quiz=quiz)
    rows = options(
        {"id": "a", "text": "less", "place": "3"},
        {"id": "b", "text": "one more", "correct": "on", "place": "2"},
        {"id": "c", "text": "the same", "remove": "on", "place": "1"},
        {"id": "", "text": "much more", "correct": "on", "place": "1"},
    )
    assert login(instructor).post(change_address(question), COMMON | rows).status_code == 302
    question.refresh_from_db()
    assert question.options == [
        {"id": "c", "text": "much more"},
        {"id": "b", "text": "one more"},
        {"id": "a", "text": "less"},
    ]
    assert question.correct_answer == ["c", "b"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"text": "one"}, {"text": "two"}], "Mark at least one option as correct."),
        ([{"text": "one", "correct": "on"}], "Give 2 to 20 options."),
        ([{"text": "one"}, {"text": "", "correct": "on"}], "Enter the text of option 2."),
        ([{"id": "a", "text": "one"}, {"id": "a", "text": "two"}], "Two options have the id “a”."),
        ([{"id": "-", "text": "one"}, {"id": "b", "text": "two"}], "must be letters and figures"),
        ([{"text": str(n)} for n in range(21)], "Give 2 to 20 options."),
    ],
)
def test_what_is_wrong_with_options_stands_at_them_and_nothing_is_lost(
    rows: Any, words: str, quiz: Quiz, instructor: User, login: Login
) -> None:
    data = COMMON | {"quiz": quiz.pk} | options(*rows)
    response = login(instructor).post(add_address(quiz, "multiple_choice"), data)
    found = errors(response)
    assert list(found) == ["choices"]
    assert words in found["choices"][0]
    page = response.content.decode()
    assert all(f"\n{row['text']}</textarea>" in page for row in rows)
    assert page.count("checked") == sum("correct" in row for row in rows)
    assert "How much is 1 + 1?" in page
    assert not Question.objects.exists()


# True or false, essay


def test_instructor_adds_a_statement(quiz: Quiz, instructor: User, login: Login) -> None:
    address, client = add_address(quiz, "true_false"), login(instructor)
    response = client.post(address, COMMON | {"quiz": quiz.pk})
    assert errors(response) == {"truth": ["Say whether it is true or false."]}
    assert client.post(address, COMMON | {"quiz": quiz.pk, "truth": "false"}).status_code == 302
    question = Question.objects.get()
    assert question.correct_answer is False
    assert question.options is None
    assert 'value="false" ' in client.get(change_address(question)).content.decode()


@pytest.mark.parametrize(("model", "stored"), [("", None), ("Because.", "Because.")])
def test_instructor_adds_an_essay(
    model: str, stored: Any, quiz: Quiz, instructor: User, login: Login
) -> None:
    data = COMMON | {"quiz": quiz.pk, "model_answer": model}
    assert login(instructor).post(add_address(quiz, "essay"), data).status_code == 302
    assert Question.objects.get().correct_answer == stored


# Coding


def coding(**fields: Any) -> dict[str, Any]:
    rows = rows_of_tests(
        {"stored": "", "input": "1 2\r\n", "output": "3", "sample": "on", "points": "1"},
        {"stored": "", "input": "", "output": "", "points": "1"},
        {"stored": "", "input": "2 2\r\n", "output": "4", "points": "0,5"},
    )
    return COMMON | LIMITS | rows | {"language": "python", "starter_code": "\r\nx = 1\r\n", **fields}


def test_instructor_adds_a_coding_question(quiz: Quiz, instructor: User, login: Login) -> None:
    data = coding(quiz=quiz.pk, solution="print(3)\r\n")
    assert login(instructor).post(add_address(quiz, "coding"), data).status_code == 302
    row = CodingQuestion.objects.get()
    assert row.test_cases == [
        {"input": "1 2\n", "output": "3", "sample": True, "points": 1},
        {"input": "2 2\n", "output": "4", "sample": False, "points": "0.5"},
    ]
    assert (row.language, row.starter_code, row.solution) == ("python", "\nx = 1\n", "print(3)\n")
    assert row.question.is_coding


def test_programs_are_written_in_the_sites_editor(quiz: Quiz, instructor: User, login: Login) -> None:
    question = CodingFactory(quiz=quiz, coding__language="c")
    client = login(instructor)
    for address, language in ((add_address(quiz, "coding"), "python"), (change_address(question), "c")):
        page = client.get(address)
        widgets = [
            page.context["adminform"].form.fields[name].widget for name in ("starter_code", "solution")
        ]
        assert [widget.attrs["data-language"] for widget in widgets] == [language, language]
        assert "data-editor" in widgets[0].attrs
        assert "projectgenius/js/editor" in page.content.decode()


def test_instructor_changes_a_coding_question(quiz: Quiz, instructor: User, login: Login) -> None:
    question = CodingFactory(quiz=quiz)
    address, client = change_address(question), login(instructor)
    page = client.get(address).content.decode()
    assert "\n20 22\n</textarea>" in page
    rows = rows_of_tests(
        {"stored": "1", "input": "1 2\n", "output": "3\n", "points": "1"},
        {"stored": "1", "input": "", "output": "", "points": "1"},
        {"stored": "1", "input": "9", "output": "9", "points": "1", "remove": "on"},
    )
    data = coding(language="bash", checker="floats", tolerance="0.01") | rows
    assert client.post(address, data).status_code == 302
    row = CodingQuestion.objects.get()
    assert [test["input"] for test in row.test_cases] == ["1 2\n", ""]
    assert (row.language, row.checker, row.tolerance) == ("bash", "floats", Decimal("0.01"))


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"language": "perl"}, "language", "Select a valid choice"),
        ({"tests-total": "0"}, "tests", "Give 1 to 100 tests."),
        ({"tests-0-points": "many"}, "tests", "The points of test 1 must be 0 to 1000."),
        (
            {"tests-0-points": "0", "tests-2-points": "0"},
            "tests",
            "At least one test must be worth points.",
        ),
        ({"time_limit_seconds": "31"}, "time_limit_seconds", "less than or equal to 30"),
        ({"memory_limit_mb": ""}, "memory_limit_mb", "required"),
        ({"tolerance": "-1"}, "tolerance", "greater than or equal to 0"),
        ({"checker": "guess"}, "checker", "Select a valid choice"),
        ({"solution": "x" * 64_001}, "solution", "too long"),
    ],
)
def test_what_is_wrong_with_a_program_stands_at_its_field_once(
    fields: Any, name: str, words: str, quiz: Quiz, login: Login
) -> None:
    client = login(quiz.course.instructor)
    response = client.post(add_address(quiz, "coding"), coding(quiz=quiz.pk, **fields))
    found = errors(response)
    assert list(found) == [name]
    assert len(found[name]) == 1
    assert words in found[name][0]
    assert "How much is 1 + 1?" in response.content.decode()
    assert not Question.objects.exists()


# All of them


@pytest.mark.parametrize("factory", [QuestionFactory, TrueFalseFactory, EssayFactory, CodingFactory])
def test_saving_without_a_change_changes_nothing(
    factory: Any, quiz: Quiz, instructor: User, login: Login
) -> None:
    question = factory(quiz=quiz)
    before = Question.objects.filter(pk=question.pk).values()[0]
    client = login(instructor)
    form = client.get(change_address(question)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if name not in ("choices", "tests")}
    data = {name: value for name, value in data.items() if value is not None}
    for name in {"choices", "tests"} & set(form.fields):
        rows = form[name].value()
        data |= {f"{name}-total": len(rows)}
        for number, row in enumerate(rows):
            data |= {f"{name}-{number}-{key}": value for key, value in row.items() if value is not False}
    assert client.post(change_address(question), data).status_code == 302
    assert Question.objects.filter(pk=question.pk).values()[0] == before


@pytest.mark.parametrize("factory", [QuestionFactory, TrueFalseFactory, EssayFactory, CodingFactory])
def test_no_form_shows_how_an_answer_is_stored(
    factory: Any, quiz: Quiz, instructor: User, login: Login
) -> None:
    question = factory(quiz=quiz)
    client = login(instructor)
    pages = [
        client.get(change_address(question)),
        client.get(add_address(quiz, question.question_type)),
        client.get(reverse("admin:assessments_quiz_build", args=[quiz.pk])),
        client.get(reverse("admin:assessments_quiz_change", args=[quiz.pk])),
    ]
    if question.is_coding:
        pages.append(client.get(reverse("admin:assessments_codingquestion_change", args=[question.pk])))
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        for name in ("options", "correct_answer", "test_cases", "paper"):
            assert f'name="{name}"' not in text
        assert "&quot;id&quot;" not in text
        assert "&quot;input&quot;" not in text


def test_type_is_chosen_first(quiz: Quiz, instructor: User, login: Login) -> None:
    client = login(instructor)
    address = f"{reverse('admin:assessments_question_add')}?quiz={quiz.pk}"
    page = client.get(address).content.decode()
    for kind in ("multiple_choice", "true_false", "essay", "coding"):
        assert f"?question_type={kind}&amp;quiz={quiz.pk}" in page
    assert client.get(f"{address}&question_type=riddle").status_code == 200


def test_another_question_of_the_kind_is_next(quiz: Quiz, instructor: User, login: Login) -> None:
    address = add_address(quiz, "essay")
    response = login(instructor).post(address, COMMON | {"quiz": quiz.pk, "_addanother": "1"})
    assert response["Location"] == address


def test_lesson_lies_in_the_course(quiz: Quiz, instructor: User, login: Login) -> None:
    other = make_course(slug="other", instructor=instructor)
    data = COMMON | {"quiz": quiz.pk, "lesson": other.modules.all()[0].lessons.all()[0].pk}
    response = login(instructor).post(add_address(quiz, "essay"), data)
    assert list(errors(response)) == ["lesson"]


def test_changed_key_of_a_taken_quiz_tells_of_regrading(
    quiz: Quiz, instructor: User, student: User, login: Login
) -> None:
    Quiz.objects.update(is_published=True)
    quiz.refresh_from_db()
    question = TrueFalseFactory(quiz=quiz)
    submit_attempt(attempt=make_attempt(quiz=quiz, student=student))
    client = login(instructor)
    data = COMMON | {"truth": "true", "points": "1.00", "content": "Other words"}
    page = client.post(change_address(question), data, follow=True).content.decode()
    assert "finished attempt keeps" not in page
    page = client.post(change_address(question), data | {"truth": "false"}, follow=True).content.decode()
    assert "1 finished attempt keeps its points." in page
    assert reverse("admin:assessments_quiz_regrade", args=[quiz.pk]) in page


# Who may


def test_assistant_reads_the_answer_and_changes_nothing(quiz: Quiz, login: Login) -> None:
    assistant = HelperFactory(course=quiz.course, role="assistant").user
    client = login(assistant)
    for factory in (QuestionFactory, TrueFalseFactory, EssayFactory, CodingFactory):
        question = factory(quiz=quiz)
        page = client.get(change_address(question))
        assert page.status_code == 200
        assert "rows-list" not in page.content.decode()
        assert client.post(change_address(question), COMMON).status_code == 403
    assert "one more" in client.get(change_address(quiz.questions.all()[0])).content.decode()
    assert client.post(add_address(quiz, "essay"), COMMON | {"quiz": quiz.pk}).status_code == 403
    assert not Question.objects.filter(content=COMMON["content"]).exists()


def test_stranger_finds_no_question_and_adds_none(quiz: Quiz, other_instructor: User, login: Login) -> None:
    question = QuestionFactory(quiz=quiz)
    client = login(other_instructor)
    assert client.get(change_address(question)).status_code == 404
    assert client.post(change_address(question), COMMON).status_code == 404
    response = client.post(add_address(quiz, "essay"), COMMON | {"quiz": quiz.pk})
    assert list(errors(response)) == ["quiz"]
    copy = reverse("admin:assessments_question_copy", args=[question.pk])
    assert client.post(copy, {"quiz": quiz.pk}).status_code == 404
    assert Question.objects.count() == 1


def test_question_is_copied_to_an_own_quiz_alone(
    quiz: Quiz, instructor: User, other_instructor: User, login: Login
) -> None:
    question = QuestionFactory(quiz=quiz)
    own = QuizFactory(course=make_course(slug="own", instructor=instructor))
    foreign = QuizFactory(course=make_course(slug="foreign", instructor=other_instructor))
    client = login(instructor)
    copy = reverse("admin:assessments_question_copy", args=[question.pk])
    assert client.get(copy).status_code == 200
    assert client.post(copy, {"quiz": own.pk}).status_code == 302
    assert own.questions.get().content == question.content
    response = client.post(copy, {"quiz": foreign.pk})
    assert response.status_code == 200
    assert not foreign.questions.exists()


def test_helper_copies_into_no_quiz_that_is_only_read(quiz: Quiz, instructor: User, login: Login) -> None:
    question = QuestionFactory(quiz=quiz)
    read = QuizFactory(course=make_course(slug="read"))
    HelperFactory(course=read.course, user=instructor, role="assistant")
    copy = reverse("admin:assessments_question_copy", args=[question.pk])
    assert login(instructor).post(copy, {"quiz": read.pk}).status_code == 403
    assert not read.questions.exists()
