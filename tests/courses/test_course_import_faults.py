# ruff: noqa: E501  (the table of faults has a line for each)
"""What is wrong with an archive is reported by file, and nothing of it stays."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from courses.course_imports import import_for_real, start_course_import, work_through
from courses.models import Course, Lesson
from projectgenius.markdown import render_markdown
from tests.courses.archives import picture, zipped
from tests.courses.folder import COURSE_YAML
from tests.courses.importing import LESSON, faults, stored_files, tried

Login = Callable[[User], Client]
Api = Callable[..., APIClient]
Tasks = Callable[[], int]

LAUGHS = "a: &a [x, x, x]\n" + "".join(
    f"{y}: &{y} [*{x}, *{x}, *{x}]\n" for x, y in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("files", "place", "field", "message"),
    [
        ({"course.yaml": LAUGHS}, "course.yaml", "", "line 1: anchors and aliases (& and *) are not read"),
        (
            {"course.yaml": "title: !!python/object/apply:os.system [ls]"},
            "course.yaml", "", "line 1: tags (words after !) are not read",
        ),
        ({"course.yaml": "a: " + "[" * 500}, "course.yaml", "", "line 1: it holds too many values, or too deep ones"),
        ({"course.yaml": "".join(f"a{n}: {n} {n * n}\n" for n in range(90_000))}, "course.yaml", "", "it is larger than 1 MB"),
        ({"course.yaml": "a:\n" + " - b\n" * 60_000}, "course.yaml", "", "line 49998: it holds too many values, or too deep ones"),
        ({"course.yaml": COURSE_YAML + "level: Advanced\n"}, "course.yaml", "", "line 1: level stands there twice"),
        ({"course.yaml": COURSE_YAML + "colour: red\n"}, "course.yaml", "", "nothing is known by the name colour"),
        ({"course.yaml": COURSE_YAML + "price: free\n"}, "course.yaml", "price", "it must be a number such as 12.50"),
        ({"course.yaml": COURSE_YAML + "price: .nan\n"}, "course.yaml", "price", "it must be a number such as 12.50"),
        ({"course.yaml": COURSE_YAML + "price: -1\n"}, "course.yaml", "", "This number is too low"),
        ({"course.yaml": COURSE_YAML + "format: 9\n"}, "course.yaml", "format", "this site reads format 1"),
        ({"course.yaml": COURSE_YAML + "published: maybe\n"}, "course.yaml", "published", "it must be true or false"),
        ({"course.yaml": COURSE_YAML + "language: no\n"}, "course.yaml", "language", "it must be text; put it in quotes"),
        ({"course.yaml": COURSE_YAML.replace("weeks: 2", "weeks: " + "9" * 30)}, "course.yaml", "duration_weeks", "it must be a whole number"),
        ({"course.yaml": COURSE_YAML.replace("by hand", "x" * 300, 1)}, "course.yaml", "title", None),
        ({"course.yaml": COURSE_YAML + "cover_image: javascript:alert(1)\n"}, "course.yaml", "cover_image", None),
        ({"course.yaml": COURSE_YAML + "cover: ../../etc/passwd\n"}, "course.yaml", "cover", "there is no file ../../etc/passwd in pictures/"),
        ({"course.yaml": COURSE_YAML.replace("Everybody", '"a\\0b" #')}, "course.yaml", "audience", "it holds a character that is no text"),
        ({"course.yaml": COURSE_YAML.encode("utf-16")}, "course.yaml", "", "it is not a text in UTF-8"),
        ({LESSON: "---\ntitle: T\n---\na\0b"}, LESSON, "", "it is not a text in UTF-8"),
        ({LESSON: "no fields"}, LESSON, "", "it must start with fields between two lines of three dashes"),
        ({LESSON: "---\ntitle: T\nminutes: -5\n---\nx"}, LESSON, "", "This number is too low"),
        ({LESSON: "---\ntitle: T\nopens: soon\n---\nx"}, LESSON, "opens", "it must be a time such as 2026-09-01 08:00"),
        ({LESSON: "---\ntitle: T\nopens: 0001-01-01T00:00:00+23:00\n---\nx"}, LESSON, "opens", "it must be a time such as 2026-09-01 08:00"),
        ({LESSON: "---\ntitle: T\nafter_lesson: a/b\n---\nx"}, LESSON, "after_lesson", "there is no a/b in this course"),
        ({LESSON: "---\ntitle: T\nafter_lesson: [1]\n---\nx"}, LESSON, "after_lesson", "there is no [1] in this course"),
        ({LESSON: "---\ntitle: T\nafter_lesson: first-steps/why-count\n---\nx"}, LESSON, "after_lesson", None),
        ({LESSON: "---\ntitle: T\nkey: [a]\n---\nx"}, LESSON, "key", "it must be text; put it in quotes"),
        ({LESSON: "---\ntitle: T\nvideo: film.mp4\n---\nx"}, LESSON, "video", "it must hold names and values"),
        ({LESSON: "---\ntitle: T\nvideo: {url: 'https://evil.example/x'}\n---\nx"}, LESSON, "video.url", None),
        ({LESSON: "---\ntitle: T\nresources: [{title: R, type: link, url: 'javascript:x'}]\n---\nx"}, LESSON, "resources.url", None),
        ({"quizzes/01-a.yaml": "title: Q\ndescription: D\nquestions: 5\n"}, "quizzes/01-a.yaml", "questions", "it must be a list"),
        ({"quizzes/01-a.yaml": "title: Q\ndescription: D\nquestions: [x]\n"}, "quizzes/01-a.yaml", "questions 1", "it must hold names and values"),
        ({"quizzes/01-a.yaml": "title: Q\ndescription: D\nquestions: [{type: essay, question: Q, options: [2024-01-01]}]\n"}, "quizzes/01-a.yaml", "questions 1.options", None),
        ({"quizzes/01-a.yaml": "title: Q\ndescription: D\nlesson: x/y\n"}, "quizzes/01-a.yaml", "lesson", "there is no x/y in this course"),
        ({"assignments/01-a.yaml": "title: Q\ndescription: D\ninstructions: I\ntype: lab\nhanded_in_as: magic\n"}, "assignments/01-a.yaml", "handed_in_as", None),
    ],
)  # fmt: skip
def test_fault_is_reported_with_its_file_and_nothing_is_imported(
    instructor: User, files: dict[str, Any], place: str, field: str, message: str | None
) -> None:
    ((given_place, given_field, given_message),) = faults(tried(instructor, files))
    assert (given_place, given_field) == (place, field)
    assert given_message == (message or given_message)


def with_file(name: str, kind: str, content: bytes) -> dict[str, Any]:
    lesson = f"---\ntitle: T\nresources: [{{title: R, type: {kind}, file: {name}}}]\n---\nx"
    return {LESSON: lesson, f"files/{name}": content}


def with_picture(name: str, content: bytes) -> dict[str, Any]:
    return {
        "course.yaml": f"{COURSE_YAML}pictures: [{{file: {name}, alt: A}}]\n",
        f"pictures/{name}": content,
    }


@pytest.mark.parametrize(
    ("files", "part"),
    [
        (with_file("a.pdf", "pdf", b"<html>"), "Its content is not what its name says"),
        (with_file("a.csv", "file", b"MZ\0\0"), "Its content is not what its name says"),
        (with_picture("a.png", picture("JPEG")), "Its content is not what its name says"),
        (with_picture("a.png", b"<svg onload=alert(1)>"), "Choose a picture"),
        (with_picture("a.svg", b"<svg onload=alert(1)>"), "Choose a picture"),
        (with_picture("a.png", picture()[:60]), "Choose a picture"),
        ({LESSON: "---\ntitle: T\nvideo: {file: a.mp4}\n---\nx", "files/a.mp4": b"<html>"}, "Choose an MP4"),
        (
            {
                LESSON: "---\ntitle: T\nvideo: {file: a.mp4, captions: a.vtt}\n---\nx",
                "files/a.mp4": b"\0\0\0\x18ftypisom" + bytes(50),
                "files/a.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n<script>alert(1)</script>\n",
            },
            "HTML cannot stand in captions",
        ),
    ],
)  # fmt: skip
def test_file_that_is_not_what_it_says_is_refused(instructor: User, files: dict[str, Any], part: str) -> None:
    before = stored_files()
    (fault,) = faults(tried(instructor, files))
    assert part in fault[2]
    assert stored_files() == before


def test_polyglot_picture_loses_what_hangs_on_it(instructor: User) -> None:
    run = tried(instructor, with_picture("a.png", picture() + b"<script>alert(1)</script>"))
    real = import_for_real(dry_run=run, by=instructor)
    work_through(run_id=real.pk)
    (image,) = Course.objects.get().images.all()
    assert b"script" not in image.file.read()


def test_several_faults_are_reported_at_once(instructor: User) -> None:
    found = faults(
        tried(instructor, {"course.yaml": COURSE_YAML + "price: x\n", LESSON: "none", "02_x/a": "x"})
    )
    assert [place for place, _field, _message in found] == ["course.yaml", "02_x", LESSON]


def test_hostile_texts_come_in_and_do_nothing(instructor: User, login: Login) -> None:
    files = {
        "course.yaml": COURSE_YAML.replace("Counting by hand", "'<script>alert(1)</script>'"),
        LESSON: "---\ntitle: '<img src=x onerror=alert(1)>'\n---\n<script>alert(2)</script>[x](javascript:alert(3))",
    }
    real = import_for_real(dry_run=tried(instructor, files), by=instructor)
    work_through(run_id=real.pk)
    course, lesson = Course.objects.get(), Lesson.objects.get()
    assert "<script" not in render_markdown(lesson.content)
    assert (
        "javascript:" not in render_markdown(lesson.content).replace("&lt;", "").partition("(javascript")[0]
    )
    page = login(instructor).get(f"/courses/{course.slug}/lessons/{lesson.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_file_that_belongs_to_nothing_is_left_out_and_named(instructor: User) -> None:
    run = tried(instructor, {"setup.exe": b"MZ", ".DS_Store": b"x", "files/lost.csv": "1"})
    assert run.status == "done"
    assert [(line["place"], line["kind"]) for line in run.report[1:]] == [
        ("counting-by-hand/files/lost.csv", "note"),
        ("counting-by-hand/setup.exe", "note"),
    ]


@pytest.mark.parametrize("data", [b"no zip", zipped({"../x": "y"}), zipped({"readme.txt": "x"})])
def test_archive_without_a_course_is_refused(instructor: User, data: bytes) -> None:
    run = start_course_import(file=ContentFile(data, name="x.zip"), by=instructor)
    work_through(run_id=run.pk)
    run.refresh_from_db()
    assert len(faults(run)) == 1
