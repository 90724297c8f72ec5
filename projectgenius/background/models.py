"""What the worker keeps beside the queue: leases, signs of life, fired slots, and a demo site's mail."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from projectgenius.db import CreatedAt

QueuedTask = DBTaskResult[..., Any]


class TaskLease(models.Model):
    """A worker's right to run a task until `expires_at`; the row stays while the task waits for a new try."""

    task = models.OneToOneField(
        DBTaskResult, on_delete=models.CASCADE, primary_key=True, related_name="lease", verbose_name=_("task")
    )
    worker_id = models.CharField(
        _("worker"), max_length=64, blank=True, default="", help_text=_("Empty while the task waits.")
    )
    expires_at = models.DateTimeField(_("ends"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)

    class Meta:
        db_table = "task_leases"
        verbose_name = _("task lease")
        verbose_name_plural = _("task leases")

    def __str__(self) -> str:
        return f"{self.task_id}: {self.worker_id or '-'}"


class WorkerHeartbeat(models.Model):
    """A worker that was seen; the row goes when the worker ends in order."""

    worker_id = models.CharField(_("worker"), max_length=64, primary_key=True)
    host_name = models.CharField(_("host"), max_length=255)
    started_at = models.DateTimeField(_("started"))
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        db_table = "worker_heartbeats"
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.worker_id


class ScheduledRun(CreatedAt):
    """One firing of a periodic task; two schedulers cannot write the same one."""

    name = models.CharField(_("name"), max_length=200)
    slot = models.DateTimeField(_("slot"))

    class Meta:
        db_table = "scheduled_runs"
        verbose_name = _("scheduled run")
        verbose_name_plural = _("scheduled runs")
        constraints = [
            models.UniqueConstraint(fields=["name", "slot"], name="scheduled_runs_name_slot_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.slot:%Y-%m-%d %H:%M:%S}"


class OutboxMail(models.Model):
    """A mail that a demo site shows instead of sending it."""

    sender = models.CharField(_("from"), max_length=320)
    recipients = models.TextField(_("to"), help_text=_("Addresses, separated by a comma and a space."))
    subject = models.CharField(_("subject"), max_length=998)
    body = models.TextField(_("text"), blank=True)
    html_body = models.TextField(_("HTML"), blank=True)
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        db_table = "outbox_mails"
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("mail in the outbox")
        verbose_name_plural = _("mails in the outbox")

    def __str__(self) -> str:
        return self.subject
