"""The pages of courses, lessons and certificates."""

from importlib import import_module

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from courses import lookup_limit
from courses.certificates import normalize_code, verify, verify_address
from courses.downloads import private_file, public_picture
from courses.enrollment import enroll_student
from courses.filtersets import CourseFilter
from courses.forms import CertificateLookupForm
from courses.models import Certificate, Course, Lesson, LessonResource
from courses.progress import complete_lesson, marked_by_student, record_access, undo_completion
from courses.reading import CourseView, LessonView, next_step, viewed_as_student
from courses.watching import player_of
from projectgenius.errors import Conflict

PER_PAGE = 12
NOTHING_SAVED = gettext_lazy("You look at this as a student. Nothing is saved.")


def course_list(request: HttpRequest) -> HttpResponse:
    """The catalogue."""
    found = CourseFilter(
        request.GET, Course.objects.published().select_related("instructor"), request=request
    )
    courses = found.qs if found.is_valid() else found.queryset
    courses = (
        courses if courses.ordered and request.GET.get("sort") else courses.order_by("-created_at", "-id")
    )
    page = Paginator(courses, PER_PAGE).get_page(request.GET.get("page"))
    context = {"filter": found, "form": found.form, "page_obj": page, "chips": found.chosen()}
    return render(request, "courses/course_list.html", context)


def course_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A course with its outline and the way in."""
    course = get_object_or_404(
        Course.objects.visible_to(request.user).select_related("instructor"), slug=slug
    )
    view = CourseView.of(course, request.user, as_student=viewed_as_student(request, course))
    return render(request, "courses/course_detail.html", {"view": view})


@require_POST
@login_required
def course_enroll(request: SignedInRequest, slug: str) -> HttpResponse:
    """Enroll in one click; a course with a price waits for the payment."""
    course = get_object_or_404(Course.objects.visible_to(request.user), slug=slug)
    try:
        enrollment = enroll_student(course=course, student=request.user)
    except Conflict as conflict:
        messages.info(request, str(conflict.message))
        return redirect(course)
    if not enrollment.is_open:
        messages.info(request, _("Your place is reserved. The lessons open when the payment is recorded."))
        return redirect(course)
    messages.success(request, _("You’re enrolled."))
    return redirect("courses:course_continue", slug=slug)


@login_required
def course_continue(request: SignedInRequest, slug: str) -> HttpResponse:
    """Go to the first lesson that is not done."""
    course = get_object_or_404(Course.objects.visible_to(request.user), slug=slug)
    return redirect(next_step(course, request.user, as_student=viewed_as_student(request, course)))


@login_required
def course_end(request: SignedInRequest, slug: str) -> HttpResponse:
    """What one has reached: the certificate, or what is left."""
    course = get_object_or_404(
        Course.objects.visible_to(request.user).select_related("instructor"), slug=slug
    )
    view = CourseView.of(course, request.user, as_student=viewed_as_student(request, course))
    return render(request, "courses/course_end.html", {"view": view})


def lesson_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A lesson with the course's index beside it; a locked one says why."""
    lessons = Lesson.objects.listed_for(request.user).for_page()
    lesson = get_object_or_404(lessons, pk=pk, module__course__slug=slug)
    view = LessonView.of(lesson, request.user, as_student=viewed_as_student(request, lesson.module.course))
    if view.is_hidden:
        messages.info(request, _("Students don’t see “%(title)s”: it is a draft.") % {"title": lesson})
        return redirect(view.course)
    if not view.can_read and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not view.can_read:
        return render(request, "courses/lesson_locked.html", {"view": view}, status=403)
    if view.enrollment and view.is_open:
        record_access(enrollment=view.enrollment, lesson=lesson)
    context = {"can_mark": marked_by_student(lesson), "player": player_of(lesson, request.user)}
    return render(request, "courses/lesson_detail.html", {"view": view, **context})


@require_POST
@login_required
def lesson_complete(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Mark the lesson as done and go on to the next one."""
    lessons = Lesson.objects.reachable_by(request.user).select_related("module__course")
    lesson = get_object_or_404(lessons, pk=pk, module__course__slug=slug)
    if viewed_as_student(request, lesson.module.course):
        messages.info(request, NOTHING_SAVED)
        return redirect(LessonView.of(lesson, request.user, as_student=True).following_url)
    try:
        complete_lesson(lesson=lesson, student=request.user)
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
        return redirect("courses:lesson_detail", slug=slug, pk=pk)
    return redirect(LessonView.of(lesson, request.user).following_url)


@require_POST
@login_required
def lesson_undo(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Take the mark back and stay on the lesson."""
    lessons = Lesson.objects.reachable_by(request.user).select_related("module__course")
    lesson = get_object_or_404(lessons, pk=pk, module__course__slug=slug)
    if viewed_as_student(request, lesson.module.course):
        messages.info(request, NOTHING_SAVED)
        return redirect("courses:lesson_detail", slug=slug, pk=pk)
    try:
        undo_completion(lesson=lesson, student=request.user)
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
    return redirect("courses:lesson_detail", slug=slug, pk=pk)


def cover_file(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """A course's own cover: public, as the course is; of a draft, for those who teach it."""
    course = get_object_or_404(Course.objects.visible_to(request.user), cover_file=f"covers/{name}")
    response = public_picture(course.cover_file)
    if not course.is_published:
        response["Cache-Control"] = "private, no-store"
    return response


def resource_download(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """A lesson's file, for those who may read the lesson."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    resource = get_object_or_404(LessonResource.objects.visible_to(request.user).exclude(file=""), pk=pk)
    return private_file(resource.file)


@login_required
def certificate_list(request: SignedInRequest) -> HttpResponse:
    """One's own certificates."""
    certificates = Certificate.objects.filter(enrollment__student=request.user).select_related(
        "enrollment__course"
    )
    return render(request, "courses/certificate_list.html", {"certificates": certificates})


@login_required
@never_cache
def certificate_pdf(request: SignedInRequest, code: str) -> HttpResponse:
    """A certificate as PDF, for its holder, the course's instructor and administrators; none of a revoked one."""
    certificate = get_object_or_404(Certificate.objects.visible_to(request.user), code=normalize_code(code))
    if certificate.revoked_at:
        return redirect(certificate)
    # Loaded when one is printed: the libraries for fonts and paper would take a third of every start.
    paper = import_module("courses.certificate_pdf")
    response = HttpResponse(paper.render_certificate(certificate), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="certificate-{certificate.code}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@lookup_limit.limited
def certificate_lookup(request: HttpRequest) -> HttpResponse:
    """Where a number is typed in."""
    form = CertificateLookupForm(request.GET or None)
    if form.is_valid():
        return redirect("courses:certificate_verify", code=normalize_code(form.cleaned_data["number"]))
    return render(request, "courses/certificate_lookup.html", {"form": form})


@lookup_limit.limited
@never_cache
def certificate_verify(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a number is a certificate's: valid, revoked, or unknown (404). Open to everybody."""
    certificate = verify(code)
    own = Certificate.objects.visible_to(request.user).filter(revoked_at__isnull=True)
    can_download = own.filter(code=normalize_code(code)).exists()
    context = {
        "certificate": certificate,
        "code": normalize_code(code),
        "can_download": can_download,
        "address": verify_address(certificate) if certificate else "",
    }
    return render(request, "courses/certificate_verify.html", context, status=200 if certificate else 404)
