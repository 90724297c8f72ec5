"""Assignments, groups and submissions in the admin site."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from assignments.models import Assignment, AssignmentGroup, AssignmentSubmission, GroupMember
from courses.models import Course
from tests.projectgenius.admin_rows import course_rows

Login = Callable[[User], Client]

ASSIGNMENT = {
    "title": "A bridge", "description": "-", "instructions": "Build it.", "assignment_type": "project",
    "submission_type": "file", "points": "100", "allowed_file_types": '["pdf"]', "rubric": "",
}  # fmt: skip


def test_instructor_makes_and_publishes_an_assignment(instructor: User, course: Course, login: Login) -> None:
    client = login(instructor)
    data = ASSIGNMENT | {"course": course.pk, "due_date_0": "2030-06-01", "due_date_1": "18:00:00"}
    assert client.post(reverse("admin:assignments_assignment_add"), data).status_code == 302
    assignment = Assignment.objects.get()
    assert (assignment.allowed_file_types, assignment.rubric) == (["pdf"], None)
    listed = reverse("admin:assignments_assignment_changelist")
    client.post(listed, {"action": "publish", "_selected_action": [assignment.pk]})
    assert Assignment.objects.get().is_published
    assert AuditEvent.objects.get(action="assignment.publish").course_id == course.pk


def test_an_assignment_with_submissions_is_not_deleted(instructor: User, student: User, login: Login) -> None:
    row = course_rows(instructor, student, "own")[Assignment]
    address = reverse("admin:assignments_assignment_delete", args=[row.pk])
    response = login(instructor).post(address, {"post": "yes"})
    assert "This holds students’ work (1 submission). Unpublish it instead." in response.content.decode()
    assert Assignment.objects.filter(pk=row.pk).exists()


def test_groups_are_made_and_named_and_their_members_shown(
    instructor: User, student: User, login: Login
) -> None:
    rows = course_rows(instructor, student, "own")
    group = rows[AssignmentGroup]
    client = login(instructor)
    address = reverse("admin:assignments_assignmentgroup_change", args=[group.pk])
    assert student.display_name in client.get(address).content.decode()
    data = {"name": "Birch", "members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 1}
    data |= {"members-0-id": rows[GroupMember].pk, "members-0-group": group.pk, "members-0-role": "leader"}
    assert client.post(address, data).status_code == 302
    group.refresh_from_db()
    assert group.name == "Birch"  # type: ignore[attr-defined]
    assert GroupMember.objects.get().role == "member"
    assert (
        client.post(reverse("admin:assignments_assignmentgroup_delete", args=[group.pk])).status_code == 403
    )


def test_submissions_are_looked_at(instructor: User, student: User, login: Login) -> None:
    row = course_rows(instructor, student, "own")[AssignmentSubmission]
    client = login(instructor)
    address = reverse("admin:assignments_assignmentsubmission_change", args=[row.pk])
    assert "Comment own" in client.get(address).content.decode()
    assert client.post(address, {"grade": "100"}).status_code == 403
