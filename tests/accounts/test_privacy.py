"""Closing an account: what goes, what stays, and who may."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.api_keys import issue_api_key, issue_named_key, user_for_api_key
from accounts.models import ApiKey, AuditEvent, AuditOrigin, InstructorRequest, User
from accounts.privacy import erase_person
from accounts.profiles import prepared_picture, set_picture
from accounts.requests_to_teach import ask_to_teach
from accounts.roles import set_active
from courses.accommodations import give_accommodation
from courses.models import Course, CourseEnrollment
from projectgenius.errors import Conflict
from studytools.models import Note
from tests.accounts.factories import PASSWORD
from tests.accounts.test_profiles import picture
from tests.courses.factories import CertificateFactory, CompletionFactory
from tests.projectgenius.admin_rows import private_rows

Login = Callable[[User], Client]
PAGE = "/settings/close/"


def test_nothing_in_the_account_names_the_person_any_more(
    enrolled_student: User, course: Course, django_capture_on_commit_callbacks: Any
) -> None:
    person, email, name = enrolled_student, enrolled_student.email, enrolled_student.display_name
    User.objects.filter(pk=person.pk).update(bio="I count.", language="de", time_zone="Europe/Berlin")
    set_picture(user=person, picture=prepared_picture(picture()), by=person)
    ask_to_teach(user=person, motivation="Counting.")
    private_rows(person, "private")
    certificate = CertificateFactory(
        enrollment=CourseEnrollment.objects.get(student=person), holder_name=name
    )
    CompletionFactory(student=person, lesson=course.modules.first().lessons.first())
    keys = [issue_api_key(user=person, by=person), issue_named_key(user=person, name="a", scopes=["read"])[1]]
    file = person.picture
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(user=person, by=person)
    row = User.objects.values().get(pk=person.pk)
    for word in (email, name, person.username, "I count.", "Europe/Berlin"):
        assert word not in str(row)
    assert (row["is_active"], row["picture"], row["last_login"]) == (False, "", None)
    assert not file.storage.exists(file.name)
    assert [user_for_api_key(key) for key in keys] == [None, None]
    for model in (EmailAddress, ApiKey, InstructorRequest, Note):
        assert not model.objects.filter(user=person.pk).exists(), model
    certificate.refresh_from_db()
    assert certificate.holder_name == name
    assert CourseEnrollment.objects.filter(student=person.pk).exists()
    assert person.lesson_completions.exists()
    assert name not in str(list(AuditEvent.objects.values()))
    assert email not in str(list(AuditEvent.objects.values()))
    assert not AuditOrigin.objects.filter(event__actor_id=person.pk).exists()
    assert mail.outbox[-1].to == [email]


def test_other_peoples_rows_stay(enrolled_student: User, student: User, course: Course) -> None:
    _row, key = issue_named_key(user=student, name="a", scopes=["read"])
    before = User.objects.values().get(pk=student.pk)
    erase_person(user=enrolled_student, by=enrolled_student)
    assert User.objects.values().get(pk=student.pk) == before
    assert user_for_api_key(key) == student
    assert Course.objects.filter(pk=course.pk).exists()


def test_only_the_person_and_administrators_close_an_account(
    student: User, instructor: User, admin_user: User
) -> None:
    with pytest.raises(PermissionDenied):
        erase_person(user=student, by=instructor)
    assert User.objects.get(pk=student.pk).is_active
    erase_person(user=student, by=admin_user)
    assert not User.objects.get(pk=student.pk).is_active
    assert AuditEvent.objects.get(action="account.erase").actor_id == admin_user.pk


def test_last_administrator_and_who_teaches_a_course_stay(admin_user: User, course: Course) -> None:
    for person, code in ((admin_user, "last_admin"), (course.instructor, "teaches_courses")):
        with pytest.raises(Conflict) as refused:
            erase_person(user=person, by=person)
        assert refused.value.code == code
        assert User.objects.get(pk=person.pk).is_active
    assert mail.outbox == []


def test_page_asks_for_the_password_and_the_address(login: Login, student: User) -> None:
    client = login(student)
    assert "/accounts/reauthenticate/" in client.get(PAGE).headers["Location"]
    assert client.post(PAGE, {"email": student.email}).status_code == 302
    assert User.objects.get(pk=student.pk).is_active
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert (
        "This is not the account’s address"
        in client.post(PAGE, {"email": "other@example.org"}).content.decode()
    )
    assert User.objects.get(pk=student.pk).is_active
    answer = client.post(PAGE, {"email": student.email.upper()}, follow=True)
    assert "Your account is closed." in answer.content.decode()
    assert not User.objects.get(pk=student.pk).is_active
    assert client.get("/home/").status_code == 302
    again = Client().post("/accounts/login/", {"login": student.email, "password": PASSWORD})
    assert "Name or password is wrong." in again.content.decode()


def test_other_browsers_of_the_person_are_signed_out(login: Login, student: User) -> None:
    other = login(student)
    erase_person(user=student, by=student)
    assert other.get("/home/").status_code == 302


def test_name_and_address_are_free_for_somebody_new(student: User) -> None:
    erase_person(user=student, by=student)
    User.objects.create_user(username="student", email="student@example.org")


def closing_page(user: User) -> str:
    return reverse("admin:accounts_user_close", args=[user.pk])


def test_administrator_closes_an_account_by_typing_its_address(
    login: Login, student: User, admin_user: User
) -> None:
    client, page = login(admin_user), closing_page(student)
    assert page in client.get(reverse("admin:accounts_user_change", args=[student.pk])).content.decode()
    assert "/accounts/reauthenticate/" in client.post(page, {"email": student.email}).headers["Location"]
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert "Nobody can undo it" in client.get(page).content.decode()
    assert (
        "This is not the account’s address" in client.post(page, {"email": admin_user.email}).content.decode()
    )
    assert User.objects.get(pk=student.pk).is_active
    answer = client.post(page, {"email": student.email}, follow=True)
    assert "The account is closed." in answer.content.decode()
    assert not User.objects.get(pk=student.pk).is_active
    assert AuditEvent.objects.get(action="account.erase").actor_id == admin_user.pk
    mails = len(mail.outbox)
    assert "This account is closed." in client.get(page).content.decode()
    client.post(page, {"email": f"closed-{student.pk}@closed.invalid"})
    assert len(mail.outbox) == mails


def test_administrator_reads_what_keeps_an_account_open(
    login: Login, admin_user: User, course: Course
) -> None:
    client, page = login(admin_user), closing_page(course.instructor)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.post(page, {"email": course.instructor.email})
    assert "Ask an administrator to give it to somebody else first." in answer.content.decode()
    assert User.objects.get(pk=course.instructor.pk).is_active
    assert client.get(closing_page(admin_user)).headers["Location"] == PAGE


def test_nobody_else_opens_the_page_that_closes_an_account(
    login: Login, student: User, instructor: User
) -> None:
    client = login(instructor)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get(closing_page(student)).status_code == 403
    assert client.post(closing_page(student), {"email": student.email}).status_code == 403
    assert User.objects.get(pk=student.pk).is_active


def test_closed_account_is_not_opened_again(admin_user: User, student: User) -> None:
    erase_person(user=student, by=admin_user)
    with pytest.raises(Conflict) as refused:
        set_active(user=student, is_active=True, by=admin_user)
    assert refused.value.code == "closed"
    assert not User.objects.get(pk=student.pk).is_active


def test_why_somebody_was_given_more_time_is_forgotten(enrolled_student: User, admin_user: User) -> None:
    place = CourseEnrollment.objects.get(student=enrolled_student)
    row = give_accommodation(
        enrollment=place, by=admin_user, time_factor=Decimal("1.5"), note="Broken wrist."
    )
    erase_person(user=enrolled_student, by=enrolled_student)
    row.refresh_from_db()
    assert (row.note, row.time_factor) == ("", Decimal("1.5"))
