"""The builder page: who may use it, what each act does, what is said when it cannot be."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from courses.building import ACTS
from courses.models import Course, CourseHelper, HelperRole, Lesson, Module
from tests.accounts.factories import UserFactory
from tests.courses.factories import (
    CompletionFactory,
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
    make_course,
)

Login = Callable[[User], Client]
Statements = Callable[[], AbstractContextManager[list[str]]]
FETCH = {"X-Requested-With": "fetch"}


def build(course: Course) -> str:
    return reverse("admin:courses_course_build", args=[course.pk])


def do(client: Client, course: Course, act: str, *, script: bool = True, **data: Any) -> Any:
    return client.post(f"{build(course)}{act}/", data, headers=FETCH if script else {})


def lesson(title: str) -> Lesson:
    return Lesson.objects.get(title=title)


def order(course: Course) -> list[list[str]]:
    return [[row.title for row in module.lessons.all()] for module in course.modules.all()]


@pytest.fixture
def client(instructor: User, login: Login) -> Client:
    return login(instructor)


# Who


def test_page_is_for_those_who_edit_the_course(
    course: Course, instructor: User, other_instructor: User, admin_user: User, login: Login
) -> None:
    people = {instructor: 200, other_instructor: 404, admin_user: 200, UserFactory(): 302}
    for role, status in ((HelperRole.CO_INSTRUCTOR, 200), (HelperRole.ASSISTANT, 403)):
        helper = UserFactory()
        CourseHelper.objects.create(course=course, user=helper, role=role)
        people[helper] = status
    for person, status in people.items():
        client = login(person)
        assert client.get(build(course)).status_code == status, person
        expected = 200 if status == 200 else status
        answer = do(client, course, "add-module", title=f"By {person.pk}")
        assert answer.status_code == expected, person
        assert Module.objects.filter(title=f"By {person.pk}").exists() == (status == 200)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_no_act_reaches_into_another_course(
    act: str, client: Client, course: Course, other_instructor: User
) -> None:
    foreign = make_course(title="Foreign", slug="foreign", instructor=other_instructor)
    module = foreign.modules.all()[0]
    before = list(Lesson.objects.order_by("pk").values()), list(Module.objects.order_by("pk").values())
    data = {"module": module.pk, "lesson": module.lessons.all()[0].pk, "to": module.pk, "order": module.pk}
    answer = do(client, course, act, content_type="text", title="" if act == "add-module" else "T", **data)
    assert answer.status_code in (400, 404, 409)
    assert before == (
        list(Lesson.objects.order_by("pk").values()),
        list(Module.objects.order_by("pk").values()),
    )
    assert do(client, foreign, act, title="T", content_type="text", **data).status_code == 404


def test_lesson_is_not_moved_into_another_course(client: Client, course: Course, instructor: User) -> None:
    elsewhere = ModuleFactory(course__instructor=instructor)
    answer = do(client, course, "move-lesson", lesson=lesson("Lesson 1.1").pk, to=elsewhere.pk)
    assert answer.status_code == 404
    assert not elsewhere.lessons.exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "9" * 30, "١"])
def test_what_is_no_number_names_no_row(client: Client, course: Course, number: str) -> None:
    assert do(client, course, "delete-lesson", lesson=number).status_code == 404
    assert do(client, course, "order-modules", order=[number]).status_code in (404, 409)


def test_acts_are_posted(client: Client, course: Course) -> None:
    assert client.get(f"{build(course)}add-module/").status_code == 405
    assert client.post(f"{build(course)}burn-it/").status_code == 404


def test_acts_need_the_token(instructor: User, course: Course) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(instructor, backend="accounts.backends.SignInBackend")
    assert do(client, course, "add-module", title="T").status_code == 403


# What


def test_course_is_built_from_nothing(client: Client, instructor: User) -> None:
    course = CourseFactory(instructor=instructor, is_published=False)
    assert "Start with a module" in client.get(build(course)).content.decode()
    for title in ("Bends", "Hitches"):
        answer = do(client, course, "add-module", title=title).json()
        assert answer["message"] == f"Module “{title}” added."
        assert f'id="{answer["focus"]}"' in answer["html"]
    bends, hitches = course.modules.all()
    for module, title, kind in (
        (bends, "Sheet bend", "text"),
        (bends, "Film", "video"),
        (hitches, "Clove", "quiz"),
    ):
        assert (
            do(client, course, "add-lesson", module=module.pk, title=title, content_type=kind).status_code
            == 200
        )
    assert order(course) == [["Sheet bend", "Film"], ["Clove"]]
    assert lesson("Film").content_type == "video"
    do(client, course, "order-modules", order=[hitches.pk, bends.pk])
    do(client, course, "move-lesson", lesson=lesson("Film").pk, to=hitches.pk, position=1)
    assert order(course) == [["Film", "Clove"], ["Sheet bend"]]
    assert not Lesson.objects.filter(is_published=True).exists()


def test_module_is_renamed_published_and_hidden_again(client: Client, course: Course) -> None:
    module = course.modules.all()[0]
    do(client, course, "rename-module", module=module.pk, title="  Bends ")
    do(client, course, "unpublish-module", module=module.pk)
    module.refresh_from_db()
    assert (module.title, module.is_published) == ("Bends", False)
    do(client, course, "publish-module", module=module.pk)
    module.refresh_from_db()
    assert module.is_published
    actions = AuditEvent.objects.filter(action__startswith="module").order_by("pk")
    assert [event.action for event in actions] == ["module.unpublish", "module.publish"]


def test_lesson_is_renamed_published_opened_and_closed(client: Client, course: Course) -> None:
    row = lesson("Draft lesson")
    for act, field, value in (
        ("publish-lesson", "is_published", True), ("unpublish-lesson", "is_published", False),
        ("open-lesson", "is_preview", True), ("close-lesson", "is_preview", False),
    ):  # fmt: skip
        assert do(client, course, act, lesson=row.pk).status_code == 200
        row.refresh_from_db()
        assert getattr(row, field) is value
    do(client, course, "rename-lesson", lesson=row.pk, title="Written")
    row.refresh_from_db()
    assert row.title == "Written"
    assert row.content.startswith("## Counting")


def test_rows_move_by_steps_and_say_when_they_cannot(client: Client, course: Course) -> None:
    first = lesson("Lesson 1.1").pk
    answer = do(client, course, "lesson-up", lesson=first).json()
    assert answer["message"] == "“Lesson 1.1” is the first already."
    assert answer["focus"] == f"lesson-{first}-up"
    do(client, course, "lesson-down", lesson=first)
    assert order(course)[0] == ["Lesson 1.2", "Lesson 1.1", "Draft lesson"]
    module = course.modules.all()[0]
    do(client, course, "module-down", module=module.pk)
    assert [row.title for row in course.modules.all()] == ["Module 2", "Module 1"]
    do(client, course, "module-up", module=module.pk)
    assert [row.title for row in course.modules.all()] == ["Module 1", "Module 2"]


def test_lesson_and_module_are_deleted(client: Client, course: Course) -> None:
    do(client, course, "delete-lesson", lesson=lesson("Lesson 1.2").pk)
    do(client, course, "delete-module", module=course.modules.get(title="Module 2").pk)
    assert order(course) == [["Lesson 1.1", "Draft lesson"]]


# What cannot be


@pytest.mark.parametrize("act", ["delete-lesson", "delete-module"])
def test_what_holds_work_stays_and_says_so(act: str, client: Client, course: Course) -> None:
    row = lesson("Lesson 1.1")
    CompletionFactory(lesson=row)
    data = {"lesson": row.pk} if act == "delete-lesson" else {"module": row.module_id}
    answer = do(client, course, act, **data)
    assert answer.status_code == 409
    sentence = "This holds students’ work (1 lesson completion). Unpublish it instead."
    assert answer.json() == {"message": sentence}
    page = do(client, course, act, script=False, **data)
    assert page.status_code == 400
    assert sentence in page.content.decode()
    assert order(course)[0] == ["Lesson 1.1", "Lesson 1.2", "Draft lesson"]


def test_order_of_yesterday_is_answered_with_that_of_today(client: Client, course: Course) -> None:
    answer = do(client, course, "order-modules", order=[course.modules.all()[0].pk])
    assert answer.status_code == 409
    assert "Module 2" in answer.json()["html"]


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("", "Enter a title."),
        ("   ", "Enter a title."),
        ("x" * 201, "The title must be 200 characters or fewer."),
    ],
)
@pytest.mark.parametrize("act", ["add-module", "add-lesson", "rename-module", "rename-lesson"])
def test_title_that_cannot_be_is_refused_where_it_was_typed(
    act: str, title: str, sentence: str, client: Client, course: Course
) -> None:
    row = lesson("Lesson 1.1")
    data = {"module": row.module_id, "lesson": row.pk, "title": title, "content_type": "text"}
    answer = do(client, course, act, **data)
    assert (answer.status_code, answer.json()["message"]) == (400, sentence)
    page = do(client, course, act, script=False, **data)
    assert page.status_code == 400
    assert sentence in page.content.decode()
    assert order(course)[0] == ["Lesson 1.1", "Lesson 1.2", "Draft lesson"]
    assert course.modules.count() == 2


def test_what_was_typed_is_there_after_a_refusal(client: Client, course: Course) -> None:
    page = do(client, course, "add-lesson", script=False, module=course.modules.all()[0].pk,
              title="A long story", content_type="opera").content.decode()  # fmt: skip
    assert 'value="A long story"' in page
    assert page.count("A long story") == 1


def test_title_is_shown_as_text(client: Client, course: Course) -> None:
    answer = do(client, course, "add-module", title="<script>alert(1)</script>").json()
    assert "<script>" not in answer["html"]


# Without a script


def test_plain_form_leads_back_to_the_page(client: Client, course: Course) -> None:
    row = lesson("Lesson 1.1")
    answer = do(client, course, "lesson-down", script=False, lesson=row.pk)
    assert answer.status_code == 302
    assert answer["Location"] == f"{build(course)}#lesson-{row.pk}-down"
    assert "“Lesson 1.1” moved down." in client.get(build(course)).content.decode()


# At what price


def test_page_costs_the_same_however_many_lessons(
    client: Client, course: Course, statements: Statements
) -> None:
    def price() -> int:
        with statements() as seen:
            assert client.get(build(course)).status_code == 200
        return len(seen)

    price()
    few = price()
    for _number in range(3):
        module = ModuleFactory(course=course)
        LessonFactory.create_batch(5, module=module)
    EnrollmentFactory.create_batch(2, course=course)
    assert price() == few <= 6


@pytest.mark.parametrize("position", ["9" * 6, "9" * 20, "9" * 5000])
def test_place_beyond_all_places_is_refused(client: Client, course: Course, position: str) -> None:
    module = course.modules.all()[0]
    answer = do(
        client, course, "move-lesson", lesson=module.lessons.all()[0].pk, to=module.pk, position=position
    )
    assert answer.status_code == 400
