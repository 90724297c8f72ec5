"""Pictures of courses: how they come in, who sees them, and when they may go."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from courses.images import add_image, delete_image, image_markdown, image_url, places_of
from courses.models import Course, CourseHelper, CourseImage, Lesson, PaymentStatus
from projectgenius.errors import Conflict
from projectgenius.markdown import render_markdown
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, ImageFactory, VideoFactory, a_picture, make_course


@pytest.fixture
def image(course: Course) -> CourseImage:
    return ImageFactory(course=course)


@pytest.fixture
def people(course: Course, student: User, enrolled_student: User, admin_user: User) -> dict[str, Any]:
    others = {role: UserFactory(username=role) for role in ("unpaid", "left", "assistant")}
    EnrollmentFactory(student=others["unpaid"], course=course, payment_status=PaymentStatus.PENDING)
    EnrollmentFactory(student=others["left"], course=course, withdrawn_at=course.created_at)
    CourseHelper.objects.create(course=course, user=others["assistant"], role="assistant")
    return {**others, "nobody": None, "student": student, "enrolled": enrolled_student,
            "instructor": course.instructor, "admin": admin_user}  # fmt: skip


def viewers(image: CourseImage, people: dict[str, Any], login: Any) -> set[str]:
    """Who gets the picture; everybody else must be told that there is none."""
    found = set()
    for name, person in people.items():
        status = (login(person) if person else Client()).get(image_url(image)).status_code
        assert status in (200, 404)
        if status == 200:
            found.add(name)
    return found


STAFF = {"assistant", "instructor", "admin"}


def test_a_picture_that_no_text_shows_is_seen_by_those_who_teach(
    image: CourseImage, people: dict[str, Any], other_instructor: User, login: Any
) -> None:
    assert viewers(image, {**people, "other": other_instructor}, login) == STAFF


def test_a_picture_is_as_visible_as_the_lesson_that_shows_it(
    course: Course, image: CourseImage, people: dict[str, Any], login: Any
) -> None:
    Lesson.objects.filter(title="Lesson 2.1").update(content=image_markdown(image))
    assert viewers(image, people, login) == STAFF | {"enrolled"}
    Lesson.objects.filter(title="Lesson 2.1").update(is_published=False)
    assert viewers(image, people, login) == STAFF
    Lesson.objects.filter(is_preview=True).update(content=image_markdown(image))
    assert viewers(image, people, login) == set(people)
    Course.objects.update(is_published=False)
    assert viewers(image, people, login) == STAFF


def test_a_transcript_shows_pictures_too(
    course: Course, image: CourseImage, people: dict[str, Any], login: Any
) -> None:
    VideoFactory(lesson=Lesson.objects.get(title="Lesson 2.1"), transcript=image_markdown(image))
    assert viewers(image, people, login) == STAFF | {"enrolled"}


def test_a_picture_in_the_description_of_a_published_course_is_public(
    course: Course, image: CourseImage, people: dict[str, Any], login: Any
) -> None:
    Course.objects.filter(pk=course.pk).update(description=image_markdown(image))
    assert viewers(image, people, login) == set(people)
    Course.objects.filter(pk=course.pk).update(is_published=False)
    assert viewers(image, people, login) == STAFF


def test_a_picture_in_a_modules_description_is_for_its_students(
    course: Course, image: CourseImage, people: dict[str, Any], login: Any
) -> None:
    course.modules.update(description=image_markdown(image))
    assert viewers(image, people, login) == STAFF | {"enrolled"}


def test_another_courses_text_opens_nothing(image: CourseImage, people: dict[str, Any], login: Any) -> None:
    """Whoever guesses an address and writes it into an own public text gains nothing by it."""
    make_course(title="Other", slug="other")
    Lesson.objects.filter(module__course__slug="other").update(content=image_markdown(image))
    assert viewers(image, people, login) == STAFF


def test_a_number_that_only_begins_alike_opens_nothing(
    course: Course, image: CourseImage, people: dict[str, Any], login: Any
) -> None:
    Lesson.objects.filter(is_preview=True).update(
        content=f"/course-images/{image.pk}1/x /course-images/{image.pk}"
    )
    assert viewers(image, people, login) == STAFF


def test_the_address_must_be_right_to_the_last_sign(image: CourseImage, instructor: User, login: Any) -> None:
    client, address = login(instructor), image_url(image)
    assert client.get(address).status_code == 200
    assert len(address.rsplit("/", 1)[1]) > 20
    for wrong in (
        address[:-1],
        address + "x",
        address.replace("640x480", "640x481"),
        f"/course-images/{image.pk}/x.png",
    ):
        assert client.get(wrong).status_code == 404


def test_a_picture_is_handed_out_so_that_it_can_do_no_harm(
    image: CourseImage, instructor: User, login: Any
) -> None:
    response = login(instructor).get(image_url(image))
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"].startswith("private")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_asking_for_a_picture_costs_the_same_however_many_lessons(
    course: Course, image: CourseImage, enrolled_student: User, login: Any, statements: Any
) -> None:
    Lesson.objects.filter(title="Lesson 2.1").update(content=image_markdown(image))
    client = login(enrolled_student)
    with statements() as seen:
        client.get(image_url(image))
    assert len(seen) == 3, seen  # session, person, picture


# Coming in


def test_a_picture_is_made_anew_and_small_enough(course: Course, instructor: User) -> None:
    image = add_image(
        course=course, upload=a_picture((3000, 1500), "JPEG"), alt_text=" A  wall\n", by=instructor
    )
    image.refresh_from_db()
    assert (image.width, image.height, image.alt_text) == (2000, 1000, "A wall")
    assert image_url(image).endswith("-2000x1000.jpg")
    html = render_markdown(image_markdown(image))
    assert 'alt="A wall" width="2000" height="1000"' in html


def test_words_with_brackets_stay_words(course: Course, instructor: User) -> None:
    image = add_image(course=course, upload=a_picture(), alt_text=r"a [b](c) \ ]", by=instructor)
    assert r'alt="a [b](c) \ ]"' in render_markdown(image_markdown(image))


@pytest.mark.parametrize("alt_text", ["", "   "])
def test_a_picture_without_words_must_be_called_decoration(
    course: Course, instructor: User, alt_text: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        add_image(course=course, upload=a_picture(), alt_text=alt_text, by=instructor)
    assert refused.value.error_dict["alt_text"][0].code == "alt_text_missing"
    image = add_image(course=course, upload=a_picture(), is_decorative=True, by=instructor)
    assert image_markdown(image).startswith("![](")


def test_what_is_no_picture_is_refused(course: Course, instructor: User) -> None:
    for data in (b"<svg onload=alert(1)>", b"GIF89a", b""):
        with pytest.raises(ValidationError) as refused:
            add_image(course=course, upload=SimpleUploadedFile("x.png", data), alt_text="x", by=instructor)
        assert refused.value.code == "not_a_picture"
    assert not CourseImage.objects.exists()


# Going


def test_a_picture_that_is_shown_stays(course: Course, image: CourseImage, instructor: User) -> None:
    Lesson.objects.filter(title="Lesson 2.1").update(content=image_markdown(image))
    assert places_of(image) == ["Lesson 2.1"]
    with pytest.raises(Conflict) as refused:
        delete_image(image=image, by=instructor)
    assert refused.value.code == "image_in_use"
    assert "Lesson 2.1" in str(refused.value.message)


def test_a_picture_goes_with_its_file(
    image: CourseImage, instructor: User, login: Any, django_capture_on_commit_callbacks: Any
) -> None:
    address, name = image_url(image), image.file.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(image=image, by=instructor)
    assert not default_storage.exists(name or "")
    assert login(instructor).get(address).status_code == 404
