"""Signs of life of a worker: a thread that renews its leases and says that it was seen."""

import logging
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType

from django.db import close_old_connections, connections
from django.db.models.functions import Now
from django.utils import timezone

from projectgenius.background import leases
from projectgenius.background.models import WorkerHeartbeat

logger = logging.getLogger(__name__)

LONGEST_PERIOD = 20.0  # seconds; whoever asks whether a worker is alive waits no longer than a minute
RETRY_AFTER = 1.0  # seconds; a database that was busy or away may be back before the lease ends


class Heartbeat(threading.Thread):
    """Beats every third of the lease, over a database connection of its own; `with` starts and ends it."""

    def __init__(self, worker_id: str, lease: timedelta) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.worker_id = worker_id
        self.lease = lease
        self.period = min(lease.total_seconds() / 3, LONGEST_PERIOD)
        self.started_at: datetime = timezone.now()
        self._ended = threading.Event()

    def __enter__(self) -> "Heartbeat":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self.join(timeout=2)

    def run(self) -> None:
        """Beat until the end, then say goodbye."""
        wait = 0.0
        while not self._ended.wait(wait):
            wait = self.period if self._try(self.beat) else RETRY_AFTER
        self._try(self.leave)
        connections.close_all()

    def beat(self) -> None:
        """Renew the leases and be seen, once."""
        leases.renew(self.worker_id, self.lease)
        seen = {"host_name": socket.gethostname()[:255], "started_at": self.started_at, "seen_at": Now()}
        if not WorkerHeartbeat.objects.filter(worker_id=self.worker_id).update(**seen):
            WorkerHeartbeat.objects.create(worker_id=self.worker_id, **seen)

    def leave(self) -> None:
        """Nobody needs to wait for this worker any more."""
        WorkerHeartbeat.objects.filter(worker_id=self.worker_id).delete()

    def _try(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except Exception as error:  # whatever it is, a thread that ended would let the leases run out
            logger.warning("Worker %s: heartbeat failed with %s.", self.worker_id, type(error).__name__)
            connections.close_all()
            return False
        close_old_connections()
        return True
