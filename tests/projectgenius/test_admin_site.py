"""The admin site as a whole: who comes in, what everybody finds there, and at what price."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, ForeignKeyRawIdWidget, RelatedFieldWidgetWrapper
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.forms import ModelChoiceField
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.backoffice import BackOfficeAdmin
from accounts.models import User
from courses.models import Course
from studytools.models import Note
from tests.accounts.factories import InstructorFactory, UserFactory
from tests.projectgenius.admin_rows import (
    OF_COURSES,
    OF_THE_SITE,
    PRIVATE,
    Rows,
    course_rows,
    private_rows,
    site_rows,
)

Login = Callable[[User], Client]
PAGES = dict(admin.site._registry)
LABELS = {model._meta.label: model for model in PAGES}

# Models that have no page, and why.
WITHOUT_PAGE = {
    "community.UserAchievement": "a key of two columns cannot be registered; shown on the person's page",
    "courses.Accommodation": "stands in the list of its course's students, and is given on the student's page",
    "courses.VideoPosition": "a person's own; nobody else reads how far somebody watched",
    "courses.MessageRecipient": "counted on the page of its message; who got it is the students' own",
    "assessments.CodeRun": "what somebody tried is their own; what was handed in shows with the response",
    "accounts.AuditOrigin": "shown on the page of its event",
    "admin.LogEntry": "shown as the history of each row",
    "auth.Permission": "rights come from the policy functions, none is stored",
    "account.EmailConfirmation": "holds codes that confirm an address",
    "accounts.EmailChange": "waits for two answers for two days; the person sees it",
    "limits.RequestCount": "counts requests for an hour at most",
    "mfa.Authenticator": "holds the secrets of second factors; an action on the person's page removes them",
    "usersessions.UserSession": "holds keys of sessions; each person ends the own ones",
    "contenttypes.ContentType": "Django's own list of models",
    "sessions.Session": "holds who is signed in",
    "background.TaskLease": "the queue's lock; its tries stand on the task",
    "background.ScheduledRun": "the queue's mark that a slot has been used",
    "background.OutboxMail": "holds the texts of mails; a demo site has a page for it",
}


def address(model: type[models.Model], what: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


@pytest.fixture
def own(instructor: User) -> Rows:
    """Rows of a course of `instructor`."""
    return course_rows(instructor, UserFactory(), "own")


@pytest.fixture
def foreign(other_instructor: User) -> Rows:
    """Rows of a course of `other_instructor`."""
    return course_rows(other_instructor, UserFactory(), "foreign")


# Who comes in


def test_nobody_is_sent_to_the_sites_own_sign_in(db: None) -> None:
    response = Client().get("/admin/courses/course/", follow=True)
    last, status = response.redirect_chain[-1]
    assert last.startswith(reverse("account_login"))
    assert "%2Fadmin%2Fcourses%2Fcourse%2F" in last
    assert status == 302
    assert "admin/login.html" not in [template.name for template in response.templates]


def test_student_is_refused(student: User, login: Login) -> None:
    assert not student.is_staff
    assert login(student).get("/admin/", follow=True).status_code == 403


def test_is_staff_follows_the_role(student: User, instructor: User, admin_user: User) -> None:
    assert isinstance(User.is_staff, property)
    assert [user.is_staff for user in (student, instructor, admin_user)] == [False, True, True]
    instructor.is_active = False
    assert not instructor.is_staff


@pytest.mark.parametrize("name", ["instructor", "admin_user"])
def test_staff_find_their_start_page(name: str, request: pytest.FixtureRequest, login: Login) -> None:
    response = login(request.getfixturevalue(name)).get("/admin/")
    assert response.status_code == 200
    assert reverse("admin:courses_course_add") in response.content.decode()


def test_the_admins_own_password_page_leads_to_the_sites(instructor: User, login: Login) -> None:
    response = login(instructor).get("/admin/password_change/")
    assert response["Location"] == reverse("account_change_password")


def test_policy_is_looser_by_one_word_only(instructor: User, login: Login) -> None:
    def policy(path: str) -> dict[str, set[str]]:
        header = client.get(path)["Content-Security-Policy"]
        parts = [part.split() for part in header.split(";")]
        return {name: set(values) for name, *values in parts}

    client = login(instructor)
    site, back_office = policy(reverse("account_logout")), policy("/admin/")
    assert back_office.pop("script-src") == {"'self'", "'unsafe-eval'"}
    assert site.pop("script-src") == {"'self'"}
    assert back_office == site


# What is there


def test_every_model_has_a_page() -> None:
    missing = {model._meta.label for model in apps.get_models()} - set(LABELS) - set(WITHOUT_PAGE)
    assert not missing
    assert not set(WITHOUT_PAGE) & set(LABELS)


def test_every_page_is_themed_and_in_one_of_the_lists() -> None:
    assert set(PAGES) == OF_COURSES | PRIVATE | OF_THE_SITE
    assert all(type(page).__mro__[1].__module__ != "django.contrib.admin.options" for page in PAGES.values())
    assert all(any("unfold" in base.__module__ for base in type(page).__mro__) for page in PAGES.values())


@pytest.mark.parametrize("label", LABELS)
def test_foreign_keys_are_searched_for_and_never_listed(
    label: str, admin_user: User, rf: RequestFactory
) -> None:
    """A list of all people in a form would kill the page one day."""
    request = rf.get("/")
    request.user = admin_user
    page = PAGES[LABELS[label]]
    forms = [page.get_form(request), page.get_form(request, LABELS[label]())]
    forms += [inline.get_formset(request).form for inline in page.get_inline_instances(request)]
    searching = (AutocompleteSelect, ForeignKeyRawIdWidget)
    for form in forms:
        for name, field in form.base_fields.items():
            if isinstance(field, ModelChoiceField):
                widget = field.widget
                widget = widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget
                assert isinstance(widget, searching), f"{label}.{name}"
                assert field.queryset is not None
                assert PAGES[field.queryset.model].get_search_fields(request), (
                    f"{field.queryset.model} has no search"
                )
    for column in LABELS[label]._meta.fields:
        if column.is_relation:
            assert column.name in page.get_autocomplete_fields(request)


@pytest.mark.parametrize("label", LABELS)
def test_admin_opens_every_page(label: str, admin_user: User, login: Login, own: Rows) -> None:
    model = LABELS[label]
    row = {**own, **private_rows(admin_user, "mine"), **site_rows(UserFactory(), "site")}[model]
    client = login(admin_user)
    assert client.get(address(model, "changelist") + "?q=a").status_code == 200
    assert client.get(address(model, "change", row.pk)).status_code == 200
    assert client.get(address(model, "history", row.pk)).status_code == 200
    page = PAGES[model]
    may_add = isinstance(page, BackOfficeAdmin) and page.can_add(admin_user)
    may_delete = isinstance(page, BackOfficeAdmin) and page.can_delete(admin_user, row)
    assert client.get(address(model, "add")).status_code == (200 if may_add else 403)
    assert client.get(address(model, "delete", row.pk)).status_code == (200 if may_delete else 403)


@pytest.mark.parametrize("label", sorted(model._meta.label for model in OF_COURSES))
def test_instructor_sees_rows_of_own_courses_alone(
    label: str, instructor: User, login: Login, own: Rows, foreign: Rows
) -> None:
    model = LABELS[label]
    client = login(instructor)
    listed = client.get(address(model, "changelist"))
    assert list(listed.context["cl"].result_list) == [own[model]]
    assert "foreign" not in listed.content.decode()
    page = client.get(address(model, "change", own[model].pk))
    assert page.status_code == 200
    assert "foreign" not in page.content.decode()
    for what in ("change", "history"):
        assert client.get(address(model, what, foreign[model].pk)).status_code == 404
    assert client.get(address(model, "delete", foreign[model].pk)).status_code in (403, 404)
    assert client.post(address(model, "change", foreign[model].pk), {}).status_code in (403, 404)
    assert client.post(address(model, "delete", foreign[model].pk), {"post": "yes"}).status_code in (403, 404)
    assert model._default_manager.filter(pk=foreign[model].pk).exists()


@pytest.mark.parametrize("label", sorted(model._meta.label for model in OF_THE_SITE))
def test_instructor_has_no_pages_of_the_site(label: str, instructor: User, login: Login) -> None:
    model = LABELS[label]
    row = site_rows(UserFactory(), "site")[model]
    client = login(instructor)
    for path in (address(model, "changelist"), address(model, "add"), address(model, "change", row.pk)):
        assert client.get(path).status_code == 403
    assert address(model, "changelist") not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("label", sorted(model._meta.label for model in PRIVATE))
def test_notes_and_cards_are_seen_by_their_owner_alone(
    label: str, instructor: User, admin_user: User, login: Login
) -> None:
    model = LABELS[label]
    theirs, mine = private_rows(instructor, "theirs")[model], private_rows(admin_user, "mine")[model]
    client = login(admin_user)
    assert list(client.get(address(model, "changelist")).context["cl"].result_list) == [mine]
    assert client.get(address(model, "change", theirs.pk)).status_code == 404
    assert client.get(address(model, "history", theirs.pk)).status_code == 404
    assert client.get(address(model, "change", mine.pk)).status_code == 200


def test_a_private_title_is_written_into_no_log(instructor: User, login: Login) -> None:
    client = login(instructor)
    client.post(address(Note, "add"), {"title": "Secret", "content": "-"})
    note = Note.objects.get(user=instructor)
    client.post(address(Note, "change", note.pk), {"title": "Secret too", "content": "-"})
    client.post(address(Note, "delete", note.pk), {"post": "yes"})
    assert not Note.objects.exists()
    assert not apps.get_model("admin.LogEntry").objects.exists()
    assert not apps.get_model("accounts.AuditEvent").objects.filter(table="notes").exists()


# Side doors


def found(client: Client, field: Any) -> list[str]:
    names = field.model._meta
    query = {"app_label": names.app_label, "model_name": names.model_name, "field_name": field.name}
    response = client.get(reverse("admin:autocomplete"), query)
    return [result["id"] for result in response.json()["results"]] if response.status_code == 200 else []


@pytest.mark.parametrize(
    "label", sorted(f"{model._meta.label}.{field.name}" for model in OF_COURSES
                    for field in model._meta.get_fields() if field.many_to_one)
)  # fmt: skip
def test_choices_offer_an_instructor_only_own_rows(
    label: str, instructor: User, login: Login, own: Rows, foreign: Rows
) -> None:
    model, _, name = label.rpartition(".")
    field: Any = LABELS[model]._meta.get_field(name)
    offered = found(login(instructor), field)
    if field.remote_field.model is User:
        students = {str(instructor.pk), str(own[LABELS["courses.CourseEnrollment"]].student_id)}  # type: ignore[attr-defined]
        assert set(offered) <= students
    else:
        assert offered == [str(own[field.remote_field.model].pk)]


def test_instructor_finds_students_of_own_courses_and_nobody_else(
    instructor: User, login: Login, own: Rows, foreign: Rows, admin_user: User
) -> None:
    enrollment = LABELS["courses.CourseEnrollment"]
    field: Any = enrollment._meta.get_field("student")
    offered = found(login(instructor), field)
    assert set(offered) == {str(instructor.pk), str(own[enrollment].student_id)}  # type: ignore[attr-defined]


def test_admin_chooses_as_instructor_only_who_can_be(
    instructor: User, student: User, admin_user: User, login: Login
) -> None:
    field: Any = Course._meta.get_field("instructor")
    offered = found(login(admin_user), field)
    assert set(offered) == {str(instructor.pk), str(admin_user.pk)}


def test_student_is_offered_nothing(student: User, login: Login, own: Rows) -> None:
    response = login(student).get(reverse("admin:autocomplete"))
    assert response.status_code == 302


def test_a_filter_does_not_name_somebody_elses_course(
    instructor: User, login: Login, own: Rows, foreign: Rows
) -> None:
    client = login(instructor)
    for label in ("courses.Module", "courses.CourseEnrollment", "assessments.Quiz"):
        path = address(LABELS[label], "changelist")
        mine = client.get(path, {"course__id__exact": own[Course].pk})
        assert f"selected>{own[Course]}" in mine.content.decode()
        other = client.get(path, {"course__id__exact": foreign[Course].pk})
        assert "foreign" not in other.content.decode()
        assert not other.context["cl"].result_list


@pytest.mark.parametrize("lookup", ["instructor__password__startswith", "instructor__api_key__startswith"])
def test_lists_are_not_filtered_by_what_is_hidden(
    lookup: str, instructor: User, login: Login, own: Rows
) -> None:
    assert login(instructor).get(address(Course, "changelist"), {lookup: "a"}).status_code in (302, 400)


@pytest.mark.parametrize("lookup", ["password__startswith", "api_key__startswith"])
def test_people_are_not_filtered_by_secrets(lookup: str, admin_user: User, login: Login) -> None:
    assert login(admin_user).get(address(User, "changelist"), {lookup: "a"}).status_code in (302, 400)


def test_the_redirect_to_a_rows_page_tells_nothing(instructor: User, login: Login, foreign: Rows) -> None:
    for row in (foreign[Course], foreign[LABELS["courses.Certificate"]]):
        kind = ContentType.objects.get_for_model(row)
        assert login(instructor).get(f"/admin/r/{kind.pk}/{row.pk}/").status_code == 404


# At what price


@pytest.mark.parametrize("models_", [OF_COURSES, PRIVATE, OF_THE_SITE], ids=["courses", "private", "site"])
def test_lists_cost_the_same_however_long_they_are(
    models_: set[type[models.Model]], admin_user: User, login: Login
) -> None:
    client = login(admin_user)

    def fill(start: int, end: int) -> None:
        for number in range(start, end):
            student = UserFactory()
            if models_ is OF_COURSES:
                course_rows(InstructorFactory(), student, f"{number}")
            elif models_ is PRIVATE:
                private_rows(admin_user, f"{number}")
            else:
                site_rows(student, f"{number}")

    def prices() -> dict[str, int]:
        found = {}
        for model in models_:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address(model, "changelist")).status_code == 200
            found[model._meta.label] = len(queries)
        return found

    fill(0, 3)
    prices()
    few = prices()
    fill(3, 30)
    assert prices() == few
    assert max(few.values()) <= 10


def test_the_start_page_costs_the_same_however_many_courses(
    instructor: User, login: Login, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    client = login(instructor)

    def price() -> int:
        with statements() as seen:
            client.get("/admin/")
        return len(seen)

    course_rows(instructor, UserFactory(), "first")
    price()
    one = price()
    for number in range(10):
        course_rows(instructor, UserFactory(), str(number))
    assert price() == one <= 6


def test_the_theme_is_listed_before_djangos_own() -> None:
    assert settings.INSTALLED_APPS.index("unfold") < settings.INSTALLED_APPS.index("django.contrib.admin")
