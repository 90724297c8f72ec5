"""News of this package."""

from django.dispatch import Signal

worker_started = Signal()
"""This process is a worker and is about to take its first task. Arguments: worker (`LeasedWorker`)."""
