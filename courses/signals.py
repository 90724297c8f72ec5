"""News of this app. Sent once the transaction is committed; who listens is not known here."""

from django.dispatch import Signal

student_enrolled = Signal()
"""Arguments: enrollment."""

course_completed = Signal()
"""A student reached 100 per cent for the first time. Arguments: enrollment."""

course_copied = Signal()
"""A course was copied. Sent inside the transaction, so that what hangs on the course is copied with it or not at all.

Arguments: source, copy (the two courses), lessons (the new lessons by the ids of the old ones), rewrite (makes a text,
or JSON with texts, show the copies of the pictures).
"""

content_moved = Signal()
"""A lesson or a module came into another course. Sent inside the transaction; a listener refuses with a Conflict.

Arguments: lessons (ids of those that moved), course (where they are now).
"""
