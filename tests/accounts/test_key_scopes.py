"""Named API keys: what they open and what they never do. Rights are the owner's, as far as the scopes go."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.permissions import SAFE_METHODS
from rest_framework.test import APIClient

from accounts.api_keys import issue_named_key, revoke_named_key
from accounts.models import ApiKey, User
from courses.join_codes import make_join_code
from courses.models import Course, CourseEnrollment, CourseHelper, HelperRole
from projectgenius.api.policy import Policy
from projectgenius.api.scopes import Scope
from tests.courses.factories import EnrollmentFactory, make_course

API = "/api/v1/"
ME = "/api/v1/me/"


@pytest.fixture
def with_key(db: None) -> Callable[..., APIClient]:
    """`with_key(user, "read", "submit")` asks with a named key of the user that has these scopes."""

    def client_of(user: User, *scopes: str) -> APIClient:
        _row, key = issue_named_key(user=user, name="Script", scopes=scopes)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
        return client

    return client_of


WithKey = Callable[..., APIClient]


def api_views() -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Each address of the API with its view class and what it does for each method."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any, dict[str, str]]]:
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and path.startswith("api/v1/"):
                view = getattr(pattern.callback, "cls", None)
                if view is not None and not path.endswith(("schema/", "docs/")):
                    yield path, view, getattr(pattern.callback, "actions", {})

    yield from walk(get_resolver().url_patterns, "")


def test_every_action_of_every_endpoint_names_the_scope_that_a_key_needs() -> None:
    known, without = {str(scope) for scope in Scope}, []
    found = list(api_views())
    assert len(found) > 15
    for path, view, actions in found:
        assert all(issubclass(policy, Policy) for policy in view.permission_classes), path
        if any(policy.session_only for policy in view.permission_classes):
            continue
        for method, action in actions.items():
            general = "read" if method.upper() in SAFE_METHODS else "write"
            named = view.scopes.get(action, view.scopes.get(general, ()))
            words = {named} if isinstance(named, str) else set(named)
            if not words or not {str(word) for word in words} <= known:
                without.append(f"{path} {method}")
    assert without == []


def test_view_that_names_no_scope_lets_no_scoped_key_in(
    with_key: WithKey, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.api.views import People

    client = with_key(student, *[Scope.READ, Scope.WRITE_OWN, Scope.SUBMIT])
    assert client.get(f"{API}users/").status_code == 200
    monkeypatch.setattr(People, "scopes", {})
    answer = client.get(f"{API}users/")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


def test_each_scope_opens_its_part_and_nothing_else(
    with_key: WithKey, enrolled_student: User, course: Course
) -> None:
    lesson = course.modules.first().lessons.first()
    reading, writing = with_key(enrolled_student, Scope.READ), with_key(enrolled_student, Scope.WRITE_OWN)
    submitting = with_key(enrolled_student, Scope.SUBMIT)
    done = {"lesson": lesson.pk}

    def statuses(client: APIClient) -> list[int]:
        return [
            client.get(ME).status_code,
            client.patch(ME, {"bio": "x"}, format="json").status_code,
            client.post(f"{API}lesson-completions/", done, format="json").status_code,
            client.get(f"{API}courses/").status_code,
        ]

    assert statuses(submitting) == [403, 403, 403, 403]
    assert statuses(reading) == [200, 403, 403, 200]
    assert statuses(writing) == [403, 200, 201, 403]
    answer = reading.patch(ME, {"bio": "y"}, format="json")
    assert answer.json()["code"] == "missing_scope"
    assert "write:own" in answer.json()["message"]


def rows(answer: Any) -> set[int]:
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["results"]}


def test_instructors_key_without_course_read_sees_what_a_student_sees(
    with_key: WithKey, course: Course, enrolled_student: User
) -> None:
    owner = course.instructor
    draft = make_course(title="Draft", slug="draft", instructor=owner, is_published=False)
    place = CourseEnrollment.objects.get(student=enrolled_student)
    plain, teaching = with_key(owner, Scope.READ), with_key(owner, Scope.READ, Scope.COURSE_READ)
    assert rows(plain.get(f"{API}courses/")) == {course.pk}
    assert rows(teaching.get(f"{API}courses/")) == {course.pk, draft.pk}
    assert rows(plain.get(f"{API}course-enrollments/")) == set()
    assert rows(teaching.get(f"{API}course-enrollments/")) == {place.pk}
    assert rows(plain.get(f"{API}users/")) == {owner.pk}
    assert rows(teaching.get(f"{API}users/")) == {owner.pk, enrolled_student.pk}
    locked = course.modules.last().lessons.first()
    assert plain.get(f"{API}lessons/{locked.pk}/").status_code == 403
    assert teaching.get(f"{API}lessons/{locked.pk}/").status_code == 200


def test_instructors_key_changes_courses_only_with_course_write(with_key: WithKey, course: Course) -> None:
    owner, address = course.instructor, f"{API}courses/{course.pk}/"
    for scopes, status in (
        ([Scope.READ, Scope.COURSE_READ, Scope.WRITE_OWN, Scope.GRADE], 403),
        ([Scope.COURSE_WRITE], 200),
    ):
        answer = with_key(owner, *scopes).patch(address, {"title": f"New {status}"}, format="json")
        assert answer.status_code == status, answer.content
    course.refresh_from_db()
    assert course.title == "New 200"


def test_key_gives_no_right_that_its_owner_lost_or_never_had(
    with_key: WithKey, course: Course, other_instructor: User
) -> None:
    address = f"{API}courses/{course.pk}/"
    scopes = [Scope.READ, Scope.COURSE_READ, Scope.COURSE_WRITE]
    stranger, owner = with_key(other_instructor, *scopes), with_key(course.instructor, *scopes)
    assert stranger.patch(address, {"title": "Mine"}, format="json").status_code == 403
    assert owner.patch(address, {"title": "Mine"}, format="json").status_code == 200
    course.instructor = other_instructor
    course.save()
    assert owner.patch(address, {"title": "Again"}, format="json").status_code == 403
    assert stranger.patch(address, {"title": "Again"}, format="json").status_code == 200


def test_places_of_others_are_ended_by_course_write_and_the_own_by_write_own(
    with_key: WithKey, course: Course, enrolled_student: User, other_instructor: User
) -> None:
    place = CourseEnrollment.objects.get(student=enrolled_student)
    mine = EnrollmentFactory(
        student=course.instructor, course=make_course(title="B", instructor=other_instructor)
    )
    by_own = with_key(course.instructor, Scope.READ, Scope.COURSE_READ, Scope.WRITE_OWN, Scope.GRADE)
    by_course = with_key(course.instructor, Scope.COURSE_READ, Scope.COURSE_WRITE)
    assert by_own.delete(f"{API}course-enrollments/{place.pk}/").status_code == 404
    assert by_course.delete(f"{API}course-enrollments/{mine.pk}/").status_code == 403
    assert by_course.delete(f"{API}course-enrollments/{place.pk}/").status_code == 204
    assert by_own.delete(f"{API}course-enrollments/{mine.pk}/").status_code == 204


def test_helpers_are_narrowed_like_owners(with_key: WithKey, course: Course, student: User) -> None:
    CourseHelper.objects.create(course=course, user=student, role=HelperRole.CO_INSTRUCTOR)
    Course.objects.filter(pk=course.pk).update(is_published=False)
    helper = User.objects.get(pk=student.pk)
    assert rows(with_key(helper, Scope.READ).get(f"{API}courses/")) == set()
    assert rows(with_key(helper, Scope.READ, Scope.COURSE_READ).get(f"{API}courses/")) == {course.pk}


def test_administrators_key_reads_everything_only_with_admin_read_and_changes_nothing(
    with_key: WithKey, admin_user: User, student: User
) -> None:
    everything = [scope for scope in Scope if scope != Scope.ADMIN_READ]
    plain, full = with_key(admin_user, *everything), with_key(admin_user, *Scope)
    assert rows(plain.get(f"{API}users/")) == {admin_user.pk}
    assert rows(full.get(f"{API}users/")) >= {admin_user.pk, student.pk}
    for client in (plain, full):
        answer = client.patch(ME, {"bio": "x"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "read_only_key")
    admin_user.refresh_from_db()
    assert admin_user.is_admin
    assert not admin_user.bio


def test_narrowed_person_cannot_be_saved_as_a_whole(admin_user: User) -> None:
    admin_user.act_without_admin_flag()
    for save in (admin_user.save, lambda: admin_user.save(update_fields=["is_admin"])):
        with pytest.raises(TypeError):
            save()
    admin_user.save(update_fields=["bio"])
    assert User.objects.get().is_admin


def test_revoked_expired_and_unknown_keys_are_answered_alike(student: User, instructor: User) -> None:
    revoked, of_revoked = issue_named_key(user=student, name="a", scopes=["read"])
    revoke_named_key(key=revoked, by=student)
    expired, of_expired = issue_named_key(
        user=student, name="b", scopes=["read"], expires_at=timezone.now() + timedelta(days=1)
    )
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    _row, of_gone = issue_named_key(user=instructor, name="c", scopes=["read"])
    User.objects.filter(pk=instructor.pk).update(is_active=False)
    answers = [
        APIClient().get(ME, headers={"X-API-Key": key})
        for key in (of_revoked, of_expired, of_gone, "pg_" + "x" * 43)
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


def test_lookup_costs_one_query_for_both_kinds_and_a_note_of_use_once_a_minute(
    api: Callable[..., APIClient], with_key: WithKey, student: User, statements: Any
) -> None:
    named, document = with_key(student, Scope.READ), api(student, key=True)

    def cost(client: APIClient) -> int:
        with statements() as seen:
            assert client.get(ME).status_code == 200
        return len(seen)

    assert [cost(named), cost(named), cost(document)] == [2, 1, 1]
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    assert cost(named) == 2
    assert timezone.now() - ApiKey.objects.get().last_used_at < timedelta(seconds=10)


def test_named_key_opens_no_page_and_not_the_admin_site(with_key: WithKey, admin_user: User) -> None:
    client = with_key(admin_user, *Scope)
    for page in ("/settings/", "/settings/api-key/", "/admin/", "/home/"):
        assert client.get(page).status_code == 302, page


@pytest.mark.parametrize("role", ["owner", "co_instructor", "assistant"])
def test_key_that_does_not_teach_takes_no_place_in_an_own_course(
    with_key: WithKey, course: Course, student: User, role: str
) -> None:
    person = course.instructor if role == "owner" else student
    if role != "owner":
        CourseHelper.objects.create(course=course, user=student, role=role)
    key = with_key(person, "read", "write:own")
    code = make_join_code(course=course, by=course.instructor)
    for path, sent in (("", {"course": course.pk}), ("join/", {"code": code.code})):
        refused = key.post(f"{API}course-enrollments/{path}", sent, format="json")
        assert refused.status_code == 409, refused.json()
        assert refused.json()["code"] == "teaches_course"
    assert not CourseEnrollment.objects.filter(course=course, student=person).exists()
