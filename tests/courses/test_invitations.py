"""Inviting addresses, joining by a code, leaving, and who helps in a course."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from courses.enrollment import enroll_student, unenroll_student
from courses.helping import add_helper, change_helper_role, remove_helper
from courses.invitations import (
    accept_invitation,
    find_invitation,
    hash_token,
    invite,
    invite_many,
    resend_invitation,
    withdraw_invitation,
)
from courses.join_codes import join_by_code, make_join_code
from courses.models import Course, CourseEnrollment, CourseHelper, CourseInvitation
from courses.progress import complete_lesson
from projectgenius.errors import Conflict
from tests.accounts.factories import InstructorFactory, UserFactory
from tests.courses.factories import HelperFactory
from tests.races import at_once, on_postgresql

Login = Callable[[User], Client]
Events = Callable[[], list[str]]


def last_token() -> str:
    """The token of the newest mail's link."""
    found = re.search(r"/invitations/([\w-]+)/", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(Conflict) as refused:
        act()
    return str(refused.value.code)


def closed(course: Course) -> Course:
    """The course, for invited students."""
    course.enrollment_mode = "invited"
    course.save()
    return course


# Inviting


def test_mail_holds_the_link_and_the_database_its_hash(
    course: Course, instructor: User, events: Events
) -> None:
    invitation = invite(course=course, email=" New@Example.org ", role="student", by=instructor)
    (message,) = mail.outbox
    token = last_token()
    assert message.to == ["new@example.org"]
    assert f"https://testserver/invitations/{token}/" in str(message.body)
    assert "Counting for beginners" in message.subject
    assert invitation.token_hash == hash_token(token) != token
    assert find_invitation(token) == invitation
    assert events() == ["invitation.create"]
    assert "example.org" not in str(AuditEvent.objects.values().get()), "the log names people by id"


def test_known_and_unknown_addresses_are_answered_alike(
    course: Course, instructor: User, student: User, enrolled_student: User
) -> None:
    text = f"{student.email}\nnobody@example.org, {enrolled_student.email};not-an-address\n\n{student.email}"
    lines = invite_many(course=course, text=text, role="student", by=instructor)
    assert [(line.is_sent, str(line.message)) for line in lines] == [
        (True, "Invited"),
        (True, "Invited"),
        (True, "Invited"),
        (False, "Enter an e-mail address like name@example.com."),
    ]
    (line,) = invite_many(course=course, text=student.email, role="student", by=instructor)
    assert (line.is_sent, str(line.message)) == (False, "This address is invited already.")
    assert len(mail.outbox) == 3
    with pytest.raises(ValidationError):
        invite_many(
            course=course,
            text="\n".join(f"a{n}@example.org" for n in range(201)),
            role="student",
            by=instructor,
        )
    assert len(mail.outbox) == 3


def test_who_may_invite_in_which_role(course: Course, instructor: User, admin_user: User) -> None:
    co_instructor = HelperFactory(course=course, role="co_instructor").user
    assistant = HelperFactory(course=course).user
    people = {
        instructor: (True, True),
        admin_user: (True, True),
        co_instructor: (True, False),
        assistant: (False, False),
        InstructorFactory(): (False, False),
        UserFactory(): (False, False),
    }
    for place, (user, rights) in enumerate(people.items()):
        for role, may in zip(("student", "assistant"), rights, strict=True):
            try:
                invite(course=course, email=f"{place}@example.org", role=role, by=user)
            except PermissionDenied:
                assert not may, (user, role)
            else:
                assert may, (user, role)


def test_invited_student_accepts_once_and_again(
    course: Course, instructor: User, student: User, events: Events
) -> None:
    invitation = invite(course=closed(course), email=student.email, role="student", by=instructor)
    for _time in range(2):
        accept_invitation(invitation=invitation, user=student)
    assert CourseEnrollment.objects.get().is_open
    assert events() == ["invitation.create", "enrollment.create", "invitation.accept"]
    invitation.refresh_from_db()
    assert (invitation.accepted_by, invitation.accepted_at is not None) == (student, True)
    assert refusal(lambda: withdraw_invitation(invitation=invitation, by=instructor)) == "not_open"


def test_invited_student_of_a_priced_course_waits_for_the_payment(
    course: Course, instructor: User, student: User
) -> None:
    course.price = 49
    course.save()
    invitation = invite(course=course, email=student.email, role="student", by=instructor)
    accept_invitation(invitation=invitation, user=student)
    assert CourseEnrollment.objects.get().payment_status == "pending"


def test_link_of_another_address_or_an_unconfirmed_one_opens_nothing(
    course: Course, instructor: User, student: User, login: Login
) -> None:
    other = UserFactory(email="other@example.org")
    invitation = invite(course=course, email=student.email, role="co_instructor", by=instructor)
    url = f"/invitations/{last_token()}/"
    page = login(other).get(url).content.decode()
    assert "for another address" in page
    assert student.email not in page, "the link tells its holder no address"
    assert login(other).post(url).status_code == 403
    User.objects.filter(pk=student.pk).update(email_verified=False)
    assert login(student).post(url).status_code == 403
    student.refresh_from_db()
    with pytest.raises(PermissionDenied):
        accept_invitation(invitation=invitation, user=student)
    anonymous = Client()
    page = anonymous.get(url)
    assert "next=/invitations/" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    anonymous.post(url)
    assert not CourseHelper.objects.exists()
    assert anonymous.get("/invitations/unknown/").status_code == 404


def test_invitation_ends_by_time_withdrawal_a_new_link_and_its_senders_rights(
    course: Course, instructor: User, student: User
) -> None:
    now = timezone.now()
    invitation = invite(course=course, email=student.email, role="student", by=instructor)

    def accept(**more: Any) -> str:
        invitation.refresh_from_db()
        return refusal(lambda: accept_invitation(invitation=invitation, user=student, **more))

    assert accept(now=now + timedelta(days=14, seconds=5)) == "invitation_over"
    old = last_token()
    resend_invitation(invitation=invitation, by=instructor, now=now + timedelta(days=10))
    assert find_invitation(old) is None
    assert find_invitation(last_token()) == invitation
    co_instructor = HelperFactory(course=course, role="co_instructor")
    resend_invitation(invitation=invitation, by=co_instructor.user)
    co_instructor.delete()
    fresh = find_invitation(last_token())
    assert fresh
    assert refusal(lambda: accept_invitation(invitation=fresh, user=student)) == "invitation_over"
    resend_invitation(invitation=invitation, by=instructor)
    withdraw_invitation(invitation=invitation, by=instructor)
    assert accept() == "invitation_over"
    assert refusal(lambda: resend_invitation(invitation=invitation, by=instructor)) == "not_open"
    assert not CourseEnrollment.objects.exists()
    assert invite(course=course, email=student.email, role="student", by=instructor).pk != invitation.pk


def test_one_that_ran_out_is_sent_anew(course: Course, instructor: User) -> None:
    invitation = invite(course=course, email="a@example.org", role="student", by=instructor)
    CourseInvitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert invite(course=course, email="a@example.org", role="student", by=instructor) == invitation
    assert len(mail.outbox) == 2


def test_student_asked_to_help_leaves_the_course_first(
    course: Course, instructor: User, enrolled_student: User, login: Login
) -> None:
    invite(course=course, email=enrolled_student.email, role="assistant", by=instructor)
    client, url = login(enrolled_student), f"/invitations/{last_token()}/"
    assert "must leave it first" in client.post(url, follow=True).content.decode()
    assert not CourseHelper.objects.exists()
    client.post("/courses/counting/leave/")
    assert client.post(url).status_code == 302
    assert CourseHelper.objects.get().role == "assistant"
    assert client.get("/admin/", follow=True).status_code == 200, "from the next request on"


def test_whoever_signs_up_comes_back_to_the_invitation(course: Course, instructor: User) -> None:
    invite(course=course, email="new@example.org", role="student", by=instructor)
    url = f"/invitations/{last_token()}/"
    page = Client().get(f"/accounts/signup/?next={url}").content.decode()
    assert f'value="{url}"' in page


# Helpers


def test_owner_and_admins_name_helpers_and_nobody_else(
    course: Course, instructor: User, admin_user: User, other_instructor: User, events: Events
) -> None:
    person = UserFactory()
    helper = add_helper(course=course, user=person, role="assistant", by=instructor)
    assert change_helper_role(helper=helper, role="co_instructor", by=admin_user).role == "co_instructor"
    assert add_helper(course=course, user=person, role="assistant", by=instructor) == helper
    co_instructor = HelperFactory(course=course, role="co_instructor").user
    for user in (person, co_instructor, other_instructor, UserFactory()):
        with pytest.raises(PermissionDenied):
            add_helper(course=course, user=UserFactory(), role="assistant", by=user)
        with pytest.raises(PermissionDenied):
            change_helper_role(helper=helper, role="co_instructor", by=user)
    with pytest.raises(PermissionDenied):
        remove_helper(helper=helper, by=co_instructor)
    remove_helper(helper=helper, by=instructor)
    assert events() == ["helper.add", "helper.change", "helper.change", "helper.remove"]


def test_who_cannot_be_a_helper(course: Course, instructor: User, enrolled_student: User) -> None:
    def add(user: User) -> str:
        return refusal(lambda: add_helper(course=course, user=user, role="assistant", by=instructor))

    assert add(instructor) == "teaches_course"
    assert add(enrolled_student) == "is_student"
    assert add(UserFactory(is_active=False)) == "not_active"


def test_rights_of_a_helper_begin_and_end_with_the_next_request(
    course: Course, instructor: User, login: Login
) -> None:
    person = UserFactory()
    client, url = login(person), f"/admin/courses/course/{course.pk}/change/"
    assert client.get(url).status_code in (302, 403)
    helper = add_helper(course=course, user=person, role="co_instructor", by=instructor)
    assert client.get(url).status_code == 200
    remove_helper(helper=helper, by=instructor)
    assert client.get(url).status_code in (302, 403)


def test_students_of_the_course_read_the_helpers_names_and_others_do_not(
    course: Course, enrolled_student: User, student: User, login: Login
) -> None:
    HelperFactory(course=course, user=UserFactory(full_name="Hanna Helping"))
    assert "Hanna Helping" in login(enrolled_student).get("/courses/counting/").content.decode()
    for client in (login(student), Client()):
        assert "Hanna Helping" not in client.get("/courses/counting/").content.decode()


# Who may enroll, and leaving


def test_course_for_invited_students_takes_nobody_else(
    course: Course, student: User, admin_user: User, login: Login, enrolled_student: User
) -> None:
    closed(course)
    assert refusal(lambda: enroll_student(course=course, student=student)) == "by_invitation"
    assert "invitation or a join code" in login(student).get("/courses/counting/").content.decode()
    login(student).post("/courses/counting/enroll/")
    assert not CourseEnrollment.objects.filter(student=student).exists()
    assert refusal(lambda: enroll_student(course=course, student=enrolled_student)) == "already_enrolled"
    place = CourseEnrollment.objects.get()
    assert place.is_open, "who has a place keeps it"
    unenroll_student(enrollment=place, by=enrolled_student)
    assert refusal(lambda: enroll_student(course=course, student=enrolled_student)) == "by_invitation"
    code = make_join_code(course=course, by=course.instructor)
    assert join_by_code(text=code.code, student=enrolled_student) == place
    assert enroll_student(course=course, student=student, by=admin_user).is_open


def test_student_leaves_after_being_asked_and_comes_back_to_the_progress(
    course: Course, enrolled_student: User, lessons: list[Any], login: Login, events: Events
) -> None:
    complete_lesson(lesson=lessons[0], student=enrolled_student)
    client = login(enrolled_student)
    assert "/courses/counting/leave/" in client.get("/courses/counting/").content.decode()
    page = client.get("/courses/counting/leave/")
    assert "grades stay" in page.content.decode()
    assert CourseEnrollment.objects.active().exists(), "looking changes nothing"
    assert client.post("/courses/counting/leave/").status_code == 302
    assert not CourseEnrollment.objects.active().exists()
    assert client.post("/courses/counting/leave/").status_code == 404
    assert client.get(f"/courses/counting/lessons/{lessons[1].pk}/").status_code == 403
    client.post("/courses/counting/enroll/")
    assert CourseEnrollment.objects.get().progress == 25
    assert [name for name in events() if name.startswith("enrollment.")] == [
        "enrollment.withdraw",
        "enrollment.return",
    ]


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_invitation_accepted_and_sent_many_times_at_once_counts_once(
    course: Course, instructor: User
) -> None:
    student = UserFactory()

    def send() -> Any:
        return invite(course=course, email=student.email, role="student", by=instructor)

    results = at_once(*[send] * 6)
    assert CourseInvitation.objects.count() == 1
    assert {one.code for one in results if isinstance(one, Conflict)} == {"already_invited"}
    invitation = CourseInvitation.objects.select_related("course", "invited_by").get()
    results = at_once(*[lambda: accept_invitation(invitation=invitation, user=student)] * 8)
    assert results == [None] * 8
    assert CourseEnrollment.objects.count() == 1
    assert AuditEvent.objects.filter(action="invitation.accept").count() == 1
