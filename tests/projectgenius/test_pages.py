"""The front page, a student's own page, the small addresses, and what every answer carries."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from courses.models import Course, Lesson
from tests.courses.factories import CompletionFactory, CourseFactory, EnrollmentFactory, make_course

Login = Callable[[User], Client]


# --- Front page ---


def test_front_page_shows_six_published_courses_with_most_to_learn(client: Client, db: None) -> None:
    for number in range(1, 8):
        CourseFactory(title=f"Course {number}", total_minutes=number)
    CourseFactory(title="Secret", total_minutes=99, is_published=False)
    page = client.get("/")
    assert [course.title for course in page.context["courses"]] == [f"Course {n}" for n in range(7, 1, -1)]
    assert "Create an account" in page.content.decode()


def test_front_page_of_an_empty_site(client: Client, login: Login, student: User) -> None:
    assert "Courses to start with" not in client.get("/").content.decode()
    assert "Go to your courses" in login(student).get("/").content.decode()


@pytest.mark.parametrize("path", ["/help/", "/accessibility/", "/privacy/", "/terms/"])
def test_pages_of_words_need_no_database_but_the_session(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "<h1" in answer.content.decode()


# --- Home ---


def test_newcomer_gets_three_suggestions(login: Login, student: User) -> None:
    for number in range(5):
        CourseFactory(total_minutes=number)
    page = login(student).get("/home/")
    assert [course.total_minutes for course in page.context["suggestions"]] == [4, 3, 2]
    assert "You’re not enrolled yet. Choose a course to begin." in page.content.decode()


def test_student_goes_on_where_the_last_lesson_was(
    login: Login, enrolled_student: User, course: Course
) -> None:
    lessons = Lesson.objects.published().in_order()
    client = login(enrolled_student)
    page = client.get("/home/").content.decode()
    assert "Hello, Enrolled" in page
    assert "Your first lesson" in page
    CompletionFactory(student=enrolled_student, lesson=lessons[0])
    page = client.get("/home/").content.decode()
    assert "Continue where you left off" in page
    assert "Module 1, lesson 2" in page
    assert f"/courses/counting/lessons/{lessons[1].pk}/" in page
    for lesson in lessons[1:]:
        CompletionFactory(student=enrolled_student, lesson=lesson)
    page = client.get("/home/").content.decode()
    assert "All lessons done" in page
    assert "Nothing is waiting for you." in page


@pytest.mark.parametrize(
    ("status", "words"),
    [("pending", "Payment pending"), ("refunded", "Refunded"), ("failed", "Payment failed")],
)
def test_closed_course_leads_to_its_page_and_says_why(
    login: Login, student: User, status: str, words: str
) -> None:
    EnrollmentFactory(student=student, course=make_course(slug="priced"), payment_status=status)
    page = login(student).get("/home/").content.decode()
    assert words in page
    assert '<a href="/courses/priced/">' in page
    assert "/courses/priced/continue/" not in page
    assert "Nothing is waiting for you." in page


def test_unpublished_course_is_not_shown(login: Login, enrolled_student: User) -> None:
    Course.objects.update(is_published=False)
    assert "Counting for beginners" not in login(enrolled_student).get("/home/").content.decode()


def test_name_without_spaces_or_letters_is_greeted(login: Login, student: User) -> None:
    client = login(student)
    for name, greeting in [("Zoë", "Hello, Zoë"), ("李 小龙", "Hello, 李"), (None, "Hello, student")]:
        User.objects.update(full_name=name)
        assert greeting in client.get("/home/").content.decode()
    User.objects.update(full_name="   ")
    assert client.get("/home/").status_code == 200


# --- Theme ---


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_is_remembered_for_a_year(client: Client, db: None, theme: str) -> None:
    answer = client.post("/theme/", {"theme": theme, "next": "/courses/?q=a"}, secure=True)
    assert answer.headers["Location"] == "/courses/?q=a"
    cookie = answer.cookies["theme"]
    assert (cookie.value, cookie["max-age"]) == (theme, 60 * 60 * 24 * 365)
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert f'data-theme="{theme}"' in client.get("/", secure=True).content.decode()


@pytest.mark.parametrize("theme", ["", "system", "pink", '"><script>'])
def test_any_other_theme_follows_the_system(client: Client, db: None, theme: str) -> None:
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": theme})
    assert client.cookies["theme"].value == ""
    client.cookies["theme"] = theme
    page = client.get("/").content.decode()
    assert "data-theme" not in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    "target",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "courses/",
        "\x08//evil.example",
        "https://testserver/",
    ],
)
def test_theme_leads_to_no_other_site(client: Client, db: None, target: str) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": target}).headers["Location"] == "/"


def test_target_with_a_line_break_starts_no_header(client: Client, db: None) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "/a\r\nSet-Cookie: x=1"})
    assert answer.status_code == 302
    assert "x" not in answer.cookies
    assert "\n" not in answer.headers["Location"]


def test_theme_is_set_by_the_sites_own_form_alone(client: Client, db: None) -> None:
    assert client.get("/theme/?theme=dark").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"}).status_code == 403


# --- Language ---


def test_visitor_chooses_a_language_that_a_cookie_keeps(client: Client, db: None) -> None:
    answer = client.post("/language/", {"language": "de", "next": "/help/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/help/")
    cookie = answer.cookies["language"]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("de", 60 * 60 * 24 * 365, "Lax")
    assert cookie["httponly"]
    page = client.get("/help/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="de"' in page
    assert "Barrierefreiheit" in page
    assert re.search(r'value="de" lang="de" aria-pressed="true">Deutsch<', page)
    assert re.search(r'value="en" lang="en" aria-pressed="false">English<', page)
    client.post("/language/", {"language": "en"})
    assert '<html lang="en"' in client.get("/help/", headers={"Accept-Language": "de"}).content.decode()


@pytest.mark.parametrize("code", ["fr", "", "de\r\nx: y", "../de", "x" * 600])
def test_language_that_the_site_does_not_speak_changes_nothing(
    login: Login, student: User, code: str
) -> None:
    answer = login(student).post("/language/", {"language": code})
    assert answer.status_code == 302
    assert "language" not in answer.cookies
    student.refresh_from_db()
    assert student.language == ""


def test_language_of_a_person_is_kept_with_the_account(login: Login, student: User) -> None:
    login(student).post("/language/", {"language": "de"})
    student.refresh_from_db()
    assert student.language == "de"
    elsewhere = login(student).get("/help/", headers={"Accept-Language": "en"})
    assert '<html lang="de"' in elsewhere.content.decode()
    assert AuditEvent.objects.get(action="person.update").after == {"fields": ["language"]}


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "javascript:alert(1)"],
)
def test_language_leads_to_no_other_site(client: Client, db: None, target: str) -> None:
    answer = client.post(
        "/language/", {"language": "de", "next": target}, headers={"Referer": "https://evil.example/x"}
    )
    assert answer.headers["Location"] == "/"


def test_language_is_set_by_the_sites_own_form_alone(client: Client, db: None) -> None:
    assert client.get("/language/?language=de").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/language/", {"language": "de"}).status_code == 403


# --- Covers ---


@pytest.mark.django_db  # on PostgreSQL each request begins a transaction
def test_cover_is_drawn_and_kept_by_browsers(client: Client) -> None:
    answer = client.get("/covers/counting-225.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert set(answer.headers["Cache-Control"].split(", ")) == {"public", "max-age=31536000", "immutable"}
    ElementTree.fromstring(answer.content)
    assert not answer.cookies
    assert client.get("/covers/counting-9999999999.svg").status_code == 200


@pytest.mark.parametrize(
    "path", ["/covers/counting.svg", "/covers/a b-1.svg", "/covers/<b>-1.svg", "/covers/a--1.svg"]
)
def test_other_names_are_no_covers(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code in (200, 404)
    assert "<b>" not in client.get(path).content.decode()


# --- Every answer ---


def test_every_page_carries_its_headers(client: Client, course: Course) -> None:
    for path in ("/", "/courses/counting/", "/nowhere/", "/accounts/login/", "/verify/x/"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'self'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
            assert part in policy.split("; ") or f"{part};" in f"{policy};"
        assert "unsafe" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Permissions-Policy"]
        assert len(headers["X-Request-ID"]) == 8


def test_site_is_served_over_https_alone(client: Client, settings: Any, db: None) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/courses/?q=a")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/courses/?q=a")
    assert "max-age=31536000" in client.get("/healthz/x", secure=True).headers["Strict-Transport-Security"]
