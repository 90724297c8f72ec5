"""The pages on which a place in a course is taken by an invitation or a code, and given up."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import User
from accounts.requests import SignedInRequest
from courses import lookup_limit
from courses.enrollment import unenroll_student
from courses.forms import JoinForm
from courses.invitations import accept_invitation, find_invitation, is_acceptable, is_for
from courses.join_codes import UNKNOWN, find_join_code, join_by_code, normalize_join_code
from courses.models import CourseEnrollment, CourseInvitation, EnrollmentMode, InvitationRole
from projectgenius.errors import Conflict


@login_required
@never_cache
def course_leave(request: SignedInRequest, slug: str) -> HttpResponse:
    """What leaving ends and what stays; sent, it ends the place."""
    own = CourseEnrollment.objects.active().filter(student=request.user).select_related("course")
    enrollment = get_object_or_404(own, course__slug=slug)
    course = enrollment.course
    if request.method == "POST":
        unenroll_student(enrollment=enrollment, by=request.user)
        messages.success(request, _("You left “%(title)s”.") % {"title": course.title})
        return redirect(course if course.is_published else "home")
    by_invitation = course.enrollment_mode == EnrollmentMode.INVITED
    context = {"course": course, "enrollment": enrollment, "by_invitation": by_invitation}
    return render(request, "courses/course_leave.html", context)


@never_cache
def join(request: HttpRequest) -> HttpResponse:
    """Where a code is typed in. Unknown, ended and used-up codes are answered alike."""
    form = JoinForm(request.GET or None)
    if form.is_valid():
        return redirect("courses:join_code", code=normalize_join_code(form.cleaned_data["code"]))
    return render(request, "courses/join.html", {"form": form})


@login_required
@lookup_limit.limited_as("join-code", by_person=True)
@never_cache
def join_code(request: SignedInRequest, code: str) -> HttpResponse:
    """The course that a code is for; sent, it enrolls."""
    found = find_join_code(code)
    if found is None:
        return _unknown_code(request, code)
    if request.method != "POST":
        context = {"course": found.course, "code": found.code}
        return render(request, "courses/join_code.html", context)
    try:
        enrollment = join_by_code(text=code, student=request.user)
    except Conflict as conflict:
        if conflict.code == "unknown_code":
            return _unknown_code(request, code)
        messages.info(request, str(conflict.message))
        return redirect(found.course)
    return _welcome(request, enrollment)


def _unknown_code(request: HttpRequest, code: str) -> HttpResponse:
    form = JoinForm({"code": normalize_join_code(code)})
    form.add_error("code", str(UNKNOWN))
    return render(request, "courses/join.html", {"form": form}, status=404)


def _welcome(request: HttpRequest, enrollment: CourseEnrollment) -> HttpResponse:
    if enrollment.is_open:
        messages.success(request, _("You’re enrolled."))
    else:
        messages.info(request, _("Your place is reserved. The lessons open when the payment is recorded."))
    return redirect(enrollment.course)


@lookup_limit.limited_as("invitation")
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to, for whoever has the link; sent, it accepts, for the invited address alone."""
    found = find_invitation(token)
    if found is None:
        raise Http404
    status = 200
    if request.method == "POST" and request.user.is_authenticated:
        try:
            accept_invitation(invitation=found, user=request.user)
            return _accepted(request, found, request.user)
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
        except PermissionDenied:
            status = 403
    return render(request, "courses/invitation.html", _facts_of(found, request.user), status=status)


def _facts_of(found: CourseInvitation, user: Any) -> dict[str, Any]:
    """What the page of an invitation says to `user`."""
    own = is_for(found, user)
    return {
        "invitation": found,
        "course": found.course,
        "is_student": found.role == InvitationRole.STUDENT,
        "is_open": is_acceptable(found),
        "is_own": own,
        "is_accepted": bool(own and found.accepted_by_id == user.pk),
    }


def _accepted(request: HttpRequest, found: CourseInvitation, user: User) -> HttpResponse:
    course = found.course
    if found.role != InvitationRole.STUDENT:
        messages.success(request, _("You help in this course now. Its work stands under “Teaching”."))
        return redirect(course)
    enrollment = course.enrollments.get(student=user)
    enrollment.course = course
    return _welcome(request, enrollment)
