"""More time, attempts and days for one student: who gives them, who sees them, and through which door."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from courses.accommodations import accommodation_of, give_accommodation, remove_accommodation
from courses.models import Accommodation, Course, CourseEnrollment, HelperRole
from tests.courses.factories import EnrollmentFactory, HelperFactory, make_course

Api = Callable[..., APIClient]
Login = Callable[[User], Client]
ROOT = "/api/v1/accommodations/"
# Nobody; a student in nothing, who left, with a payment pending, with an open place; the owner, the co-instructor
# and the assistant of the course, another course's instructor, an administrator.
ROLES = ("AN", "SN", "LEFT", "SU", "SP", "IO", "CO", "TA", "IX", "AD")


@pytest.fixture
def people(
    course: Course, student: User, instructor: User, other_instructor: User, admin_user: User
) -> dict[str, User]:
    places = {
        "LEFT": EnrollmentFactory(course=course, withdrawn_at=course.created_at),
        "SU": EnrollmentFactory(course=course, payment_status="pending"),
        "SP": EnrollmentFactory(course=course),
    }
    for place in places.values():
        give_accommodation(enrollment=place, by=instructor, time_factor=Decimal("1.5"), note="Ill")
    return {
        "SN": student,
        **{role: place.student for role, place in places.items()},
        "IO": instructor,
        "CO": HelperFactory(course=course, role=HelperRole.CO_INSTRUCTOR).user,
        "TA": HelperFactory(course=course).user,
        "IX": other_instructor,
        "AD": admin_user,
    }


def row_of(person: User) -> Accommodation:
    return Accommodation.objects.get(enrollment__student=person)


# --- Giving ---------------------------------------------------------------------------------------


def test_giving_again_replaces_and_is_logged(
    course: Course, enrolled_student: User, instructor: User
) -> None:
    place = CourseEnrollment.objects.select_related("course").get(student=enrolled_student)
    give_accommodation(enrollment=place, by=instructor, time_factor=Decimal("1.25"), note="Secret")
    give_accommodation(enrollment=place, by=instructor, extra_attempts=2)
    row = accommodation_of(enrolled_student, course)
    assert row
    assert (row.time_factor, row.extra_attempts, row.note) == (1, 2, "")
    remove_accommodation(accommodation=row, by=instructor)
    assert accommodation_of(enrolled_student, course) is None
    events = AuditEvent.objects.filter(action__startswith="accommodation.").order_by("pk")
    assert [event.action for event in events] == [
        "accommodation.give",
        "accommodation.give",
        "accommodation.remove",
    ]
    assert (events[1].before["time_factor"], events[1].after["extra_attempts"]) == ("1.25", 2)
    assert "Secret" not in f"{[(event.before, event.after, event.reason) for event in events]}"


@pytest.mark.parametrize(
    "values",
    [{"time_factor": Decimal("0.99")}, {"time_factor": Decimal("10.01")}, {"time_factor": Decimal("NaN")},
     {"extra_attempts": -1}, {"extra_attempts": 101}, {"extra_days": 366}],
)  # fmt: skip
def test_nobody_gives_what_makes_no_sense(
    values: dict[str, Any], course: Course, enrolled_student: User, instructor: User
) -> None:
    place = CourseEnrollment.objects.get(student=enrolled_student)
    with pytest.raises(ValidationError):
        give_accommodation(enrollment=place, by=instructor, **values)
    assert not Accommodation.objects.exists()


def test_only_who_teaches_gives_and_nobody_to_oneself(course: Course, people: dict[str, User]) -> None:
    place = CourseEnrollment.objects.get(student=people["SP"])
    for role in ("SP", "TA", "IX", "SN"):
        with pytest.raises(PermissionDenied):
            give_accommodation(enrollment=place, by=people[role], extra_days=3)
        with pytest.raises(PermissionDenied):
            remove_accommodation(accommodation=row_of(people["SP"]), by=people[role])
    own = EnrollmentFactory(course=course, student=people["AD"])
    with pytest.raises(PermissionDenied):
        give_accommodation(enrollment=own, by=people["AD"], extra_days=3)


# --- The API --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [False, True])
def test_each_role_reads_its_rows_and_students_never_the_note(
    api: Api, people: dict[str, User], key: bool
) -> None:
    every = {row_of(people[role]).pk for role in ("LEFT", "SU", "SP")}
    seen = {role: every if role in ("IO", "CO", "TA", "AD") else set() for role in ROLES}
    seen |= {role: {row_of(people[role]).pk} for role in ("SU", "SP")}
    for role in ROLES:
        client = api(people.get(role), key=key and role != "AN")
        listed = client.get(ROOT)
        if role == "AN":
            assert listed.status_code == 401
            continue
        rows = listed.json()["results"]
        assert {row["id"] for row in rows} == seen[role], role
        assert {row["note"] for row in rows} <= ({"Ill"} if role in ("IO", "CO", "TA", "AD") else {""}), role
        for pk in every:
            assert client.get(f"{ROOT}{pk}/").status_code == (200 if pk in seen[role] else 404), role


WRITING = dict(zip(ROLES, [401, 404, 404, 403, 403, 200, 200, 403, 404, 200], strict=True))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_writes_by_the_law(api: Api, role: str, course: Course, people: dict[str, User]) -> None:
    row = row_of(people["SU" if role == "SU" else "SP"])
    client = api(people.get(role))
    changed = client.patch(f"{ROOT}{row.pk}/", {"extra_attempts": 3}, format="json")
    assert changed.status_code == WRITING[role]
    row.refresh_from_db()
    assert (row.extra_attempts, row.time_factor, row.note) == (
        3 if WRITING[role] == 200 else 0,
        Decimal("1.5"),
        "Ill",
    )
    fresh = EnrollmentFactory(course=course)
    made = client.post(ROOT, {"enrollment": fresh.pk, "time_factor": "2.00"}, format="json")
    expected = {200: 201}.get(WRITING[role], WRITING[role])
    assert made.status_code == (404 if role in ("SU", "SP") else expected)
    assert client.delete(f"{ROOT}{row.pk}/").status_code == {200: 204}.get(WRITING[role], WRITING[role])
    assert Accommodation.objects.filter(pk=row.pk).exists() == (WRITING[role] != 200)


def test_nobody_moves_or_forges_a_row(api: Api, course: Course, people: dict[str, User]) -> None:
    client, row = api(people["IO"]), row_of(people["SP"])
    other = EnrollmentFactory(course=course)
    foreign = EnrollmentFactory(course=make_course(title="Other", slug="other", instructor=people["IX"]))
    for body, status in (
        ({"enrollment": other.pk}, 400),
        ({"enrollment": foreign.pk}, 404),
        ({"student": people["SN"].pk}, 400),
        ({"time_factor": "0.5"}, 400),
        ({"time_factor": "NaN"}, 400),
        ({"extra_days": 10**20}, 400),
        ({"note": "nul \0"}, 400),
    ):
        assert client.patch(f"{ROOT}{row.pk}/", body, format="json").status_code == status, body
    assert client.get(ROOT, {"course": foreign.course_id}).json()["results"] == []
    assert len(client.get(ROOT, {"student": people["SP"].pk}).json()["results"]) == 1


# --- The admin site -------------------------------------------------------------------------------


def test_who_teaches_gives_and_takes_away_on_the_students_page(
    login: Login, course: Course, instructor: User, enrolled_student: User
) -> None:
    place = CourseEnrollment.objects.get(student=enrolled_student)
    client = login(instructor)
    page = reverse("admin:courses_course_accommodation", args=[course.pk, place.pk])
    assert page in client.get(reverse("admin:courses_course_student", args=[course.pk, place.pk])).text
    refused = client.post(page, {"time_factor": "20", "extra_attempts": "0", "extra_days": "0"})
    assert refused.status_code == 200
    assert "less than or equal to 10" in refused.text
    values = {"time_factor": "1.50", "extra_attempts": "1", "extra_days": "2", "note": "A broken wrist"}
    listed = client.post(page, values, follow=True)
    assert listed.redirect_chain[-1][0] == reverse("admin:courses_course_accommodations", args=[course.pk])
    assert "A broken wrist" in listed.text
    row = Accommodation.objects.get()
    assert (row.time_factor, row.extra_attempts, row.extra_days, row.given_by) == (
        Decimal("1.5"),
        1,
        2,
        instructor,
    )
    client.post(page, {"remove": "1"})
    assert not Accommodation.objects.exists()


def test_pages_are_for_those_who_may(login: Login, course: Course, people: dict[str, User]) -> None:
    place = CourseEnrollment.objects.get(student=people["SP"])
    listing = reverse("admin:courses_course_accommodations", args=[course.pk])
    form = reverse("admin:courses_course_accommodation", args=[course.pk, place.pk])
    expected = {"IO": (200, 200), "CO": (200, 200), "TA": (200, 403), "IX": (404, 404), "AD": (200, 200)}
    for role, wanted in expected.items():
        client = login(people[role])
        assert (client.get(listing).status_code, client.get(form).status_code) == wanted, role
        if wanted[1] != 200:
            assert client.post(form, {"remove": "1"}).status_code == wanted[1]
    assert login(people["SP"]).get(listing).status_code in (302, 403)
    assert Accommodation.objects.count() == 3


def test_helper_who_studies_here_too_reads_no_own_note(
    login: Login, api: Api, course: Course, people: dict[str, User]
) -> None:
    own = row_of(people["SP"])
    HelperFactory(course=course, user=people["SP"], role=HelperRole.CO_INSTRUCTOR)
    person = User.objects.get(pk=people["SP"].pk)
    assert api(person).get(f"{ROOT}{own.pk}/").json()["note"] == ""
    client = login(person)
    page = reverse("admin:courses_course_accommodation", args=[course.pk, own.enrollment_id])
    assert "This is you" in client.get(page).text
    assert client.post(page, {"remove": "1"}).status_code == 403
    listing = client.get(reverse("admin:courses_course_accommodations", args=[course.pk])).text
    assert person.display_name not in listing.split("<tbody>")[1]


def test_list_costs_the_same_for_many(
    login: Login, course: Course, instructor: User, statements: Callable[[], Any]
) -> None:
    client, costs = login(instructor), []
    page = reverse("admin:courses_course_accommodations", args=[course.pk])
    for size in (1, 12):
        for _each in range(size):
            give_accommodation(enrollment=EnrollmentFactory(course=course), by=instructor)
        client.get(page)
        with statements() as seen:
            client.get(page)
        costs.append(len(seen))
    assert costs[0] == costs[1]
