"""Attempts, responses and runs show only to whom they belong, to those who teach the course, and to the system."""

from django.db import migrations

from projectgenius.row_security import ASKING_USER, COURSES_TAUGHT, row_security

HANDED_IN = "response_id IN (SELECT id FROM question_responses)"
QUIZZES_TAUGHT = f"SELECT id FROM quizzes WHERE course_id IN ({COURSES_TAUGHT})"  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_quizzes")]

    operations = [
        row_security(
            "quiz_attempts",
            rows=f"user_id = {ASKING_USER} OR quiz_id IN ({QUIZZES_TAUGHT})",
        ),
        # The policies of the other tables hold in here too.
        row_security("question_responses", rows="attempt_id IN (SELECT id FROM quiz_attempts)"),
        # Whoever closes an attempt whose time is over asks for its judging too: an instructor who only looks at it.
        row_security(
            "code_runs",
            rows=f"user_id = {ASKING_USER} OR {HANDED_IN}",
            roles=("system",),
        ),
    ]
