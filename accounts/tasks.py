"""Work on people that does not belong into a request. Each can be run twice without harm."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks import task

from accounts.models import EmailChange
from accounts.people_import import forget_old_files
from projectgenius.background.schedule import periodic
from projectgenius.background.tasks import delete_in_chunks


@periodic(every=timedelta(days=1), offset=timedelta(hours=4))
@task
def forget_import_files() -> int:
    """Delete the files of imports of people that nobody finished within a week."""
    return forget_old_files()


@periodic(every=timedelta(days=1), offset=timedelta(hours=5))
@task
def forget_ended_sign_ins() -> None:
    """Delete sessions that are over, what was known of them, and changes of address that nobody finished."""
    now = timezone.now()
    delete_in_chunks(Session.objects.filter(expire_date__lt=now))
    delete_in_chunks(UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")))
    delete_in_chunks(EmailChange.objects.filter(expires_at__lt=now))
