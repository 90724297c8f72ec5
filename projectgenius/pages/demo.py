"""Pages that only a demo has."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from projectgenius.background.models import OutboxMail

PER_PAGE = 20


def outbox(request: HttpRequest) -> HttpResponse:
    """The mails that the site would have sent, newest first."""
    page = Paginator(OutboxMail.objects.order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/outbox.html", {"mails": page.object_list, "page_obj": page})


def outbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    """One of these mails."""
    return render(request, "demo/outbox_message.html", {"mail": get_object_or_404(OutboxMail, pk=pk)})
