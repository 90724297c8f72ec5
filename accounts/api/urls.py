"""Addresses of the API for people."""

from django.urls import path

from accounts.api.key_views import ApiKeys
from accounts.api.sessions import Sessions
from accounts.api.views import Myself, People, RequestsToTeach
from projectgenius.api.endpoints import router

people = router()
people.register("users", People, basename="api-users")
people.register("sessions", Sessions, basename="api-sessions")
people.register("instructor-requests", RequestsToTeach, basename="api-instructor-requests")
people.register("api-keys", ApiKeys, basename="api-api-keys")

urlpatterns = [
    path("me/", Myself.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-me"),
    *people.urls,
]
