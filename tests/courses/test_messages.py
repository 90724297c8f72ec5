"""Messages to students: who gets them, once, and who may send them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from courses.enrollment import unenroll_student
from courses.messages import MESSAGES_A_DAY, mail_course_message, mail_recipients, send_course_message
from courses.models import (
    Course,
    CourseEnrollment,
    CourseHelper,
    CourseMessage,
    HelperRole,
    MessageRecipient,
    PaymentStatus,
)
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, make_course
from tests.races import at_once, on_postgresql

Login = Callable[[User], Client]
Run = Callable[[], int]


@pytest.fixture
def class_of(course: Course) -> list[CourseEnrollment]:
    """Three with an open place, one unpaid, one who left, one who may not sign in, one unconfirmed."""
    return [
        *(EnrollmentFactory(course=course, student=UserFactory(username=f"open{n}")) for n in range(3)),
        EnrollmentFactory(course=course, payment_status=PaymentStatus.PENDING),
        EnrollmentFactory(course=course, withdrawn_at=timezone.now()),
        EnrollmentFactory(course=course, student=UserFactory(is_active=False)),
        EnrollmentFactory(course=course, student=UserFactory(email_verified=False)),
    ]


def send(course: Course, sender: User, rows: list[CourseEnrollment], **more: Any) -> CourseMessage:
    wanted = {"subject": "Tomorrow", "body": "We begin at nine.", **more}
    return send_course_message(
        course=course, sender=sender, students=[row.student_id for row in rows], **wanted
    )


def test_only_active_students_get_the_mail(
    *, course: Course, instructor: User, class_of: list[CourseEnrollment], run_tasks: Run
) -> None:
    message = send(course, instructor, class_of)
    assert message.recipients.count() == 3
    run_tasks()
    assert sorted(sent.to[0] for sent in mail.outbox) == [f"open{n}@example.org" for n in range(3)]
    assert not message.recipients.filter(sent_at=None).exists()
    letter = mail.outbox[0]
    assert (letter.subject, letter.reply_to, letter.cc, letter.bcc) == ("Tomorrow", [], [], [])
    assert letter.body.startswith("We begin at nine.")
    assert course.get_absolute_url() in letter.body
    assert instructor.display_name in letter.body
    assert instructor.email not in letter.body
    assert "enrolled in this course" in letter.body
    event = AuditEvent.objects.get(action="course_message.send")
    assert (event.actor_id, event.course_id, event.after) == (instructor.pk, course.pk, {"recipients": 3})


def test_sender_may_take_answers(
    *, course: Course, instructor: User, class_of: list[CourseEnrollment], run_tasks: Run
) -> None:
    send(course, instructor, class_of, replies_to_sender=True)
    run_tasks()
    assert {tuple(sent.reply_to) for sent in mail.outbox} == {(instructor.email,)}


def test_task_run_twice_mails_once(
    *, course: Course, instructor: User, class_of: list[CourseEnrollment], run_tasks: Run
) -> None:
    message = send(course, instructor, class_of)
    run_tasks()
    assert mail_recipients(message=message) == 0
    mail_course_message.func(message.pk)
    assert len(mail.outbox) == 3


def test_rights_are_asked_again_when_the_mail_goes_out(
    *, course: Course, instructor: User, class_of: list[CourseEnrollment], run_tasks: Run
) -> None:
    send(course, instructor, class_of)
    unenroll_student(enrollment=class_of[0], by=instructor)
    User.objects.filter(pk=class_of[1].student_id).update(is_active=False)
    User.objects.filter(pk=class_of[2].student_id).update(email_verified=False)
    run_tasks()
    assert mail.outbox == []
    assert MessageRecipient.objects.filter(sent_at=None).count() == 3


def test_who_teaches_no_more_sends_nothing(
    *, course: Course, other_instructor: User, class_of: list[CourseEnrollment], run_tasks: Run
) -> None:
    helper = CourseHelper.objects.create(course=course, user=other_instructor, role=HelperRole.CO_INSTRUCTOR)
    send(course, User.objects.get(pk=other_instructor.pk), class_of)
    helper.delete()
    run_tasks()
    assert mail.outbox == []


def test_assistant_and_strangers_cannot_send(
    course: Course, other_instructor: User, class_of: list[CourseEnrollment]
) -> None:
    assistant = UserFactory()
    CourseHelper.objects.create(course=course, user=assistant, role=HelperRole.ASSISTANT)
    for user in (User.objects.get(pk=assistant.pk), other_instructor, class_of[0].student):
        with pytest.raises(PermissionDenied):
            send(course, user, class_of)
    assert not CourseMessage.objects.exists()


def test_students_of_other_courses_are_not_reached(
    course: Course, instructor: User, class_of: list[CourseEnrollment]
) -> None:
    stranger = EnrollmentFactory(course=make_course(slug="other"))
    with pytest.raises(ValidationError) as caught:
        send(course, instructor, [stranger])
    assert caught.value.code == "nobody_chosen"
    assert send(course, instructor, [stranger, class_of[0]]).recipients.count() == 1


@pytest.mark.parametrize(
    "subject", ["A\nBcc: all@example.org", "A\r\nX: y", "", "x" * 151, "A\u2028B", "A\x00B"]
)
def test_subject_writes_no_header(
    course: Course, instructor: User, class_of: list[CourseEnrollment], subject: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        send(course, instructor, class_of, subject=subject)
    assert "subject" in caught.value.message_dict
    assert not CourseMessage.objects.exists()


def test_a_course_writes_so_many_messages_a_day(
    course: Course, instructor: User, class_of: list[CourseEnrollment]
) -> None:
    for number in range(MESSAGES_A_DAY):
        send(course, instructor, class_of, subject=f"Number {number}")
    with pytest.raises(Conflict) as caught:
        send(course, instructor, class_of, subject="One more")
    assert caught.value.code == "too_many_messages"
    later = timezone.now() + timedelta(days=1, minutes=1)
    send(course, instructor, class_of, subject="Tomorrow", now=later)


def test_a_form_sent_twice_is_one_message(
    course: Course, instructor: User, class_of: list[CourseEnrollment]
) -> None:
    send(course, instructor, class_of)
    with pytest.raises(Conflict) as caught:
        send(course, instructor, class_of)
    assert caught.value.code == "sent_already"
    assert CourseMessage.objects.count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_mail_once(
    course: Course, instructor: User, class_of: list[CourseEnrollment]
) -> None:
    assert connection.vendor == "postgresql"
    message = send(course, instructor, class_of)
    counts = at_once(*[lambda: mail_recipients(message=message)] * 4)
    assert sum(counts) == 3
    assert len(mail.outbox) == 3


# The pages


def act(client: Client, course: Course, act: str, **more: Any) -> Any:
    return client.post(
        reverse("admin:courses_course_students_chosen", args=[course.pk]), {"act": act, **more}
    )


def test_instructor_writes_looks_and_sends(
    *, course: Course, instructor: User, class_of: list[CourseEnrollment], login: Login, run_tasks: Run
) -> None:
    client = login(instructor)
    chosen = [row.pk for row in class_of]
    assert "Write a message" in act(client, course, "message", student=chosen).content.decode()
    words = {"student": chosen, "subject": "Hello <b>", "body": "Line\nline"}
    shown = act(client, course, "message", step="preview", **words)
    assert "Send to 3 students" in shown.content.decode()
    assert "Hello &lt;b&gt;" in shown.content.decode()
    assert not CourseMessage.objects.exists()
    assert act(client, course, "message", step="send", **words).status_code == 302
    assert CourseMessage.objects.get().recipients.count() == 3
    run_tasks()
    assert {sent.body.partition("\n\n")[0] for sent in mail.outbox} == {"Line\nline"}
    listed = client.get(reverse("admin:courses_course_messages", args=[course.pk]))
    assert "3 of 3" in listed.content.decode()


def test_everybody_of_a_list_is_everybody_who_matches(
    *, course: Course, instructor: User, class_of: list[CourseEnrollment], login: Login
) -> None:
    client = login(instructor)
    words = {"everybody": "1", "q": "open", "subject": "Hello", "body": "Text"}
    act(client, course, "message", step="send", **words)
    assert CourseMessage.objects.get().recipients.count() == 3


def test_places_are_ended_after_asking(
    *, course: Course, instructor: User, class_of: list[CourseEnrollment], login: Login
) -> None:
    client = login(instructor)
    foreign = EnrollmentFactory(course=make_course(slug="other", instructor=instructor))
    chosen = [class_of[0].pk, class_of[4].pk, foreign.pk]
    asked = act(client, course, "withdraw", student=chosen)
    assert "End 1 place" in asked.content.decode()
    assert CourseEnrollment.objects.filter(withdrawn_at=None).count() == 7
    assert act(client, course, "withdraw", student=chosen, step="do").status_code == 302
    left = CourseEnrollment.objects.exclude(withdrawn_at=None).values_list("pk", flat=True)
    assert set(left) == {class_of[0].pk, class_of[4].pk}


def test_admin_brings_somebody_back(
    *, course: Course, admin_user: User, class_of: list[CourseEnrollment], login: Login
) -> None:
    assert act(login(admin_user), course, "return", student=class_of[4].pk, step="do").status_code == 302
    class_of[4].refresh_from_db()
    assert class_of[4].withdrawn_at is None


def test_instructor_invites_back_who_left(
    *, course: Course, instructor: User, class_of: list[CourseEnrollment], login: Login
) -> None:
    client = login(instructor)
    asked = act(client, course, "return", student=[row.pk for row in class_of])
    assert "Invite 1 student" in asked.content.decode()
    for _again in range(2):
        assert act(client, course, "return", student=class_of[4].pk, step="do").status_code == 302
    class_of[4].refresh_from_db()
    assert class_of[4].withdrawn_at is not None
    assert [invitation.email for invitation in course.invitations.all()] == [class_of[4].student.email]
    assert [sent.to for sent in mail.outbox] == [[class_of[4].student.email]]


@pytest.mark.parametrize("name", ["message", "withdraw", "return"])
def test_who_only_looks_does_nothing(
    *, name: str, course: Course, other_instructor: User, class_of: list[CourseEnrollment], login: Login
) -> None:
    assistant = UserFactory()
    CourseHelper.objects.create(course=course, user=assistant, role=HelperRole.ASSISTANT)
    words = {"student": class_of[0].pk, "subject": "Hello", "body": "Text"}
    for user, status in ((assistant, 403), (other_instructor, 404), (class_of[1].student, 403)):
        for step in ("", "send", "do"):
            answer = login(user).post(
                reverse("admin:courses_course_students_chosen", args=[course.pk]),
                {"act": name, "step": step, **words}, follow=True,
            )  # fmt: skip
            assert answer.status_code == status, user.username
    assert not CourseMessage.objects.exists()
    assert CourseEnrollment.objects.exclude(withdrawn_at=None).count() == 1
