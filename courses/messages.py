"""Mails from those who teach a course to a selection of its students: written once, sent once to each."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import task

from accounts.audit import record_event
from accounts.models import User
from courses.models import Course, CourseEnrollment, CourseMessage, MessageRecipient
from courses.permissions import can_write_to_students
from projectgenius.errors import Conflict

MESSAGES_A_DAY = 20
SAME_AGAIN = timedelta(minutes=5)
INSERTED_AT_ONCE = 1000


@transaction.atomic
def send_course_message(
    *,
    course: Course,
    sender: User,
    students: Iterable[int],
    subject: str,
    body: str,
    replies_to_sender: bool = False,
    now: datetime | None = None,
) -> CourseMessage:
    """Write a message to those of `students` (ids) who are active in the course; a background task mails it.

    Plain text. Students see the sender's address only with `replies_to_sender`. Raises PermissionDenied unless
    `sender` teaches the course, ValidationError for an unfit subject or text and `nobody_chosen` when nobody of
    the selection is active, Conflict `too_many_messages` after `MESSAGES_A_DAY` in 24 hours for the course, and
    Conflict `sent_already` for the same text again within five minutes (a form that was sent twice).
    """
    now = now or timezone.now()
    if not can_write_to_students(sender, course):
        raise PermissionDenied(_("Only those who teach this course write to its students."))
    message = CourseMessage(
        course=course,
        sender=sender,
        subject=subject.strip(),
        body=body.strip(),
        replies_to_sender=replies_to_sender,
        created_at=now,
    )
    message.full_clean(exclude=["created_at"])
    _keep_limits(message, now)
    chosen = sorted(reachable(course, students))
    if not chosen:
        raise ValidationError(_("Nobody of these is active in the course now."), code="nobody_chosen")
    message.save()
    MessageRecipient.objects.bulk_create(
        [MessageRecipient(message=message, student_id=student) for student in chosen],
        batch_size=INSERTED_AT_ONCE,
    )
    record_event(
        "course_message.send",
        actor=sender,
        row=message,
        course_id=course.pk,
        after={"recipients": len(chosen)},
    )
    mail_course_message.enqueue(message.pk)
    return message


def _keep_limits(message: CourseMessage, now: datetime) -> None:
    """The course is locked before counting, so that two at once are counted one after the other."""
    list(
        Course.objects.select_for_update(no_key=True)
        .filter(pk=message.course_id)
        .order_by()
        .values_list("pk")
    )
    earlier = CourseMessage.objects.filter(course=message.course_id)
    if earlier.filter(created_at__gt=now - timedelta(days=1)).count() >= MESSAGES_A_DAY:
        raise Conflict(
            _("This course has sent %(count)s messages in 24 hours. Write again tomorrow.")
            % {"count": MESSAGES_A_DAY},
            code="too_many_messages",
        )
    same = earlier.filter(sender=message.sender_id, subject=message.subject, body=message.body)
    if same.filter(created_at__gt=now - SAME_AGAIN).exists():
        raise Conflict(_("This message was sent a moment ago."), code="sent_already")


def reachable(course: Course, students: Iterable[int]) -> set[int]:
    """Those of `students` whom a message may reach now: active in the course, able to sign in, address confirmed."""
    wanted = set(students)
    open_places = CourseEnrollment.objects.open().filter(
        course=course, student__is_active=True, student__email_verified=True
    )
    return wanted & set(open_places.order_by().values_list("student_id", flat=True))


@task()
def mail_course_message(message_id: int) -> int:
    """Mail a message in the background; can be run twice without harm. Returns how many were mailed."""
    message = CourseMessage.objects.select_related("course").filter(pk=message_id).first()
    return mail_recipients(message=message) if message else 0


def mail_recipients(*, message: CourseMessage) -> int:
    """Mail a message to all its recipients who have none yet and are still active; returns how many were mailed.

    Each recipient's row is locked while the mail is queued and marked, in one transaction: whoever runs this a
    second time, or beside it, finds the mark. Nothing is sent for somebody who has lost the right to write.
    """
    sender = User.objects.with_roles().get(pk=message.sender_id)
    if not (sender.is_active and can_write_to_students(sender, message.course)):
        return 0
    waiting = message.recipients.filter(sent_at=None).order_by("pk").values_list("pk", flat=True)
    return sum(_mail_one(message, sender, pk) for pk in list(waiting))


@transaction.atomic
def _mail_one(message: CourseMessage, sender: User, pk: int) -> bool:
    recipient = (
        MessageRecipient.objects.select_for_update(
            of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
        )
        .select_related("student")
        .filter(pk=pk, sent_at=None)
        .first()
    )
    if recipient is None:
        return False
    student = recipient.student
    place = CourseEnrollment.objects.open().filter(course=message.course_id, student=student)
    if not (student.is_active and student.email_verified and place.exists()):
        return False
    recipient.sent_at = timezone.now()
    recipient.save(update_fields=["sent_at"])
    mail_for(message, sender, student).send()
    return True


def mail_for(message: CourseMessage, sender: User, student: User) -> EmailMessage:
    """The mail as `student` gets it: text, a link to the course, and why it comes."""
    with translation.override(getattr(student, "language", "") or settings.LANGUAGE_CODE):
        text = render_to_string(
            "courses/email/course_message.txt",
            {
                "message": message,
                "sender": sender.display_name,
                "course": message.course,
                "address": f"{settings.SITE_URL}{message.course.get_absolute_url()}",
            },
        )
    return EmailMessage(
        subject=message.subject,
        body=text,
        to=[student.email],
        reply_to=[sender.email] if message.replies_to_sender else [],
    )


def with_figures(rows: QuerySet[CourseMessage]) -> QuerySet[CourseMessage]:
    """Bring along who sent it, for how many it was and how many mails went out."""
    return rows.select_related("sender").annotate(
        chosen=Count("recipients"), mailed=Count("recipients__sent_at")
    )
