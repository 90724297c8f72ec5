"""Who may do what to courses and what hangs on them. No request, no HTTP."""

from typing import Any

from accounts.permissions import is_instructor
from courses.models import (
    Certificate,
    Course,
    CourseEnrollment,
    HelperRole,
    InvitationRole,
    Lesson,
    LessonCompletion,
    LessonResource,
    Module,
)
from courses.querysets import CO_INSTRUCTOR


def course_of(row: Course | Module | Lesson | LessonResource) -> Course:
    """The course that a piece of content belongs to."""
    match row:
        case Course():
            return row
        case Module():
            return row.course
        case Lesson():
            return row.module.course
        case LessonResource():
            return row.lesson.module.course


def helper_role(user: Any, course: Course) -> str:
    """What `user` is in this course beside its owner: a `HelperRole`, or empty. Asked once a request."""
    if not user.is_helper:
        return ""
    if not hasattr(user, "_roles_by_course"):
        user._roles_by_course = dict(user.helper_roles.values_list("course_id", "role"))
    return str(user._roles_by_course.get(course.pk, ""))


def teaches_course(user: Any, course: Course) -> bool:
    """Whether `user` is an instructor of this course (the same rule as `querysets.teaches`)."""
    return bool(
        user.is_authenticated
        and user.acts_as_teacher
        and (course.instructor_id == user.pk or helper_role(user, course) == HelperRole.CO_INSTRUCTOR)
    )


def helps_teach_course(user: Any, course: Course) -> bool:
    """Whether `user` teaches this course or assists there (the same rule as `querysets.helps_teach`)."""
    return bool(
        user.is_authenticated
        and user.acts_as_teacher
        and (course.instructor_id == user.pk or helper_role(user, course))
    )


def can_view_course_work(user: Any, course: Course) -> bool:
    """Drafts, students and their work: instructors and assistants of the course, and administrators."""
    return bool(user.is_authenticated and (user.is_admin or helps_teach_course(user, course)))


def can_manage_helpers(user: Any, course: Course) -> bool:
    """Naming co-instructors and assistants: the owner of the course and administrators, no helper."""
    return bool(
        user.is_authenticated
        and (user.is_admin or (user.acts_as_teacher and course.instructor_id == user.pk))
    )


def can_invite(user: Any, course: Course, role: str) -> bool:
    """Inviting students: who teaches the course; inviting helpers: who may name them."""
    return (
        can_edit_course(user, course) if role == InvitationRole.STUDENT else can_manage_helpers(user, course)
    )


def can_record_payment(user: Any) -> bool:
    """Noting what was paid, and paid back: administrators."""
    return bool(user.is_authenticated and user.is_admin)


def teaches_somewhere(user: Any) -> bool:
    """Instructors, and co-instructors of any course; says nothing of a particular one."""
    return is_instructor(user) or (
        user.is_authenticated and user.is_helper and user.helper_roles.filter(role=CO_INSTRUCTOR).exists()
    )


def can_create_course(user: Any) -> bool:
    """Instructors and administrators make courses."""
    return is_instructor(user)


def can_edit_course(user: Any, course: Course) -> bool:
    """Content and settings of a course: its instructors and administrators."""
    return bool(user.is_authenticated and (user.is_admin or teaches_course(user, course)))


def can_export_roster(user: Any, course: Course) -> bool:
    """Taking the students' data along: those who teach, not assistants."""
    return can_edit_course(user, course)


def can_write_to_students(user: Any, course: Course) -> bool:
    """Messages to students, and adding students: those who teach, not assistants."""
    return can_edit_course(user, course)


def can_give_accommodation(user: Any, enrollment: CourseEnrollment) -> bool:
    """More time, attempts or days for a student: who teaches the course, not assistants; nobody oneself."""
    return enrollment.student_id != user.pk and can_edit_course(user, enrollment.course)


def can_read_accommodation_note(user: Any, enrollment: CourseEnrollment) -> bool:
    """Why somebody was given more: those who see the course's work, never the student."""
    return enrollment.student_id != user.pk and can_view_course_work(user, enrollment.course)


def can_export_course(user: Any, course: Course) -> bool:
    """A whole course as an archive, with its quizzes' answers: who edits it; assistants look, they do not carry off."""
    return can_edit_course(user, course)


def can_manage_certificate(user: Any, certificate: Certificate) -> bool:
    """Revoking, reinstating, reissuing: the instructors of the course and administrators; nobody the own one."""
    enrollment = certificate.enrollment
    return enrollment.student_id != user.pk and can_edit_course(user, enrollment.course)


def can_edit_content(user: Any, row: Course | Module | Lesson | LessonResource) -> bool:
    """A part of a course is edited, deleted and added to by those who edit the course."""
    return can_edit_course(user, course_of(row))


def can_change_owner(user: Any) -> bool:
    """Only administrators hand a course to somebody else."""
    return bool(user.is_authenticated and user.is_admin)


def can_withdraw(user: Any, enrollment: CourseEnrollment) -> bool:
    """A student leaves; the course's instructors and administrators may end an enrollment."""
    return bool(
        user.is_authenticated
        and (user.pk == enrollment.student_id or can_edit_course(user, enrollment.course))
    )


def can_mark_lesson(user: Any, lesson: Lesson) -> bool:
    """Marking a lesson as done: who studies in its course, with an open enrollment; and administrators."""
    return bool(
        user.is_authenticated
        and (
            user.is_admin
            or CourseEnrollment.objects.open().filter(student=user, course=lesson.module.course_id).exists()
        )
    )


def can_undo_completion(user: Any, completion: LessonCompletion) -> bool:
    """Taking a mark back: the own one while the course is open to oneself; and administrators."""
    return bool(
        user.is_authenticated
        and (user.is_admin or (completion.student_id == user.pk and can_mark_lesson(user, completion.lesson)))
    )
