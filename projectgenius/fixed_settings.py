"""Settings of the second factor, the API's description and the admin's theme, which are the same on every site."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

# Forms of ours for the codes of a second factor: each code works once.
MFA_FORMS = {
    "authenticate": "accounts.second_factor_forms.CodeForm",
    "reauthenticate": "accounts.second_factor_forms.CodeAgainForm",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "ProjectGenius",
    "DESCRIPTION": "Courses, enrollments and progress. Sign in with a session or send an API key.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RunStatusEnum": "projectgenius.imports.RunStatus",
        "RequestStatusEnum": "accounts.models.RequestStatus",
        "AttemptStatusEnum": "assessments.models.AttemptStatus",
        "GradingStateEnum": "assessments.models.GradingState",
        "QuestionTypeEnum": "assessments.models.QuestionType",
        "RunStateEnum": "assessments.models.RunState",
        "RegradeStateEnum": "assessments.models.RegradeState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "projectgenius.api.schema.add_error_answers",
    ],
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "ProjectGenius",
    "SITE_HEADER": "ProjectGenius",
    "SITE_SUBHEADER": _("Teaching and administration"),
    "SITE_URL": reverse_lazy("landing"),
    "SITE_SYMBOL": "school",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("projectgenius/favicon.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "STYLES": [
        lambda request: static("projectgenius/css/admin.css"),
        lambda request: static("projectgenius/css/admin-writing.css"),
    ],
    "SCRIPTS": [lambda request: static("projectgenius/js/admin.js")],
    "GLOBAL_CALLBACK": "projectgenius.pages.backoffice.appearance",
    "DASHBOARD_CALLBACK": "projectgenius.pages.backoffice.dashboard",
    "SIDEBAR": {"show_search": False, "navigation": "projectgenius.pages.backoffice.navigation"},
}
