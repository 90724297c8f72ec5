"""News of this app. Sent once the transaction is committed; who listens is not known here."""

from django.dispatch import Signal

attempt_submitted = Signal()
"""An attempt was handed in or ran out of time. Arguments: attempt."""

attempt_graded = Signal()
"""An attempt has its score, for the first time or a new one. Arguments: attempt."""
