"""People in the admin site."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.api_keys import issue_api_key, user_for_api_key
from accounts.models import AuditEvent, User
from community.models import Achievement, UserAchievement
from courses.models import Course
from tests.accounts.factories import AdminFactory

Login = Callable[[User], Client]


def page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def form(user: User, **changed: str | None) -> dict[str, str]:
    """What the browser sends from the page of `user`: a switch that is off is not there."""
    data: dict[str, str | None] = {"username": user.username, "full_name": user.full_name or "", "bio": ""}
    data |= {"is_active": "on" if user.is_active else None, "is_admin": "on" if user.is_admin else None}
    data |= {"teaches": "on" if user.is_instructor else None} | changed
    return {name: value for name, value in data.items() if value is not None}


def actions() -> list[str]:
    return list(
        AuditEvent.objects.exclude(action__startswith="sign_in")
        .order_by("id")
        .values_list("action", flat=True)
    )


def test_admin_changes_a_profile_and_no_right(student: User, admin_user: User, login: Login) -> None:
    response = login(admin_user).post(page(student), form(student, full_name="Sam Student"))
    assert response.status_code == 302
    student.refresh_from_db()
    assert student.full_name == "Sam Student"
    assert not student.is_admin
    assert not [action for action in actions() if action.startswith("role.")]


def test_admin_changes_roles_through_the_functions(student: User, admin_user: User, login: Login) -> None:
    client = login(admin_user)
    client.post(page(student), form(student, teaches="on", is_admin="on"))
    changed = User.objects.get(pk=student.pk)
    assert changed.is_admin
    assert changed.is_instructor
    client.post(page(student), form(changed, teaches=None, is_admin=None, is_active=None))
    changed = User.objects.get(pk=student.pk)
    assert (changed.is_admin, changed.is_instructor, changed.is_active) == (False, False, False)
    assert actions() == ["role.grant", "role.grant", "role.deactivate", "role.revoke", "role.revoke"]


@pytest.mark.parametrize("switch", ["is_admin", "is_active"])
def test_own_rights_stay_and_nothing_else_of_the_page_is_saved(
    switch: str, admin_user: User, login: Login
) -> None:
    AdminFactory()
    data = form(admin_user, full_name="Changed", **{switch: None})
    response = login(admin_user).post(page(admin_user), data, follow=True)
    assert response.status_code == 200
    assert "You cannot" in response.content.decode()
    admin_user.refresh_from_db()
    assert admin_user.is_admin
    assert admin_user.is_active
    assert admin_user.full_name != "Changed"


def test_refused_role_is_said_in_words(
    instructor: User, course: Course, admin_user: User, login: Login
) -> None:
    response = login(admin_user).post(page(instructor), form(instructor, teaches=None), follow=True)
    assert "This person teaches 1 course." in response.content.decode()
    assert User.objects.get(pk=instructor.pk).is_instructor


@pytest.mark.parametrize("who", ["instructor", "student"])
def test_others_change_nobody(who: str, student: User, login: Login, request: pytest.FixtureRequest) -> None:
    client = login(request.getfixturevalue(who))
    assert client.post(page(student), form(student, is_admin="on")).status_code in (302, 403)
    password = reverse("admin:auth_user_password_change", args=[student.pk])
    assert client.post(password, {}).status_code in (302, 403)
    assert not User.objects.get(pk=student.pk).is_admin


def test_nobody_deletes_people(student: User, admin_user: User, login: Login) -> None:
    client = login(admin_user)
    assert (
        client.post(reverse("admin:accounts_user_delete", args=[student.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert "delete_selected" not in client.get(reverse("admin:accounts_user_changelist")).content.decode()


def test_reading_somebodys_page_is_logged_once_and_ones_own_is_not(
    student: User, admin_user: User, login: Login
) -> None:
    client = login(admin_user)
    client.get(page(admin_user))
    assert actions() == []
    client.get(page(student))
    event = AuditEvent.objects.get(action="personal_data.read")
    assert (event.actor_id, event.table, event.row_id) == (admin_user.pk, "users", str(student.pk))


def test_no_hash_is_on_the_page(student: User, admin_user: User, login: Login) -> None:
    issue_api_key(user=student, by=student)
    student.refresh_from_db()
    text = login(admin_user).get(page(student)).content.decode()
    assert str(student.api_key) not in text
    assert student.password not in text
    assert student.password.rpartition("$")[2][:6] not in text


def test_admin_revokes_keys_and_issues_none(student: User, admin_user: User, login: Login) -> None:
    key = issue_api_key(user=student, by=student)
    client = login(admin_user)
    data = {"action": "revoke_api_keys", "_selected_action": [student.pk, admin_user.pk]}
    response = client.post(reverse("admin:accounts_user_changelist"), data, follow=True)
    assert "1 key revoked." in response.content.decode()
    assert user_for_api_key(key) is None
    assert actions()[-1] == "api_key.revoke"


def test_admin_gives_a_new_password(student: User, admin_user: User, login: Login) -> None:
    address = reverse("admin:auth_user_password_change", args=[student.pk])
    client = login(admin_user)
    assert client.get(address).status_code == 200
    new = "quite-another-password-4"
    wrong = client.post(address, {"password1": new, "password2": "typed wrong", "usable_password": "true"})
    assert wrong.status_code == 200
    assert "password.change" not in actions()
    response = client.post(address, {"password1": new, "password2": new, "usable_password": "true"})
    assert response.status_code == 302
    assert User.objects.get(pk=student.pk).check_password(new)
    assert actions()[-1] == "password.change"


def test_a_new_person_is_a_student(admin_user: User, login: Login) -> None:
    data = {
        "username": "newcomer", "email": "new@example.org", "full_name": "New Comer", "is_admin": "on", "teaches": "on",
        "usable_password": "true", "password1": "quite-another-password-4", "password2": "quite-another-password-4",
    }  # fmt: skip
    response = login(admin_user).post(reverse("admin:accounts_user_add"), data)
    assert response.status_code == 302
    made = User.objects.get(username="newcomer")
    assert (made.is_admin, made.is_instructor, made.email_verified) == (False, False, False)
    assert actions()[0] == "account.create"


def test_earned_achievements_stand_on_the_persons_page(student: User, admin_user: User, login: Login) -> None:
    badge = Achievement.objects.create(name="First steps", description="-")
    UserAchievement.objects.create(user=student, achievement=badge)
    client = login(admin_user)
    assert "First steps" in client.get(page(student)).content.decode()
    assert client.post(page(student), form(student, full_name="Saved too")).status_code == 302
    assert User.objects.get(pk=student.pk).full_name == "Saved too"


@pytest.mark.parametrize("name", ["instructor", "admin_user"])
def test_choices_are_offered_for_own_references_alone(
    name: str, request: pytest.FixtureRequest, login: Login, course: Course
) -> None:
    client = login(request.getfixturevalue(name))
    asked = {"app_label": "courses", "model_name": "courseenrollment", "field_name": "course"}
    assert client.get("/admin/autocomplete/", asked).status_code == 200
    reverse_sides = ("enrollments", "modules", "helpers", "certificate", "enrollment")
    for model in ("course", "courseenrollment", "module"):
        for field in reverse_sides:
            answer = client.get("/admin/autocomplete/", asked | {"model_name": model, "field_name": field})
            assert answer.status_code in {403, 404}, (model, field)


def test_administrators_changes_of_a_profile_are_logged(
    login: Login, student: User, admin_user: User
) -> None:
    client, address = login(admin_user), f"/admin/accounts/user/{student.pk}/change/"
    fields = {"username": "Rosa", "full_name": "Rosa Lind", "bio": "A private text", "is_active": "on"}
    client.post(address, {**fields, "language": "de", "time_zone": "Europe/Berlin"})
    event = AuditEvent.objects.get(action="person.update")
    assert (event.actor_id, event.row_id) == (admin_user.pk, str(student.pk))
    assert event.before == {"username": "student", "full_name": "Student", "language": "", "time_zone": ""}
    assert event.after == {
        "fields": ["username", "full_name", "bio", "language", "time_zone"],
        "username": "rosa",
        "full_name": "Rosa Lind",
        "language": "de",
        "time_zone": "Europe/Berlin",
    }
    client.post(address, {**fields, "language": "de", "time_zone": "Europe/Berlin"})
    assert AuditEvent.objects.filter(action="person.update").count() == 1


def test_names_that_only_look_different_are_refused(login: Login, student: User, admin_user: User) -> None:
    client, address = login(admin_user), f"/admin/accounts/user/{student.pk}/change/"
    for wrong in ({"full_name": "\N{RIGHT-TO-LEFT OVERRIDE}nimdA"}, {"username": "ADMIN"}):
        answer = client.post(
            address, {"username": "student", "full_name": "Student", "bio": "", "is_active": "on", **wrong}
        )
        assert answer.status_code == 200
    student.refresh_from_db()
    assert (student.username, student.full_name) == ("student", "Student")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=student.pk).update(username="Admin")
