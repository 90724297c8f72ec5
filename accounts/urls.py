"""Addresses of one's own settings."""

from django.urls import path

from accounts import closing_views, email_views, security_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("picture/remove/", views.picture_remove, name="picture_remove"),
    path("teach/", views.teach, name="teach"),
    path("close/", closing_views.close, name="close"),
    path("api-key/", views.api_key, name="api_key"),
    path("api-key/create/", views.api_key_create, name="api_key_create"),
    path("api-key/<int:pk>/", views.api_key_change, name="api_key_change"),
    path("api-key/<int:pk>/end/", views.api_key_end, name="api_key_end"),
    path("api-key/issue/", views.api_key_issue, name="api_key_issue"),
    path("api-key/revoke/", views.api_key_revoke, name="api_key_revoke"),
    path("email/", email_views.email, name="email"),
    path("email/cancel/", email_views.email_cancel, name="email_cancel"),
    path("email/confirm/<str:token>/", email_views.email_confirm, name="email_confirm"),
    path("sessions/", security_views.session_list, name="session_list"),
    path("sessions/<int:pk>/end/", security_views.session_end, name="session_end"),
    path("sessions/end-others/", security_views.session_end_others, name="session_end_others"),
]
