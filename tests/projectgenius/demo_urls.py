"""The addresses of a site that is a demo."""

from django.urls import path

from projectgenius import urls
from projectgenius.pages import demo

handler404 = urls.handler404
urlpatterns = [
    *urls.urlpatterns,
    path("outbox/", demo.outbox, name="demo_outbox"),
    path("outbox/<int:pk>/", demo.outbox_message, name="demo_outbox_message"),
]
