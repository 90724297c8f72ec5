"""What a person says of oneself, and who sees it: picture, public profile, on pages and in the API."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from accounts.profiles import change_profile, prepared_picture, set_picture
from courses.models import Course, CourseHelper, HelperRole
from tests.accounts.factories import UserFactory
from tests.courses.factories import make_course

Login = Callable[[User], Client]
Api = Callable[..., APIClient]
ME = "/api/v1/me/"


def picture(side: int = 900, kind: str = "PNG", name: str = "me.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (side, side // 2), "teal").save(out, kind)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def profile_form(**changed: Any) -> dict[str, Any]:
    return {"full_name": "Rosa Lind", "bio": "", "language": "", "time_zone": "", **changed}


def give_picture(user: User) -> str:
    set_picture(user=user, picture=prepared_picture(picture()), by=user)
    user.refresh_from_db()
    return user.picture_address


def events(action: str = "person.update") -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(action=action).order_by("id").values("before", "after", "actor_id"))


# --- Picture ---


def test_person_uploads_a_picture_which_is_scaled_and_kept_under_another_name(
    login: Login, student: User
) -> None:
    client = login(student)
    client.post("/settings/", profile_form(picture=picture(name="IMG_secret_place.png")))
    student.refresh_from_db()
    assert "secret" not in student.picture.name
    with Image.open(student.picture) as kept:
        assert kept.size == (512, 256)
    assert student.picture_address in client.get("/settings/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_new_picture_and_removing_delete_the_old_file(login: Login, student: User) -> None:
    client, first = login(student), give_picture(student)
    name = str(student.picture.name)
    second = give_picture(student)
    assert first != second
    assert not default_storage.exists(name)
    assert client.get(first).status_code == 404
    client.post("/settings/picture/remove/")
    student_again = User.objects.get(pk=student.pk)
    assert not student_again.picture
    assert client.get(second).status_code == 404
    assert not default_storage.exists(str(student.picture.name))


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("a.png", b"no picture at all", content_type="image/png"),
        SimpleUploadedFile(
            "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml"
        ),
        SimpleUploadedFile("a.png", picture().read()[:200], content_type="image/png"),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_is_saved(
    login: Login, student: User, upload: SimpleUploadedFile
) -> None:
    page = login(student).post("/settings/", profile_form(picture=upload)).content.decode()
    assert "Choose a picture: PNG, JPEG, WebP or GIF." in page
    student.refresh_from_db()
    assert (student.full_name, str(student.picture)) == ("Student", "")


def test_picture_is_seen_by_those_who_may_see_the_row(  # noqa: PLR0917
    login: Login,
    student: User,
    enrolled_student: User,
    instructor: User,
    other_instructor: User,
    admin_user: User,
) -> None:
    address = give_picture(enrolled_student)
    seen = {
        user.username: login(user).get(address).status_code
        for user in (student, enrolled_student, instructor, other_instructor, admin_user)
    }
    assert seen == {
        "student": 404,
        "enrolled_student": 200,
        "instructor": 200,
        "other_instructor": 404,
        "admin": 200,
    }
    assert Client().get(address).status_code == 404
    answer = login(instructor).get(address)
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_picture_of_a_public_profile_is_seen_by_everybody_as_long_as_it_is_public(student: User) -> None:
    address = give_picture(student)
    assert Client().get(address).status_code == 404
    change_profile(user=student, values={"is_profile_public": True}, by=student)
    answer = Client().get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, max-age=300")
    change_profile(user=student, values={"is_profile_public": False}, by=student)
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize(("role", "status"), [(HelperRole.CO_INSTRUCTOR, 200), (HelperRole.ASSISTANT, 404)])
def test_picture_of_who_teaches_a_published_course_is_public(
    course: Course, student: User, role: HelperRole, status: int
) -> None:
    of_owner, of_helper = give_picture(course.instructor), give_picture(student)
    CourseHelper.objects.create(course=course, user=student, role=role)
    assert Client().get(of_owner).status_code == 200
    assert Client().get(of_helper).status_code == status
    Course.objects.update(is_published=False)
    assert Client().get(of_owner).status_code == 404


def test_picture_needs_its_unguessable_name(login: Login, student: User) -> None:
    give_picture(student)
    client = login(student)
    for name in ("x.png", "..%2Fpictures%2Fx.png", "%00", "picture"):
        assert client.get(f"/people/{student.pk}/picture/{name}").status_code == 404


def test_api_takes_a_picture_and_removes_it(api: Api, student: User) -> None:
    client = api(student)
    answer = client.patch(ME, {"picture": picture()}, format="multipart")
    assert answer.status_code == 200, answer.content
    student.refresh_from_db()
    assert answer.json()["picture_path"] == student.picture_address
    assert client.get(student.picture_address).status_code == 200
    wrong = client.patch(ME, {"picture": SimpleUploadedFile("a.png", b"nothing")}, format="multipart")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["picture"])
    assert client.patch(ME, {"picture": None}, format="json").json()["picture_path"] is None
    assert [event["after"] for event in events()] == [{"fields": ["picture"]}] * 2


# --- What is said of oneself ---


def test_api_changes_language_time_zone_and_publicity(api: Api, student: User) -> None:
    values = {"language": "de", "time_zone": "America/Sao_Paulo", "is_profile_public": True}
    answer = api(student).patch(ME, values, format="json")
    assert {name: answer.json()[name] for name in values} == values
    (event,) = events()
    assert (event["before"], event["after"]) == (None, {"fields": list(values)})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "xx"),
        ("language", "de\0"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "posixrules"),
        ("full_name", "Rosa \N{RIGHT-TO-LEFT OVERRIDE}dniL"),
        ("is_profile_public", "perhaps"),
    ],
)
def test_values_that_cannot_be_used_are_named(api: Api, student: User, field: str, value: str) -> None:
    answer = api(student).patch(ME, {field: value}, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert events() == []


def test_log_says_what_a_person_changed_and_keeps_the_words_out(login: Login, student: User) -> None:
    login(student).post("/settings/", profile_form(bio="A very private text"))
    (event,) = events()
    assert (event["before"], event["after"]) == (None, {"fields": ["full_name", "bio"]})


def test_form_that_changes_nothing_writes_nothing(login: Login, student: User) -> None:
    before = User.objects.values().get()
    login(student).post("/settings/", profile_form(full_name="Student"))
    after = User.objects.values().get()
    assert (before["updated_at"], events()) == (after["updated_at"], [])


def test_unknown_choices_in_the_form_are_told(login: Login, student: User) -> None:
    page = login(student).post("/settings/", profile_form(time_zone="Nowhere/Here", language="xx"))
    assert page.content.decode().count('aria-invalid="true"') == 2


# --- Public profile ---


def test_public_profile_shows_name_biography_and_published_courses_and_nothing_else(course: Course) -> None:
    person = course.instructor
    make_course(title="A hidden draft", slug="draft", instructor=person, is_published=False)
    change_profile(
        user=person, values={"is_profile_public": True, "bio": "Counts.\n\n<b>Reads</b>"}, by=person
    )
    answer = Client().get("/people/instructor/")
    page = answer.content.decode()
    assert answer.status_code == 200
    for shown in (person.display_name, "Counts.", "&lt;b&gt;Reads", course.title):
        assert shown in page
    for hidden in (person.email, "A hidden draft", "noindex", "<b>Reads"):
        assert hidden not in page


def test_co_taught_course_stands_on_the_profile(course: Course, student: User) -> None:
    CourseHelper.objects.create(course=course, user=student, role=HelperRole.CO_INSTRUCTOR)
    change_profile(user=student, values={"is_profile_public": True}, by=student)
    assert course.title in Client().get("/people/student/").content.decode()


def test_private_unknown_and_deactivated_profiles_are_not_found_alike(
    login: Login, student: User, instructor: User
) -> None:
    UserFactory(username="gone", is_active=False, is_profile_public=True)
    client = login(instructor)
    answers = [client.get(f"/people/{name}/") for name in ("student", "nobody", "gone")]
    assert {answer.status_code for answer in answers} == {404}
    assert client.get("/people/a%00b/").status_code == 404
    assert len({strip_number(answer) for answer in answers}) == 1


def strip_number(answer: Any) -> str:
    """The page without what differs at each request: its number and the secret of its forms."""
    text = answer.content.decode()
    for changing in (answer["X-Request-ID"], answer.wsgi_request.path):
        text = text.replace(changing, "")
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


def test_owner_previews_a_private_profile(login: Login, student: User) -> None:
    page = login(student).get("/people/student/").content.decode()
    assert "It is private: only you see it." in page
    assert 'content="noindex"' in page


def test_course_page_links_to_a_public_profile_alone(course: Course) -> None:
    assert "/people/instructor/" not in Client().get("/courses/counting/").content.decode()
    User.objects.filter(pk=course.instructor_id).update(is_profile_public=True)
    assert "/people/instructor/" in Client().get("/courses/counting/").content.decode()


def test_profile_costs_the_same_however_much_is_taught(course: Course, statements: Any) -> None:
    User.objects.filter(pk=course.instructor_id).update(is_profile_public=True)
    counts = []
    for number in range(2):
        make_course(title=f"More {number}", slug=f"more-{number}", instructor=course.instructor)
        with statements() as seen:
            Client().get("/people/instructor/")
        counts.append(len(seen))
    assert counts == [2, 2]  # the person, the courses
