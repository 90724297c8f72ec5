"""Mail goes through the queue: written in the caller's transaction, sent by the worker.

Mail cannot be sent exactly once: a worker that dies between the server's "accepted" and writing its result
leaves a message that is sent a second time. Each copy carries the same Message-ID and Date, by which mail
programs know them for one. A message queued in a transaction that is rolled back is never sent. Once it was
sent, its content is erased from the queue; it never appears in a log.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from email.mime.base import MIMEBase
from email.utils import format_datetime, make_msgid, parseaddr
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django_tasks import task

from projectgenius.background.handling import GiveUp, handled
from projectgenius.background.models import OutboxMail

BEFORE_OTHERS = 50  # priority: somebody waits for the code in this mail
PERMANENT = 500  # replies of a mail server from here on are final

Packed = dict[str, Any]


class DeliveryFailed(Exception):
    """A mail could not be sent this time. Says how the server answered, nothing of the mail."""


class QueuedEmailBackend(BaseEmailBackend):
    """EMAIL_BACKEND that puts each message on the queue."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the messages and return how many; a header with a line break raises here, in the caller."""
        packed = [pack(message) for message in email_messages if message.recipients()]
        for message in packed:
            deliver_mail.enqueue(message)
        return len(packed)


class OutboxBackend(BaseEmailBackend):
    """Delivery for a demo site: keeps each message to be shown, and sends nothing."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages and return how many."""
        for message in email_messages:
            body, html = str(message.body), ""
            if message.content_subtype == "html":
                body, html = "", body
            for content, mimetype in getattr(message, "alternatives", []):
                html = str(content) if mimetype == "text/html" else html
            OutboxMail.objects.create(
                sender=str(message.from_email)[:320],
                recipients=", ".join(message.recipients()),
                subject=str(message.subject)[:998],
                body=body,
                html_body=html,
            )
        return len(email_messages)


@task(priority=BEFORE_OTHERS)
@handled(tries=8, pause=timedelta(seconds=30), forget_arguments=True)
def deliver_mail(message: Packed) -> None:
    """Send one packed message by EMAIL_DELIVERY_BACKEND; tried again for about an hour.

    An address that the server refuses for good is not tried again.
    """
    try:
        get_connection(settings.EMAIL_DELIVERY_BACKEND).send_messages([unpack(message)])
    except SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        if min(codes, default=0) >= PERMANENT:
            raise GiveUp(f"The mail server refuses the recipients: {codes}") from None
        raise DeliveryFailed(f"The mail server refuses the recipients for now: {codes}") from None
    except SMTPResponseException as error:
        raise DeliveryFailed(f"{type(error).__name__} {error.smtp_code}") from None
    except Exception as error:  # its text could quote the mail
        raise DeliveryFailed(type(error).__name__) from None


def pack(message: EmailMessage) -> Packed:
    """A message as JSON can hold it, with a Message-ID and a Date that all its deliveries share."""
    headers = {str(name): str(value) for name, value in message.extra_headers.items()}
    known = {name.lower() for name in headers}
    if "message-id" not in known:
        domain = parseaddr(str(message.from_email))[1].rpartition("@")[2] or "localhost"
        headers["Message-ID"] = make_msgid(domain=domain)
    if "date" not in known:
        headers["Date"] = format_datetime(timezone.now())
    packed = {
        "subject": str(message.subject),
        "body": str(message.body),
        "content_subtype": message.content_subtype,
        "encoding": message.encoding if isinstance(message.encoding, str) else None,
        "from_email": str(message.from_email),
        "to": [str(address) for address in message.to],
        "cc": [str(address) for address in message.cc],
        "bcc": [str(address) for address in message.bcc],
        "reply_to": [str(address) for address in message.reply_to],
        "headers": headers,
        "alternatives": [[str(text), mimetype] for text, mimetype in getattr(message, "alternatives", [])],
        "attachments": [_pack_attachment(attachment) for attachment in message.attachments],
    }
    unpack(packed).message()  # what cannot be sent, such as a header with a line break, is the caller's error
    return packed


def unpack(packed: Packed) -> EmailMultiAlternatives:
    """The message that `pack` packed."""
    message = EmailMultiAlternatives(
        subject=packed["subject"],
        body=packed["body"],
        from_email=packed["from_email"],
        to=packed["to"],
        cc=packed["cc"],
        bcc=packed["bcc"],
        reply_to=packed["reply_to"],
        headers=packed["headers"],
        alternatives=[(content, mimetype) for content, mimetype in packed["alternatives"]],
    )
    message.content_subtype = packed["content_subtype"]
    message.encoding = packed["encoding"]
    for attachment in packed["attachments"]:
        content = b64decode(attachment["content"])
        if attachment["mimetype"] is None:
            message.attach(_mime_part(content))
        else:
            message.attach(attachment["filename"], content, attachment["mimetype"])
    return message


def _pack_attachment(attachment: Any) -> Packed:
    if isinstance(attachment, MIMEBase):  # a ready part, such as a picture that the HTML shows
        return {"filename": None, "mimetype": None, "content": _base64(attachment.as_bytes())}
    filename, content, mimetype = attachment
    return {"filename": filename, "mimetype": mimetype, "content": _base64(_content_bytes(content))}


def _content_bytes(content: Any) -> bytes:
    if isinstance(content, EmailMessage):
        content = content.message()
    if isinstance(content, Message):
        return content.as_bytes()
    return content if isinstance(content, bytes) else str(content).encode()


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def _mime_part(content: bytes) -> MIMEBase:
    parsed = message_from_bytes(content)
    part = MIMEBase(parsed.get_content_maintype(), parsed.get_content_subtype())
    for name in list(part):
        del part[name]
    for name, value in parsed.items():
        part[name] = value
    part.set_payload(parsed.get_payload())
    return part
