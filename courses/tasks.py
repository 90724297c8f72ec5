"""Work on courses that does not belong into a request. Each can be run twice without harm."""

from datetime import timedelta

from django_tasks import task

from courses.certificates import issue_missing
from courses.progress import recalculate_course
from courses.roster_import import forget_old_files
from projectgenius.background.schedule import periodic


@task()
def recalculate_course_progress(course_id: int) -> int:
    """Bring everybody's progress up to date after the course's content changed."""
    return recalculate_course(course_id=course_id)


@periodic(every=timedelta(days=1), offset=timedelta(hours=4))
@task
def forget_roster_files() -> int:
    """Delete the files of imports that nobody finished within a week."""
    return forget_old_files()


@task()
def issue_missing_certificates(course_id: int) -> int:
    """Issue the certificates of those who completed the course before it gave any."""
    return issue_missing(course_id=course_id)
