"""Small addresses of the whole site: the theme, the language and the drawn covers."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from accounts.profiles import change_profile
from projectgenius.covers import cover_svg
from projectgenius.requests import THEMES

YEAR = 60 * 60 * 24 * 365


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie for a year; anything else follows the system again."""
    response = _way_back(request)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        _keep(response, request, "theme", theme)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Speak this language from now on: a cookie keeps it, and the account of a person who is signed in."""
    response = _way_back(request)
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        _keep(response, request, settings.LANGUAGE_COOKIE_NAME, code)
        if request.user.is_authenticated:
            change_profile(user=request.user, values={"language": code}, by=request.user)
    return response


def _way_back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page from which the form was sent, on this site alone."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None) or not target.startswith("/"):
        target = "/"
    return HttpResponseRedirect(target)


def _keep(response: HttpResponse, request: HttpRequest, name: str, value: str) -> None:
    """Let the browser keep a choice for a year."""
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)


@cache_control(public=True, max_age=YEAR, immutable=True)
def cover(request: HttpRequest, key: str, hue: int) -> HttpResponse:
    """The drawn cover of a course; the same address always gives the same picture."""
    return HttpResponse(cover_svg(key, hue), content_type="image/svg+xml")
