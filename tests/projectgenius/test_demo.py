"""The demo: loaded only where it is meant to be, again and again without harm; all of its lessons can be read."""

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.folders import CourseFolder, read_course
from courses.models import (
    Certificate,
    Course,
    CourseEnrollment,
    Lesson,
    LessonCompletion,
    LessonResource,
    Module,
    Payment,
)
from projectgenius.background.models import OutboxMail
from projectgenius.demo import loading
from projectgenius.management.commands import demo
from projectgenius.markdown import render_markdown
from tests.courses.folder import write_course
from tests.projectgenius import demo_urls  # read now, as the addresses of a site that is no demo

CONTENT = loading.HERE / "courses"
SLUGS = sorted(path.parent.name for path in CONTENT.glob("*/course.yaml"))
PEOPLE = """\
- username: student
  full_name: Amara Okafor
  email: student@example.com
  role: student
  enrollments:
    - {course: counting-by-hand, days_ago: 10, completed: 0.5}
    - {course: counting-on, days_ago: 5, completed: 1.0}
- {username: instructor, full_name: Helen Marsh, email: instructor@example.com, role: instructor}
- {username: admin, full_name: Soren Dahl, email: admin@example.com, role: admin}
"""
MODELS = (User, Course, Module, Lesson, LessonResource, CourseEnrollment, LessonCompletion, Certificate)


@pytest.fixture
def small_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, db: None) -> Path:
    """A demo of three people and two small courses, the second one with a price; the folder it lies in."""
    settings.DEMO = True
    here = tmp_path / "demo"
    write_course(here / "courses" / "counting-by-hand")
    second = write_course(here / "courses" / "counting-on") / "course.yaml"
    second.write_text(second.read_text().replace("hue: 100", "price: 19.00"))
    (here / "courses" / "README.md").write_text("Not a course.")
    (here / "people.yaml").write_text(PEOPLE)
    monkeypatch.setattr(loading, "HERE", here)
    return here


def load() -> str:
    """Run the command; returns what it said."""
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def said(*, people: int, content: int, enrollments: int) -> str:
    """What the command says of what it added."""
    return (
        f"People: {people} added.\nCourses, modules and lessons: {content} added.\n"
        f"Enrollments: {enrollments} added.\nAttempts at quizzes: the worker adds what is missing.\n"
    )


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """All rows that the demo has."""
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in MODELS}


def test_site_that_is_no_demo_refuses(db: None) -> None:
    with pytest.raises(CommandError, match="This site is not a demo"):
        load()
    assert not User.objects.exists()


@pytest.mark.usefixtures("small_demo")
def test_demo_is_loaded_as_if_people_had_used_the_site() -> None:
    assert load() == said(people=3, content=8, enrollments=2)
    student = User.objects.get(username="student")
    assert student.check_password("projectgenius")
    assert User.objects.get(username="instructor").is_instructor
    assert User.objects.get(username="admin").is_admin
    half, whole = CourseEnrollment.objects.order_by("course__slug")
    assert (half.progress, half.payment_status, half.completed_at) == (50, "free", None)
    assert (whole.progress, whole.payment_status) == (100, "paid")
    assert whole.certificate.holder_name == "Amara Okafor"
    age = timezone.now() - half.enrolled_at
    assert age.days == 10
    for completion in LessonCompletion.objects.all():
        assert half.enrolled_at < completion.completed_at < timezone.now()
    assert whole.last_accessed == whole.completed_at


@pytest.mark.usefixtures("small_demo")
def test_loading_again_adds_and_overwrites_nothing() -> None:
    load()
    Course.objects.filter(slug="counting-on").update(title="My own title")
    User.objects.filter(username="admin").update(full_name="Me")
    before = rows()
    assert load() == said(people=0, content=0, enrollments=0)
    assert rows() == before


def delete_lesson() -> None:
    LessonCompletion.objects.all().delete()
    Lesson.objects.filter(key="why-count").delete()


def delete_course() -> None:
    Payment.objects.all().delete()
    Certificate.objects.all().delete()
    CourseEnrollment.objects.all().delete()
    LessonCompletion.objects.all().delete()
    Course.objects.all().delete()


def delete_enrollments() -> None:
    """The completions stay."""
    Payment.objects.all().delete()
    Certificate.objects.all().delete()
    CourseEnrollment.objects.all().delete()


def delete_student() -> None:
    LessonCompletion.objects.all().delete()
    delete_enrollments()
    User.objects.get(username="student").delete()


@pytest.mark.usefixtures("small_demo")
@pytest.mark.parametrize("delete", [delete_lesson, delete_course, delete_enrollments, delete_student])
def test_what_was_deleted_by_hand_comes_back(delete: Callable[[], None]) -> None:
    load()
    delete()
    load()
    assert Lesson.objects.count() == 4
    assert User.objects.count() == 3
    assert CourseEnrollment.objects.count() == 2


def rename_student() -> None:
    User.objects.filter(username="student").update(username="amara")


def rename_instructor() -> None:
    User.objects.filter(username="instructor").update(username="helen")


def leave_courses() -> None:
    CourseEnrollment.objects.update(withdrawn_at=timezone.now())


def unpublish() -> None:
    delete_enrollments()
    Course.objects.update(is_published=False)


def teach() -> None:
    delete_enrollments()
    Course.objects.update(instructor=User.objects.get(username="student"))


def move_course() -> None:
    Course.objects.filter(slug="counting-on").update(slug="my-counting")


@pytest.mark.usefixtures("small_demo")
@pytest.mark.parametrize(
    "change", [rename_student, rename_instructor, leave_courses, unpublish, teach, move_course]
)
def test_what_people_changed_does_not_stop_the_start(change: Callable[[], None]) -> None:
    load()
    change()
    load()
    before = rows()
    load()
    assert rows() == before


@pytest.mark.usefixtures("small_demo")
def test_somebody_elses_account_with_a_demo_address_is_left_alone() -> None:
    User.objects.create_user("somebody", "Student@Example.com", "a-password-of-my-own")
    load()
    assert User.objects.count() == 3
    assert User.objects.get(email="student@example.com").username == "somebody"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("counting-on/course.yaml", "title: [", "counting-on/course.yaml: line 1 is not YAML."),
        (
            "counting-on/01-first-steps/module.yaml",
            "",
            "01-first-steps/module.yaml: it must hold names and values.",
        ),
    ],
)
def test_broken_folder_is_named_before_anything_is_written(
    small_demo: Path, name: str, text: str, sentence: str
) -> None:
    (small_demo / "courses" / name).write_text(text)
    with pytest.raises(CommandError, match=re.escape(sentence)):
        load()
    assert not any(rows().values())


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("level: Beginner", "level: Easy", "counting-on/course.yaml: level: "),
        (
            "instructor: instructor",
            "instructor: nobody",
            "counting-on/course.yaml: there is no instructor 'nobody'",
        ),
    ],
)
def test_course_that_cannot_be_used_leaves_nothing_of_itself(
    small_demo: Path, old: str, new: str, sentence: str
) -> None:
    path = small_demo / "courses" / "counting-on" / "course.yaml"
    text = path.read_text()
    path.write_text(text.replace(old, new))
    with pytest.raises(CommandError, match=re.escape(sentence)):
        load()
    assert not Course.objects.filter(slug="counting-on").exists()
    path.write_text(text)
    load()
    assert Lesson.objects.count() == 4


# --- The demo's own content ---


@pytest.fixture(params=SLUGS, scope="module")
def folder(request: pytest.FixtureRequest) -> CourseFolder:
    return read_course(CONTENT / request.param)


def test_demo_has_its_courses() -> None:
    assert len(SLUGS) == 16


def test_every_lesson_of_the_demo_can_be_read(folder: CourseFolder) -> None:
    """No formula that failed, no call-out that was not understood, headings from the second level without gaps."""
    texts = {lesson.path.name: lesson.content for module in folder.modules for lesson in module.lessons}
    assert texts
    for name, text in {"course.yaml": folder.fields["description"], **texts}.items():
        html = render_markdown(text)
        words = re.sub(r"<pre.*?</pre>|<code.*?</code>", "", html, flags=re.DOTALL)
        assert "math-error" not in html, name
        assert ":::" not in words, name
        assert not re.search(r"(?<!\\)\$\$|\*\*|^#+ ", words, re.MULTILINE), name
        levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
        steps = zip([1, *levels], levels, strict=False)
        assert all(2 <= level <= before + 1 for before, level in steps), (name, levels)


@pytest.mark.slow
def test_demo_itself_is_loaded_and_its_pages_open(
    settings: Any, db: None, login: Callable[[User], Client]
) -> None:
    settings.DEMO = True
    settings.ROOT_URLCONF = demo_urls.__name__
    load()
    assert Course.objects.count() == len(SLUGS)
    before = rows()
    assert "0 added.\nCourses, modules and lessons: 0 added.\nEnrollments: 0 added." in load()
    assert rows() == before
    student = login(User.objects.get(username="student"))
    assert "Hello, Amara" in student.get("/home/").content.decode()
    teacher = login(User.objects.get(username="admin"))
    for course in Course.objects.all():
        assert student.get(course.get_absolute_url()).status_code == (200 if course.is_published else 404)
        lesson = Lesson.objects.filter(module__course=course).in_order()[0]
        page = teacher.get(f"{course.get_absolute_url()}lessons/{lesson.pk}/")
        assert page.status_code == 200
    assert Certificate.objects.exists()
    for name in ("student", "instructor", "admin"):
        answer = Client().post("/accounts/login/", {"login": name, "password": "projectgenius"})
        assert answer.status_code == 302


def test_mails_of_a_demo_are_shown_to_visitors(client: Client, db: None, settings: Any) -> None:
    settings.ROOT_URLCONF = demo_urls.__name__
    for number in range(21):
        mail = OutboxMail.objects.create(
            sender="no-reply@example.org",
            recipients="rosa@example.org",
            subject=f"Mail {number} <b>",
            body="Open https://testserver/a <script>alert(1)</script>",
        )
    page = client.get("/outbox/").content.decode()
    assert "Mail 20 &lt;b&gt;" in page
    assert "Mail 0 " not in page
    assert "Mail 0 " in client.get("/outbox/?page=2").content.decode()
    message = client.get(f"/outbox/{mail.pk}/").content.decode()
    assert "<script>alert" not in message
    assert client.get("/outbox/999999/").status_code == 404


def test_site_that_is_no_demo_shows_no_mails(client: Client, db: None) -> None:
    assert client.get("/outbox/").status_code == 404


def test_database_is_brought_up_to_date_first_if_that_is_asked(
    small_demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Any] = []
    monkeypatch.setattr(demo, "call_command", lambda *words, **options: done.append(words))
    monkeypatch.setattr(demo, "load_demo", lambda say: done.append("load"))
    call_command("demo")
    call_command("demo", "--migrate")
    assert done == ["load", ("migrate",), "load"]
