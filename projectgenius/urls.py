"""Addresses of the site."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView, TemplateView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.security_views import passkey_remove, security
from projectgenius.pages import dashboard, demo, landing, people, site

# The admin has no entrance of its own: the site's sign-in guards it, with its limits.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", landing.landing, name="landing"),
    path("home/", dashboard.home, name="home"),
    path("", include("courses.urls")),
    path("", include("assessments.urls")),
    path("settings/", include("accounts.urls")),
    path("people/<str:username>/", people.profile, name="person_profile"),
    path("people/<int:pk>/picture/<str:name>", people.picture, name="person_picture"),
    # Pages of ours in the places of the sign-in library's own: its way to change an address is no side door.
    path("accounts/email/", RedirectView.as_view(pattern_name="accounts:email"), name="account_email"),
    path(
        "accounts/sessions/",
        RedirectView.as_view(pattern_name="accounts:session_list"),
        name="usersessions_list",
    ),
    path("accounts/2fa/", security, name="mfa_index"),
    path("accounts/2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("accounts/2fa/webauthn/<int:pk>/remove/", passkey_remove, name="mfa_remove_webauthn"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("covers/<slug:key>-<int:hue>.svg", site.cover, name="cover"),
    path("theme/", site.set_theme, name="set_theme"),
    path("language/", site.set_language, name="set_language"),
    path("help/", TemplateView.as_view(template_name="pages/help.html"), name="help"),
    path(
        "accessibility/", TemplateView.as_view(template_name="pages/accessibility.html"), name="accessibility"
    ),
    path("privacy/", TemplateView.as_view(template_name="pages/privacy.html"), name="privacy"),
    path("terms/", TemplateView.as_view(template_name="pages/terms.html"), name="terms"),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("courses.api.urls")),
    path("api/v1/", include("assessments.api.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
]

if settings.DEMO:
    urlpatterns += [
        path("outbox/", demo.outbox, name="demo_outbox"),
        path("outbox/<int:pk>/", demo.outbox_message, name="demo_outbox_message"),
    ]
if settings.DEBUG:
    urlpatterns += [
        path("components/", TemplateView.as_view(template_name="components.html"), name="components")
    ]

handler400 = "projectgenius.pages.errors.bad_request"
handler403 = "projectgenius.pages.errors.permission_denied"
handler404 = "projectgenius.pages.errors.not_found"
handler429 = "projectgenius.pages.errors.too_many_requests"
handler500 = "projectgenius.pages.errors.server_error"
