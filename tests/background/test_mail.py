"""Mail on its way through the queue."""

import logging
import smtplib
from email.message import Message
from email.mime.image import MIMEImage
from typing import Any

import pytest
from django.core import mail
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.locmem import EmailBackend as LocmemBackend
from django.db import transaction
from django.utils.translation import gettext_lazy
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from projectgenius.background.mail import QueuedEmailBackend, pack, unpack
from projectgenius.background.models import OutboxMail
from projectgenius.background.worker import LeasedWorker
from tests.background.sample import tasks

pytestmark = pytest.mark.django_db

SECRET = "code-739-secret"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
OUTBOX = "projectgenius.background.mail.OutboxBackend"


class RefusingBackend(LocmemBackend):
    """A mail server that answers with the error of the moment."""

    error: Exception

    def send_messages(self, messages: Any) -> int:
        raise self.error


@pytest.fixture(autouse=True)
def _queued(settings: Any) -> None:
    settings.EMAIL_BACKEND = "projectgenius.background.mail.QueuedEmailBackend"
    settings.EMAIL_DELIVERY_BACKEND = LOCMEM


def full_message() -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=str(gettext_lazy("Grüße")),
        body=f"Your code: {SECRET}",
        from_email="Teaching <teaching@example.org>",
        to=["ada@example.org", "Bob <bob@example.org>"],
        cc=["cc@example.org"],
        bcc=["hidden@example.org"],
        reply_to=["reply@example.org"],
        headers={"X-Course": "counting"},
    )
    message.attach_alternative("<p>Your code</p>", "text/html")
    message.attach("notes.txt", "text ü", "text/plain")
    message.attach("data.bin", bytes(range(256)), "application/octet-stream")
    message.attach("forwarded.eml", EmailMessage("Inner", "inside", to=["x@example.org"]), "message/rfc822")
    picture = MIMEImage(b"\x89PNG\r\n\x1a\n" + bytes(20), "png")
    picture.add_header("Content-ID", "<logo>")
    message.attach(picture)
    return message


def parts(message: Message) -> list[Any]:
    """Types, headers of the parts and contents, without what each writing makes anew."""
    own = ("Content-Type", "Message-ID", "Date")
    return [
        (
            part.get_content_type(),
            sorted((name, value) for name, value in part.items() if name not in own),
            None if part.is_multipart() else part.get_payload(decode=True),
        )
        for part in message.walk()
    ]


def test_packed_message_is_the_same_message() -> None:
    original = full_message()
    unpacked = unpack(pack(original))
    assert unpacked.recipients() == original.recipients()
    assert parts(unpacked.message()) == parts(original.message())


def test_each_delivery_of_a_message_has_the_same_number_and_date() -> None:
    packed = pack(EmailMessage("Hello", "text", "a@school.example", ["b@example.org"]))
    one, two = unpack(packed).message(), unpack(packed).message()
    assert one["Message-ID"] == two["Message-ID"]
    assert one["Message-ID"].endswith("@school.example>")
    assert one["Date"] == two["Date"]


def test_html_only_message_stays_html() -> None:
    message = EmailMessage("Hello", "<p>text</p>", to=["b@example.org"])
    message.content_subtype = "html"
    assert unpack(pack(message)).message().get_content_type() == "text/html"


def test_mail_is_sent_by_the_worker_and_erased_from_the_queue(worker: LeasedWorker) -> None:
    assert full_message().send() == 1
    assert mail.outbox == []
    assert worker.step() is True
    (sent,) = mail.outbox
    assert SECRET in sent.body
    assert sent.bcc == ["hidden@example.org"]
    task = DBTaskResult.objects.get()
    assert task.status == TaskResultStatus.SUCCESSFUL
    assert task.args_kwargs == {"args": [], "kwargs": {}}


def test_mail_of_a_transaction_that_is_rolled_back_is_never_sent(worker: LeasedWorker) -> None:
    with transaction.atomic():
        full_message().send()
        assert DBTaskResult.objects.exists()
        transaction.set_rollback(True)
    assert worker.step() is False
    assert mail.outbox == []


def test_demo_site_keeps_the_mail_to_show_it(worker: LeasedWorker, settings: Any) -> None:
    settings.EMAIL_DELIVERY_BACKEND = OUTBOX
    full_message().send()
    worker.step()
    shown = OutboxMail.objects.get()
    assert shown.sender == "Teaching <teaching@example.org>"
    assert shown.recipients == "ada@example.org, Bob <bob@example.org>, cc@example.org, hidden@example.org"
    assert (shown.subject, shown.html_body) == ("Grüße", "<p>Your code</p>")
    assert SECRET in shown.body
    assert mail.outbox == []


def test_demo_site_shows_html_only_mail_and_the_longest_subject() -> None:
    message = EmailMessage("s" * 2000, "<p>text</p>", to=["b@example.org"])
    message.content_subtype = "html"
    assert get_connection(OUTBOX).send_messages([message]) == 1
    shown = OutboxMail.objects.get()
    assert (shown.body, shown.html_body, len(shown.subject)) == ("", "<p>text</p>", 998)


def test_header_with_a_line_break_is_refused_where_the_mail_is_written() -> None:
    with pytest.raises(BadHeaderError):
        EmailMessage("Hello\nBcc: all@example.org", "text", to=["b@example.org"]).send()
    assert not DBTaskResult.objects.exists()


def test_message_to_nobody_is_not_queued() -> None:
    assert QueuedEmailBackend().send_messages([EmailMessage("Hello", "text")]) == 0
    assert not DBTaskResult.objects.exists()


def test_mail_goes_before_other_work(worker: LeasedWorker) -> None:
    tasks.returning.enqueue("text")
    full_message().send()
    worker.step()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (smtplib.SMTPRecipientsRefused({"b@x": (550, SECRET.encode())}), ("FAILED", "[550]")),
        (smtplib.SMTPRecipientsRefused({"b@x": (450, SECRET.encode())}), ("READY", "[450]")),
        (smtplib.SMTPRecipientsRefused({"b": (550, b""), "c": (451, b"")}), ("READY", "[451, 550]")),
        (smtplib.SMTPDataError(554, SECRET.encode()), ("READY", "SMTPDataError 554")),
        (ConnectionRefusedError(SECRET), ("READY", "ConnectionRefusedError")),
    ],
)
def test_refused_mail_is_tried_again_unless_it_is_hopeless_and_nothing_of_it_is_logged(
    worker: LeasedWorker,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    outcome: tuple[str, str],
) -> None:
    settings.EMAIL_DELIVERY_BACKEND = f"{__name__}.RefusingBackend"
    RefusingBackend.error = error
    full_message().send()
    with caplog.at_level(logging.DEBUG):
        worker.step()
    task = DBTaskResult.objects.get()
    assert task.status == outcome[0]
    assert outcome[1] in task.traceback
    assert SECRET not in task.traceback
    assert SECRET not in caplog.text
    assert "ada@example.org" not in caplog.text + task.traceback
