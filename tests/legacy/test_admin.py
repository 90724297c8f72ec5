"""Challenges in the admin site."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import User
from legacy.models import Challenge, Submission

Login = Callable[[User], Client]


def test_a_challenge_with_submissions_is_not_deleted(student: User, admin_user: User, login: Login) -> None:
    challenge = Challenge.objects.create(
        title="Sum", description="-", difficulty="easy", points=1, test_cases=[], solution="a + b"
    )
    Submission.objects.create(user=student, challenge=challenge, code="-", language="python")
    client = login(admin_user)
    address = reverse("admin:legacy_challenge_delete", args=[challenge.pk])
    response = client.post(address, {"post": "yes"})
    assert "This holds people’s work (1 submission). Deactivate it instead." in response.content.decode()
    assert Challenge.objects.exists()


def test_nobody_changes_what_was_sent_in(student: User, admin_user: User, login: Login) -> None:
    challenge = Challenge.objects.create(
        title="Sum", description="-", difficulty="easy", points=1, test_cases=[], solution="a + b"
    )
    sent = Submission.objects.create(user=student, challenge=challenge, code="-", language="python")
    client = login(admin_user)
    assert (
        client.post(reverse("admin:legacy_submission_change", args=[sent.pk]), {"score": "1"}).status_code
        == 403
    )
    assert client.get(reverse("admin:legacy_submission_add")).status_code == 403
