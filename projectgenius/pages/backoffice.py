"""The admin site's first page and its menu: what somebody teaches, and the pages that the person may open."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.permissions import is_instructor
from assessments.grading_queue import waiting_by_course
from courses.models import Course, CourseEnrollment, Lesson
from courses.querysets import helps_teach
from courses.standing import Standing

SHOWN_COURSES = 12
TO_GRADE_BEFORE = "assessments.Quiz"  # opens the group whose work is graded

# Title of a group, and its pages: model, icon.
MENU: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...] = (
    (
        _("Courses"),
        (
            ("courses.Course", "school"),
            ("courses.Module", "view_list"),
            ("courses.Lesson", "article"),
            ("courses.LessonResource", "attach_file"),
            ("courses.CourseImage", "image"),
            ("courses.LessonVideo", "movie"),
            ("courses.LessonVersion", "history_edu"),
            ("courses.CourseImport", "unarchive"),
            ("courses.LessonAvailability", "lock_clock"),
            ("courses.ModuleAvailability", "lock_clock"),
            ("courses.CourseHelper", "group_add"),
            ("community.CourseAnnouncement", "campaign"),
        ),
    ),
    (
        _("Quizzes and assignments"),
        (
            ("assessments.Quiz", "quiz"),
            ("assessments.Question", "help"),
            ("assignments.Assignment", "assignment"),
            ("assignments.AssignmentGroup", "groups"),
        ),
    ),
    (
        _("Students"),
        (
            ("courses.CourseEnrollment", "how_to_reg"),
            ("courses.ModuleProgress", "trending_up"),
            ("courses.LessonCompletion", "task_alt"),
            ("assessments.QuizAttempt", "fact_check"),
            ("assignments.AssignmentSubmission", "upload_file"),
            ("courses.CourseInvitation", "mail"),
            ("courses.CourseJoinCode", "password"),
            ("courses.Payment", "payments"),
            ("courses.PaymentEvent", "receipt_long"),
            ("courses.Certificate", "workspace_premium"),
            ("community.CourseReview", "star"),
            ("assessments.Regrade", "published_with_changes"),
            ("assessments.ScoreChange", "swap_vert"),
            ("assessments.QuizAnalytics", "bar_chart"),
            ("assignments.AssignmentAnalytics", "analytics"),
            ("accounts.AuditEvent", "history"),
        ),
    ),
    (
        _("Own notes"),
        (
            ("studytools.Note", "sticky_note_2"),
            ("studytools.FlashcardSet", "style"),
        ),
    ),
    (
        _("Site"),
        (
            ("accounts.User", "person"),
            ("accounts.UserImport", "group_add"),
            ("accounts.InstructorRequest", "co_present"),
            ("accounts.ApiKey", "key"),
            ("account.EmailAddress", "mail"),
            ("auth.Group", "group"),
            ("community.Achievement", "emoji_events"),
            ("legacy.Challenge", "code"),
            ("legacy.Submission", "terminal"),
            ("django_tasks_database.DBTaskResult", "schedule"),
            ("background.WorkerHeartbeat", "memory"),
            ("assessments.JudgeState", "gavel"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu: groups with the pages that the person may see, and the start page before them."""
    start = {"title": _("Start"), "icon": "home", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"title": None, "items": [start]}]
    for title, pages in MENU:
        items = [item for label, icon in pages if (item := _menu_item(request, label, icon))]
        if items and pages[0][0] == TO_GRADE_BEFORE:
            items.insert(0, _to_grade_item())
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _to_grade_item() -> dict[str, Any]:
    """The way to what waits for grading, whatever its quiz."""
    link = reverse("admin:assessments_quiz_to_grade")
    return {"title": _("To grade"), "icon": "rate_review", "link": link}


def _menu_item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    page = admin.site.get_model_admin(apps.get_model(label))
    if not page.has_view_permission(request):
        return None
    names = page.model._meta
    link = reverse(f"admin:{names.app_label}_{names.model_name}_changelist")
    return {"title": capfirst(str(names.verbose_name_plural)), "icon": icon, "link": link}


def appearance(request: HttpRequest) -> dict[str, Any]:
    """Colors stand in our style sheet: the theme would write them into the page, which the style policy forbids."""
    return {"colors": None}


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the courses that somebody teaches or assists in, newest first: what each holds, how its students stand."""
    taught = Course.objects.filter(helps_teach(request.user)).order_by("-created_at", "-id")
    rows = list(taught.annotate(drafts=_drafts())[: SHOWN_COURSES + 1])
    counts = CourseEnrollment.objects.count_by_course(course.pk for course in rows)
    to_grade = waiting_by_course([course.pk for course in rows], request.user)
    for course in rows:
        figures = _figures(course, counts.get(course.pk, {}))
        course.figures = [*_to_grade(course, to_grade.get(course.pk, 0)), *figures]  # type: ignore[attr-defined]
    return {
        **context,
        "own_courses": rows[:SHOWN_COURSES],
        "more_courses": len(rows) > SHOWN_COURSES,
        "can_add_course": is_instructor(request.user),
    }


def _figures(course: Course, counts: dict[str, int]) -> list[dict[str, Any]]:
    """How many students stand how, each with the way to them; who needs attention is left out when nobody does."""
    roster = reverse("admin:courses_course_students", args=[course.pk])
    active = counts.get(Standing.ACTIVE, 0)
    said: list[tuple[int, Any, str, bool]] = [
        (active, ngettext("%(n)s active student", "%(n)s active students", active), Standing.ACTIVE, True),
        (counts.get(Standing.NOT_STARTED, 0), _("%(n)s not started"), Standing.NOT_STARTED, False),
        (counts.get(Standing.BEHIND, 0), _("%(n)s falling behind"), Standing.BEHIND, False),
        (counts.get("completed_lately", 0), _("%(n)s completed this week"), Standing.COMPLETED, False),
    ]
    return [
        {"words": words % {"n": count}, "link": f"{roster}?standing={standing}"}
        for count, words, standing, always in said
        if count or always
    ]


def _to_grade(course: Course, count: int) -> list[dict[str, Any]]:
    """How many answers wait for a person, with the way to them; nothing when none does."""
    if not count:
        return []
    link = f"{reverse('admin:assessments_quiz_to_grade')}?course={course.pk}"
    words = ngettext("%(n)s answer to grade", "%(n)s answers to grade", count)
    return [{"words": words % {"n": count}, "link": link}]


def _drafts() -> Coalesce:
    """How many lessons wait for being published, by themselves or with their module."""
    hidden = Lesson.objects.filter(Q(is_published=False) | Q(module__is_published=False))
    lessons = hidden.order_by().filter(module__course=OuterRef("pk")).values("module__course")
    return Coalesce(Subquery(lessons.annotate(n=Count("pk")).values("n")), 0)
