"""What others see of a person: the profile that its owner made public, and the picture."""

from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.models import User
from courses.models import Course, HelperRole
from projectgenius.pictures import picture_response

NUL = "\0"  # PostgreSQL refuses to look for it


def profile(request: HttpRequest, username: str) -> HttpResponse:
    """A public profile. Its owner sees it as others would, public or not; anybody else's private one is not found."""
    found = User.objects.active().filter(username=username.lower())
    person = None if NUL in username else found.first()
    if person is None or not (person.is_profile_public or person.pk == request.user.pk):
        raise Http404
    helped = person.helper_roles.filter(role=HelperRole.CO_INSTRUCTOR).values("course")
    courses = Course.objects.published().filter(Q(instructor=person) | Q(pk__in=helped))
    context = {"person": person, "courses": courses.select_related("instructor").order_by("title", "pk")}
    return render(request, "pages/person.html", context)


def picture(request: HttpRequest, pk: int, name: str) -> FileResponse:
    """A person's picture, for those who may see it; a hidden one and none at all are answered alike."""
    if NUL in name:
        raise Http404
    person = get_object_or_404(User.objects.active(), pk=pk, picture=f"pictures/{name}")
    is_public = User.objects.public_picture().filter(pk=pk).exists()
    if not is_public and not User.objects.visible_to(request.user).filter(pk=pk).exists():
        raise Http404
    return picture_response(person.picture, is_public=is_public)
