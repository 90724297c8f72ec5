"""The pages of payments: paying, one's own receipts, and where the provider's news arrives."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.audit import record_personal_read
from accounts.requests import SignedInRequest
from courses.models import CourseEnrollment, Payment, PaymentStatus
from courses.stripe_checkout import is_on, open_checkout, require_payable
from courses.stripe_news import BadSignature, handle_event, read_event
from projectgenius.errors import Conflict

LARGEST_NEWS = 256 * 1024  # bytes; an event has some thousand
PAYING = "https://checkout.stripe.com"


@login_required
@never_cache
def course_pay(request: SignedInRequest, slug: str) -> HttpResponse:
    """What will be paid, to look at first; sent, it leads to Stripe's page."""
    own = CourseEnrollment.objects.filter(student=request.user).select_related("course", "student")
    enrollment = get_object_or_404(own, course__slug=slug, course__is_published=True)
    if not is_on():
        raise Http404
    try:
        response = _payment_step(request, enrollment)
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
        return redirect(enrollment.course)
    # The form's answer leads to Stripe: browsers hold the page's policy against that too.
    response._csp_update = {"form-action": [PAYING]}  # type: ignore[attr-defined]
    return response


def _payment_step(request: HttpRequest, enrollment: CourseEnrollment) -> HttpResponse:
    """The page to look at, or the way to Stripe. Raises Conflict when there is nothing to pay."""
    require_payable(enrollment)
    if request.method == "POST":
        return redirect(open_checkout(enrollment=enrollment))
    return render(request, "courses/course_pay.html", {"course": enrollment.course})


@login_required
@never_cache
def payment_list(request: SignedInRequest) -> HttpResponse:
    """What one has paid, and what waits for being paid."""
    payments = Payment.objects.filter(enrollment__student=request.user).select_related("enrollment__course")
    waiting = (
        CourseEnrollment.objects.active()
        .filter(
            student=request.user,
            payment_status__in=(PaymentStatus.PENDING, PaymentStatus.FAILED),
            course__is_published=True,
        )
        .select_related("course")
    )
    context = {"payments": payments, "waiting": waiting, "can_pay": is_on()}
    return render(request, "courses/payment_list.html", context)


@login_required
@never_cache
def payment_receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """A receipt, to print."""
    payments = Payment.objects.visible_to(request.user)
    payment = get_object_or_404(payments.select_related("enrollment__course", "enrollment__student"), pk=pk)
    place = payment.enrollment
    record_personal_read(by=request.user, person_id=place.student_id, course_id=place.course_id)
    return render(request, "courses/payment_receipt.html", {"payment": payment})


@csrf_exempt
@require_POST
def stripe_news(request: HttpRequest) -> HttpResponse:
    """Where Stripe's events arrive: 400 without its signature, 200 once worked through, 500 to be sent again."""
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise Http404
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST_NEWS:
        return HttpResponse(status=413)
    try:
        event = read_event(request.body, request.headers.get("Stripe-Signature", ""))
    except BadSignature:
        return HttpResponse(status=400)
    return HttpResponse(handle_event(event), content_type="text/plain")
