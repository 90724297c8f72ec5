"""The pages of a quiz before and during an attempt."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from assessments.answer_forms import read_packet, save_page
from assessments.attempts import close_if_ended, save_response, start_attempt, start_preview, submit_attempt
from assessments.models import GradingState, Quiz, QuizAttempt
from assessments.permissions import can_answer_attempt, can_preview_quiz
from assessments.player import Player, seconds_left
from assessments.quiz_page import QuizPage
from assessments.results import is_over
from assessments.unsent_answers import login_or_unsent
from projectgenius.errors import Conflict


@require_safe
@login_required
@never_cache
def quiz_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The rules of a quiz in figures, the own attempts, and the way in."""
    quiz = get_object_or_404(Quiz.objects.visible_to(request.user).with_rules(), pk=pk)
    page = QuizPage.of(quiz, request.user)
    if page.running and not close_if_ended(attempt=page.running).is_running:
        page = QuizPage.of(quiz, request.user)
    return render(request, "assessments/quiz_detail.html", {"page": page, "quiz": quiz})


@require_POST
@login_required
def attempt_start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin an attempt, or go on with the one that runs."""
    quiz = get_object_or_404(Quiz.objects.visible_to(request.user), pk=pk)
    is_untimed = request.POST.get("untimed") == "on"
    try:
        attempt, _is_new = start_attempt(quiz=quiz, student=request.user, is_untimed=is_untimed)
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
        return redirect("assessments:quiz_detail", pk=pk)
    return redirect("assessments:attempt_take", pk=attempt.pk)


@require_POST
@login_required
def preview_start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the quiz as a student would; nothing of it counts."""
    quiz = get_object_or_404(Quiz.objects.visible_to(request.user).select_related("course"), pk=pk)
    if not can_preview_quiz(request.user, quiz):
        raise PermissionDenied(_("Only those who teach the course preview its quizzes."))
    try:
        attempt, _is_new = start_preview(quiz=quiz, by=request.user)
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
        return redirect("assessments:quiz_detail", pk=pk)
    return redirect("assessments:attempt_take", pk=attempt.pk)


def _own_attempt(request: SignedInRequest, pk: int) -> QuizAttempt:
    """An attempt of one's own, closed if its end has come."""
    own = QuizAttempt.objects.taken_by(request.user).select_related("quiz__course")
    return close_if_ended(attempt=get_object_or_404(own, pk=pk))


def _require_right(request: SignedInRequest, attempt: QuizAttempt) -> None:
    if not can_answer_attempt(request.user, attempt):
        raise PermissionDenied(_("This course is closed to you now. What you saved before counts."))


def _asked_for(request: HttpRequest) -> int | None:
    """The number of the question that the address names."""
    number = request.GET.get("question", "")
    return int(number) if number.isdecimal() and len(number) < 6 else None


@login_or_unsent
@never_cache
def attempt_take(request: SignedInRequest, pk: int) -> HttpResponse:
    """The player; a form that it sends is saved, and leads to the page that its button names."""
    attempt = _own_attempt(request, pk)
    if not attempt.is_running:
        return redirect("assessments:attempt_result", pk=pk)
    _require_right(request, attempt)
    if request.method == "POST":
        return _save_and_go(request, attempt)
    player = Player.of(attempt, _asked_for(request), timezone.now())
    return render(request, "assessments/attempt_take.html", {"player": player, "attempt": attempt})


def _save_and_go(request: SignedInRequest, attempt: QuizAttempt) -> HttpResponse:
    """Save the page without a script; where a newer answer was saved elsewhere, show both."""
    here = _asked_for(request)
    try:
        refused = save_page(attempt=attempt, form=request.POST, position=here).refused
    except (Conflict, ValidationError) as problem:
        text = problem.message if isinstance(problem, Conflict) else " ".join(problem.messages)
        messages.error(request, str(text))
        return redirect(request.get_full_path())
    if refused:
        player = Player.of(attempt, here, timezone.now(), refused)
        return render(request, "assessments/attempt_take.html", {"player": player, "attempt": attempt})
    return redirect(_next_address(request.POST.get("go", ""), attempt, here))


def _next_address(go: str, attempt: QuizAttempt, here: int | None) -> str:
    """Where a button of the player leads: to a question by its number, to the review, or back to the same page."""
    if go == "review":
        return f"{attempt.get_absolute_url()}review/"
    number = go if go.isdecimal() else here
    return f"{attempt.get_absolute_url()}?question={number}" if number else attempt.get_absolute_url()


@require_safe
@login_required
@never_cache
def attempt_questions(request: SignedInRequest, pk: int) -> HttpResponse:
    """The questions of the other pages, so that the player goes on while the network is away."""
    attempt = _own_attempt(request, pk)
    if not attempt.is_running:
        return HttpResponse(status=409)
    _require_right(request, attempt)
    player = Player.of(attempt, _asked_for(request), timezone.now())
    context = {"player": player, "attempt": attempt, "items": player.others}
    return render(request, "assessments/_questions.html", context)


@require_POST
@never_cache
def response_save(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer, as it is given; the answer says what the server has, and how much time is left."""
    if not request.user.is_authenticated:
        return JsonResponse({"code": "signed_out"}, status=401)
    try:
        packet = read_packet(request.body)
        saved = save_response(attempt=QuizAttempt(pk=pk), by=request.user, **packet)
    except QuizAttempt.DoesNotExist:
        return JsonResponse({"code": "not_found"}, status=404)
    except ValidationError as error:
        return JsonResponse({"code": "wrong", "message": " ".join(error.messages)}, status=400)
    except Conflict as conflict:
        return JsonResponse({"code": conflict.code, "message": str(conflict.message)}, status=409)
    row, left = saved.response, seconds_left(saved.attempt.deadline, timezone.now())
    facts = {"response": row.response, "version": row.version, "is_flagged": row.is_flagged}
    return JsonResponse({**facts, "is_newer": saved.is_newer, "seconds_left": left})


@require_safe
@never_cache
def attempt_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the attempt still runs and for how long, for pages that were open for a while or lost their sign-in."""
    if not request.user.is_authenticated:
        return JsonResponse({"code": "signed_out"}, status=401)
    own = QuizAttempt.objects.taken_by(request.user).without_paper()
    attempt = get_object_or_404(own, pk=pk)
    now = timezone.now()
    facts = {"is_running": not is_over(attempt, now), "seconds_left": seconds_left(attempt.deadline, now)}
    judging = 0 if attempt.is_running else attempt.responses.filter(grading=GradingState.JUDGE).count()
    return JsonResponse({**facts, "judging": judging, "token": get_token(request)})


@require_safe
@login_required
@never_cache
def attempt_review(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is unanswered or flagged, before handing in."""
    attempt = _own_attempt(request, pk)
    if not attempt.is_running:
        return redirect("assessments:attempt_result", pk=pk)
    _require_right(request, attempt)
    player = Player.of(attempt, None, timezone.now())
    return render(request, "assessments/attempt_review.html", {"player": player, "attempt": attempt})


@require_POST
@login_required
def attempt_submit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hand in what was saved."""
    try:
        done = submit_attempt(attempt=QuizAttempt(pk=pk), by=request.user)
    except QuizAttempt.DoesNotExist:
        _require_right(request, _own_attempt(request, pk))
        raise Http404 from None
    if request.accepts("text/html"):
        return redirect("assessments:attempt_result", pk=pk)
    ended_at = timezone.localtime(done.completed_at)
    return JsonResponse({"at": date_format(ended_at, "TIME_FORMAT")})
