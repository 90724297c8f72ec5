"""What came out of an attempt."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from assessments.attempts import close_if_ended
from assessments.models import QuizAttempt
from assessments.result_page import ResultPage


@require_safe
@login_required
@never_cache
def attempt_result(request: SignedInRequest, pk: int) -> HttpResponse:
    """The own result, as far as it may be seen; who left the course keeps it."""
    own = QuizAttempt.objects.taken_by(request.user).with_rules()
    attempt = close_if_ended(attempt=get_object_or_404(own, pk=pk))
    now = timezone.now()
    if attempt.is_running and (attempt.deadline is None or now < attempt.deadline):
        return redirect(attempt)
    page = ResultPage.of(attempt, request.user, now, only_wrong=request.GET.get("show") == "wrong")
    return render(request, "assessments/attempt_result.html", {"page": page, "attempt": attempt})
