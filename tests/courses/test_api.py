"""Courses and their content in the API: what is shown, taken, filtered and refused."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from courses.models import Course, Lesson, PaymentStatus
from tests.courses.factories import (
    CompletionFactory,
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
    make_course,
)

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
COURSES, MODULES, LESSONS = f"{ROOT}courses/", f"{ROOT}modules/", f"{ROOT}lessons/"
NEW_COURSE = {
    "title": "Counting further",
    "description": "Beyond ten.",
    "level": "Beginner",
    "category": "Mathematics",
    "duration_weeks": 3,
}


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["results"]]


# --- Courses --------------------------------------------------------------------------------------------


def test_course_shows_its_instructor_publicly(api: Api, course: Course) -> None:
    shown = api().get(f"{COURSES}{course.pk}/").json()
    assert shown["slug"] == "counting"
    assert shown["price"] == "0.00"
    assert (shown["lesson_count"], shown["total_minutes"]) == (4, 40)
    assert shown["instructor"] == {
        "id": course.instructor_id,
        "display_name": course.instructor.display_name,
        "avatar_url": None,
        "picture_path": None,
        "bio": None,
    }


def test_instructor_makes_a_course_of_the_own(api: Api, instructor: User) -> None:
    answer = api(instructor, key=True).post(COURSES, NEW_COURSE, format="json")
    assert answer.status_code == 201, answer.content
    made = Course.objects.get(pk=answer.json()["id"])
    assert (made.instructor, made.slug, made.is_published) == (instructor, "counting-further", False)
    assert api().get(f"{COURSES}{made.pk}/").status_code == 404


def test_two_courses_of_one_title_have_two_addresses(
    api: Api, instructor: User, other_instructor: User
) -> None:
    slugs = {
        api(who).post(COURSES, NEW_COURSE, format="json").json()["slug"]
        for who in (instructor, other_instructor)
    }
    assert len(slugs) == 2


@pytest.mark.parametrize("title", ["日本", "!!!", "-", "x" * 200])
def test_every_title_gives_an_address(api: Api, instructor: User, title: str) -> None:
    answer = api(instructor).post(COURSES, {**NEW_COURSE, "title": title}, format="json")
    assert answer.status_code == 201, answer.content
    assert 0 < len(answer.json()["slug"]) <= 80


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("instructor", 1_000_000),
        ("instructor", {"id": 1}),
        ("slug", "taken"),
        ("lesson_count", 50),
        ("total_minutes", 1),
        ("id", 7_000),
        ("created_at", "2030-01-01T00:00:00Z"),
        ("updated_at", "2030-01-01T00:00:00Z"),
    ],
)
def test_what_the_server_sets_is_refused_by_name(api: Api, course: Course, field: str, value: Any) -> None:
    client = api(course.instructor)
    before = Course.objects.values().get()
    for answer in (
        client.patch(f"{COURSES}{course.pk}/", {field: value, "title": "Other"}, format="json"),
        client.post(COURSES, {**NEW_COURSE, field: value}, format="json"),
    ):
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field]
    assert Course.objects.values().get() == before


def test_own_id_as_owner_is_no_difference(api: Api, instructor: User) -> None:
    answer = api(instructor).post(COURSES, {**NEW_COURSE, "instructor": instructor.pk}, format="json")
    assert answer.status_code == 201, answer.content


def test_wrong_and_server_fields_are_named_together(api: Api, instructor: User) -> None:
    answer = api(instructor).post(COURSES, {**NEW_COURSE, "slug": "x", "level": "Odd"}, format="json")
    assert answer.json()["fields"].keys() == {"slug", "level"}


def test_course_can_be_sent_back_as_it_was_read(api: Api, course: Course) -> None:
    client = api(course.instructor)
    body = client.get(f"{COURSES}{course.pk}/").json()
    answer = client.patch(f"{COURSES}{course.pk}/", {**body, "price": "12.50"}, format="json")
    assert answer.status_code == 200, answer.content
    course.refresh_from_db()
    assert course.price == Decimal("12.50")


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": "-1"},
        {"price": "1.001"},
        {"duration_weeks": 0},
        {"cover_hue": 360},
        {"cover_image": "javascript:alert(1)"},
        {"level": "beginner"},
        {"title": " "},
        {"title": "x" * 201},
    ],
)
def test_values_that_cannot_be_right_are_named(api: Api, course: Course, wrong: dict[str, Any]) -> None:
    answer = api(course.instructor).patch(f"{COURSES}{course.pk}/", wrong, format="json")
    assert answer.status_code == 400
    assert answer.json()["fields"].keys() == wrong.keys()


def test_publishing_is_logged(api: Api, course: Course) -> None:
    client = api(course.instructor)
    client.patch(f"{COURSES}{course.pk}/", {"is_published": False}, format="json")
    client.patch(f"{COURSES}{course.pk}/", {"title": "Other"}, format="json")
    assert list(
        AuditEvent.objects.filter(row_id=course.pk, table="courses").values_list("action", "actor_id")
    ) == [("course.unpublish", course.instructor_id)]
    assert api().get(f"{COURSES}{course.pk}/").status_code == 404


def test_catalogue_is_narrowed_searched_and_ordered(api: Api, instructor: User) -> None:
    CourseFactory(title="Algebra", price=10, level="Advanced", total_minutes=90, instructor=instructor)
    CourseFactory(title="Botany", category="Biology", language="es", total_minutes=30)
    CourseFactory(title="Chemistry", price=20, outcome="Mix safely.", total_minutes=60)
    CourseFactory(title="Drafts", is_published=False, instructor=instructor)
    client = api()
    for query, expected in {
        "": ["Algebra", "Botany", "Chemistry"],
        "level=Advanced": ["Algebra"],
        "category=Biology": ["Botany"],
        "language=es": ["Botany"],
        "is_free=true": ["Botany"],
        "is_free=false": ["Algebra", "Chemistry"],
        "price_max=10": ["Algebra", "Botany"],
        "price_min=10.01": ["Chemistry"],
        f"instructor={instructor.pk}": ["Algebra"],
        "is_published=false": [],
        "search=mix%20chem": ["Chemistry"],
        "search=algebra%20safely": [],
        "ordering=-price,title": ["Chemistry", "Algebra", "Botany"],
        "ordering=total_minutes": ["Botany", "Chemistry", "Algebra"],
    }.items():
        assert titles(client.get(f"{COURSES}?{query}")) == expected, query
    assert titles(api(instructor).get(f"{COURSES}?is_published=false")) == ["Drafts"]


def test_pages_do_not_overlap_when_rows_are_alike(api: Api, statements: Any) -> None:
    for _ in range(7):
        CourseFactory(title="Same", price=5)
    client, seen = api(), []
    address: str | None = f"{COURSES}?ordering=price&page_size=2"
    with statements() as asked:
        while address:
            body = client.get(address).json()
            seen += [row["id"] for row in body["results"]]
            address = body["next"]
    assert len(seen) == len(set(seen)) == body["count"] == 7
    # Small tables come in order anyway; what counts is that the database is told how ties are decided.
    assert all('"id" ASC' in sql.partition("ORDER BY")[2] for sql in asked if "LIMIT" in sql)


def test_other_parameters_do_not_hide_a_row(api: Api, course: Course) -> None:
    assert api().get(f"{COURSES}{course.pk}/?search=zzz&level=Advanced&ordering=zzz").status_code == 200


# --- Contents -------------------------------------------------------------------------------------------


def contents(client: APIClient, course: Course) -> list[tuple[str, bool, bool, str | None]]:
    body = client.get(f"{COURSES}{course.pk}/contents/").json()
    return [
        (row["title"], row["is_completed"], row["is_locked"], row["lock"] and row["lock"]["code"])
        for module in body["modules"]
        for row in module["lessons"]
    ]


def test_contents_say_what_is_locked_and_why(
    api: Api, course: Course, student: User, enrolled_student: User
) -> None:
    for client, code in ((api(), "sign_in"), (api(student), "not_enrolled")):
        assert contents(client, course) == [
            ("Lesson 1.1", False, False, None),
            ("Lesson 1.2", False, True, code),
            ("Lesson 2.1", False, True, code),
            ("Lesson 2.2", False, True, code),
        ]
    EnrollmentFactory(student=student, course=course, payment_status=PaymentStatus.REFUNDED)
    assert contents(api(student), course)[1] == ("Lesson 1.2", False, True, "payment_refunded")
    CompletionFactory(student=enrolled_student, lesson=Lesson.objects.get(title="Lesson 1.2"))
    assert contents(api(enrolled_student, key=True), course) == [
        ("Lesson 1.1", False, False, None),
        ("Lesson 1.2", True, False, None),
        ("Lesson 2.1", False, False, None),
        ("Lesson 2.2", False, False, None),
    ]


def test_contents_show_drafts_to_those_who_edit(api: Api, course: Course, admin_user: User) -> None:
    for editor in (course.instructor, admin_user):
        assert ("Draft lesson", False, False, None) in contents(api(editor), course)
    course.modules.filter(order_index=2).update(is_published=False)
    assert len(contents(api(), course)) == 2
    assert api().get(f"{COURSES}{make_course(is_published=False).pk}/contents/").status_code == 404


def test_contents_hold_no_content(api: Api, course: Course, enrolled_student: User) -> None:
    text = api(enrolled_student).get(f"{COURSES}{course.pk}/contents/").content.decode()
    assert "Counting\\n" not in text
    assert "What this part is about" not in text


# --- Modules and lessons --------------------------------------------------------------------------------


def test_outline_of_a_module_has_no_description(
    api: Api, course: Course, student: User, enrolled_student: User, admin_user: User
) -> None:
    address = f"{MODULES}{course.modules.get(order_index=1).pk}/"
    for reader, expected in {
        api(): "",
        api(student): "",
        api(enrolled_student): "What this part is about.",
        api(course.instructor): "What this part is about.",
        api(admin_user): "What this part is about.",
    }.items():
        shown = reader.get(address).json()
        assert (shown["description"], shown["lesson_count"]) == (expected, 2)


def test_new_parts_come_last(api: Api, course: Course) -> None:
    client = api(course.instructor)
    module = client.post(
        MODULES, {"course": course.pk, "title": "New", "description": "x"}, format="json"
    ).json()
    assert (module["order_index"], module["is_published"], module["lesson_count"]) == (3, False, 0)
    first = course.modules.get(order_index=1)
    lesson = client.post(LESSONS, {"module": first.pk, "title": "New", "content": "x"}, format="json").json()
    assert (lesson["order_index"], lesson["content_type"], lesson["course"]) == (4, "text", course.pk)


def test_lists_follow_the_course(api: Api, course: Course) -> None:
    make_course(title="Another")
    assert titles(api().get(f"{LESSONS}?course={course.pk}")) == [
        f"Lesson {n}" for n in ("1.1", "1.2", "2.1", "2.2")
    ]
    module = course.modules.get(order_index=2)
    assert titles(api().get(f"{LESSONS}?module={module.pk}")) == ["Lesson 2.1", "Lesson 2.2"]
    assert titles(api().get(f"{MODULES}?course={course.pk}")) == ["Module 1", "Module 2"]
    assert titles(api().get(f"{LESSONS}?course={course.pk}&is_preview=true")) == ["Lesson 1.1"]
    assert titles(api().get(f"{LESSONS}?is_published=false")) == []


def test_list_of_lessons_has_no_content(api: Api, course: Course) -> None:
    for reader in (api(), api(course.instructor)):
        for row in reader.get(LESSONS).json()["results"]:
            assert not {"content", "content_html"} & row.keys()


def test_lesson_is_given_as_written_and_as_safe_html(
    api: Api, course: Course, enrolled_student: User
) -> None:
    lesson = Lesson.objects.get(title="Lesson 2.1")
    Lesson.objects.filter(pk=lesson.pk).update(content="One *two*.\n\n<script>alert(1)</script>")
    shown = api(enrolled_student).get(f"{LESSONS}{lesson.pk}/").json()
    assert shown["content"].startswith("One *two*.")
    assert "<em>two</em>" in shown["content_html"]
    assert "<script" not in shown["content_html"]


def test_reading_a_lesson_counts_as_opening_it(api: Api, course: Course, enrolled_student: User) -> None:
    place = course.enrollments.get()
    lesson = Lesson.objects.get(title="Lesson 2.1")
    api(enrolled_student).get(LESSONS)
    place.refresh_from_db()
    assert place.last_accessed is None
    api(enrolled_student).get(f"{LESSONS}{lesson.pk}/")
    place.refresh_from_db()
    assert place.last_accessed is not None
    assert place.module_progress.get().module_id == lesson.module_id


def test_progress_follows_a_lesson_that_is_unpublished(
    api: Api, course: Course, enrolled_student: User, django_capture_on_commit_callbacks: Any
) -> None:
    lesson = Lesson.objects.get(title="Lesson 2.1")
    answer = api(course.instructor).patch(f"{LESSONS}{lesson.pk}/", {"is_published": False}, format="json")
    assert answer.status_code == 200
    course.refresh_from_db()
    assert (course.lesson_count, course.total_minutes) == (3, 30)


def test_part_moves_only_between_courses_that_one_edits(
    api: Api, course: Course, other_instructor: User, admin_user: User
) -> None:
    lesson = Lesson.objects.get(title="Lesson 2.1")
    own = make_course(instructor=course.instructor)
    foreign = make_course(instructor=other_instructor)
    hidden = make_course(instructor=other_instructor, is_published=False)
    client = api(course.instructor)
    for target, status in ((foreign, 403), (hidden, 404), (own, 200)):
        body = {"module": target.modules.get(order_index=1).pk}
        assert client.patch(f"{LESSONS}{lesson.pk}/", body, format="json").status_code == status
    moved = Lesson.objects.get(pk=lesson.pk)
    assert moved.module.course == own
    counts = [Course.objects.get(pk=one.pk).lesson_count for one in (course, own)]
    assert counts == [3, 5]
    back = {"module": course.modules.get(order_index=2).pk}
    assert api(other_instructor).patch(f"{LESSONS}{lesson.pk}/", back, format="json").status_code == 403
    assert api(admin_user).patch(f"{LESSONS}{lesson.pk}/", back, format="json").status_code == 200


def test_missing_and_hidden_parents_are_answered_alike(api: Api, course: Course, student: User) -> None:
    hidden = ModuleFactory(course__is_published=False)
    bodies = [{"module": pk, "title": "New", "content": "x"} for pk in (hidden.pk, 10**6)]
    for client in (api(student), api(course.instructor)):
        answers = [client.post(LESSONS, body, format="json") for body in bodies]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


def test_key_of_a_part_is_its_own_within_the_course(api: Api, course: Course) -> None:
    module = course.modules.get(order_index=1)
    LessonFactory(module=module, key="first")
    answer = api(course.instructor).post(
        LESSONS, {"module": module.pk, "title": "New", "content": "x", "key": "first"}, format="json"
    )
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"non_field_errors": ["Another lesson of this module has this key."]}


def test_work_keeps_content_from_being_deleted(api: Api, course: Course, enrolled_student: User) -> None:
    lesson = Lesson.objects.get(title="Lesson 2.1")
    CompletionFactory(student=enrolled_student, lesson=lesson)
    for address in (f"{LESSONS}{lesson.pk}/", f"{MODULES}{lesson.module_id}/", f"{COURSES}{course.pk}/"):
        answer = api(course.instructor).delete(address)
        assert (answer.status_code, answer.json()["code"]) == (409, "holds_work")
    assert Lesson.objects.filter(pk=lesson.pk).exists()
