"""A course out as a ZIP and in again: nothing is lost, nothing is added, and the same course gives the same bytes."""

import zipfile
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Model

from accounts.models import AuditEvent, User
from assessments.course_archive import CODING, QUESTION, QUIZ
from assessments.models import CodingQuestion, Question, Quiz, QuizAvailability
from assignments.course_archive import ASSIGNMENT
from assignments.models import Assignment
from courses import archive_entries as entries
from courses.archive import export_course, safe_name
from courses.folders import read_course
from courses.images import image_url
from courses.loading import load_course
from courses.models import (
    Course,
    CourseImage,
    Lesson,
    LessonAvailability,
    LessonResource,
    LessonVideo,
    Module,
    ModuleAvailability,
)
from courses.zip_reading import unpack
from projectgenius.errors import Conflict
from tests.accounts.factories import AdminFactory, InstructorFactory
from tests.courses.archives import exported, imported, rich_course, tree

DEMO = sorted(path for path in (settings.BASE_DIR / "projectgenius/demo/courses").iterdir() if path.is_dir())
OUR_OWN = {"id", "created_at", "updated_at"}


def test_course_with_everything_comes_back_as_it_was(instructor: User, tmp_path: Path) -> None:
    course = rich_course(instructor)
    first = exported(course)
    Course.objects.filter(pk=course.pk).update(slug="old")
    second = imported(first, instructor, tmp_path)
    assert second.pk != course.pk
    again = exported(second)
    assert tree(again) == tree(first)
    assert again == first, "the same course gives the same bytes"


def test_rows_of_both_courses_agree(instructor: User, tmp_path: Path) -> None:
    """The rows themselves, not only what the writer says of them."""
    old = rich_course(instructor)
    new = imported(exported(old), instructor, tmp_path)
    assert new.slug.startswith("rich-course-")
    for name in (entry.column for entry in entries.COURSE):
        kept = getattr(old, name)
        assert getattr(Course.objects.get(pk=new.pk), name) == kept, name
    assert new.certificate_signature.read() == old.certificate_signature.read()
    assert new.cover_file.read() == old.cover_file.read()
    assert new.instructor == instructor
    modules = list(Module.objects.filter(course=new))
    assert [(module.key, module.title, module.order_index, module.is_published) for module in modules] == [
        ("First_Steps", "First steps", 1, False),
        ("", "First steps", 2, True),
    ]
    lessons = list(Lesson.objects.filter(module__course=new).in_order())
    assert [(row.key, row.content_type, row.duration_minutes, row.is_preview) for row in lessons] == [
        ("why-count", "text", None, True),
        ("", "video", 0, False),
        ("", "quiz", None, False),
        ("hand-in", "assignment", 90, False),
    ]
    shown, red = CourseImage.objects.filter(course=new).order_by("id")
    assert (shown.alt_text, red.alt_text, shown.uploaded_by) == ('A "hand": five', "", instructor)
    assert (shown.width, shown.height) == (90, 60)
    assert image_url(shown) in lessons[0].content
    assert lessons[0].content.startswith("    code first\n")
    assert image_url(shown) in modules[0].description
    assert [row.file.read() for row in lessons[0].resources.exclude(file="")] == [b"1,2\r\n", b"3,4\n"]
    assert [row.file.name.rpartition("/")[2] for row in lessons[0].resources.exclude(file="")] == [
        "Zahlen.csv",
        "Zahlen.csv",
    ]
    video = lessons[1].video
    assert (video.captions_language, video.duration_seconds) == ("de", 61)
    assert image_url(shown) in video.transcript
    assert b"Hello" in video.captions.read()
    assert lessons[1].availability.after_lesson == lessons[0]
    assert (
        lessons[1].availability.opens_at
        == Lesson.objects.get(module__course=old, content_type="video").availability.opens_at
    )
    assert lessons[3].availability.after_module == modules[0]
    assert modules[1].availability.after_lesson == lessons[1]
    quiz = Quiz.objects.get(course=new, lesson=lessons[2])
    questions = list(quiz.questions.all())
    assert questions[0].options[0]["text"] == f"![x]({image_url(shown)})"
    assert [one.correct_answer for one in questions] == [["a"], False, None, None, None]
    assert [one.is_retired for one in questions] == [False, False, False, False, True]
    assert questions[1].lesson == lessons[2]
    kept = Quiz.objects.get(course=old, title=quiz.title)
    for name in (entry.column for entry in QUIZ):
        assert getattr(quiz, name) == getattr(kept, name), name
    assert (quiz.availability.after_lesson, quiz.availability.after_module) == (lessons[0], modules[0])
    assert quiz.availability.opens_at == kept.availability.opens_at
    assert quiz.availability.closes_at == kept.availability.closes_at
    assert (questions[3].coding.checker, questions[3].coding.tolerance) == ("floats", Decimal("0.000000001"))
    assert questions[3].coding.solution == "def add(a, b):\n    return a + b\n"
    assert questions[2].explanation == ""
    assert questions[3].coding.test_cases[0]["points"] == 1.5
    assignment = Assignment.objects.get(course=new, lesson=lessons[3])
    assert assignment.rubric[0]["levels"][0]["points"] == 9.5
    assert assignment.allowed_file_types == ["pdf", "no"]


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.name)
def test_demo_course_comes_back_as_it_was(path: Path, instructor: User, tmp_path: Path) -> None:
    course, _added = load_course(folder=read_course(path), instructor=instructor)
    first = exported(course)
    Course.objects.filter(pk=course.pk).update(slug="old")
    assert exported(imported(first, instructor, tmp_path)) == first
    unpack(BytesIO(first), tmp_path / "again")
    written = read_course(tmp_path / "again" / path.name)
    given = read_course(path)
    assert written.values == given.values
    assert [(m.key, m.values) for m in written.modules] == [(m.key, m.values) for m in given.modules]
    for new, old in zip(written.modules, given.modules, strict=True):
        assert [(x.key, x.values, x.content) for x in new.lessons] == [
            (x.key, x.values, x.content) for x in old.lessons
        ]


def test_names_order_and_times_in_the_archive_are_fixed(instructor: User) -> None:
    with zipfile.ZipFile(BytesIO(exported(rich_course(instructor)))) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    names = [info.filename.removeprefix("rich-course/") for info in infos]
    assert names == [
        "01-first-steps/01-why-count.md",
        "01-first-steps/02-why-count-2.md",
        "01-first-steps/module.yaml",
        "02-first-steps-2/01-untitled.md",
        "02-first-steps-2/02-hand-in.md",
        "02-first-steps-2/module.yaml",
        "assignments/01-essay-no-1.yaml",
        "assignments/02-essay-no-1-2.yaml",
        "course.yaml",
        "files/2/Zahlen.csv",
        "files/Blatt.pdf",
        "files/Zahlen.csv",
        "files/captions.vtt",
        "files/video.mp4",
        "pictures/01.jpg",
        "pictures/02.png",
        "pictures/cover.webp",
        "pictures/signature.png",
        "quizzes/01-check-1.yaml",
        "quizzes/02-untitled.yaml",
    ]


def test_people_stay_out_of_the_archive(instructor: User, enrolled_student: User, course: Course) -> None:
    content = b"".join(tree(exported(course)).values())
    for person in (instructor, enrolled_student):
        assert person.username.encode() not in content
        assert person.email.encode() not in content


# What of each model is in a table; all else must be named here with the reason.
COLUMNS: dict[type[Model], tuple[tuple[entries.Entry, ...], set[str]]] = {
    Course: (
        entries.COURSE,
        {"slug", "instructor", "lesson_count", "total_minutes", "certificate_signature", "cover_file"},
    ),
    Module: (entries.MODULE, {"course", "key", "order_index"}),
    Lesson: (entries.LESSON, {"module", "key", "order_index", "content"}),
    LessonResource: (entries.RESOURCE, {"lesson", "file", "file_size"}),
    LessonVideo: (entries.VIDEO, {"lesson", "file", "captions"}),
    LessonAvailability: (entries.AVAILABILITY, {"lesson", "after_lesson", "after_module"}),
    ModuleAvailability: (entries.AVAILABILITY, {"module", "after_lesson", "after_module"}),
    CourseImage: (entries.PICTURE, {"course", "file", "width", "height", "uploaded_by"}),
    Quiz: (QUIZ, {"course", "lesson"}),
    QuizAvailability: (entries.AVAILABILITY, {"quiz", "after_lesson", "after_module"}),
    Question: (QUESTION, {"quiz", "order_index", "lesson"}),
    # Whether the solution passes is proven anew where the course comes in.
    CodingQuestion: (CODING, {"question", "solution_proven"}),
    Assignment: (ASSIGNMENT, {"course", "lesson"}),
}


@pytest.mark.parametrize("model", COLUMNS, ids=lambda model: model.__name__)
def test_every_column_has_its_place_in_the_format(model: type[Model]) -> None:
    """A new column is either written, or said here to be kept another way."""
    table, elsewhere = COLUMNS[model]
    columns = {field.name for field in model._meta.concrete_fields}
    assert columns - OUR_OWN == {entry.column for entry in table} | elsewhere


def test_export_is_written_down(instructor: User, course: Course) -> None:
    with export_course(course=course, by=instructor):
        event = AuditEvent.objects.get(action="course.export")
    assert (event.actor_id, event.row_id, event.course_id) == (instructor.pk, str(course.pk), course.pk)


def test_course_whose_file_is_gone_is_not_exported(instructor: User) -> None:
    course = rich_course(instructor)
    resource = LessonResource.objects.exclude(file="").first()
    assert resource
    default_storage.delete(resource.file.name or "")
    with pytest.raises(Conflict) as refused:
        exported(course)
    assert refused.value.code == "file_missing"
    assert "Zahlen.csv" in str(refused.value.message)
    assert not AuditEvent.objects.filter(action="course.export").exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plain.csv", "plain.csv"),
        ("a\u202egpj.exe", "agpj.exe"),
        ('a/b\\c:d*e?"<>|.txt', "abcde.txt"),
        ("", "file"),
        ("...", "file"),
        ("é".encode().decode() + ".txt", "é.txt"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_of_files_are_made_plain(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_signature_is_carried_off_by_its_owner_and_those_who_run_the_site_alone(instructor: User) -> None:
    course = rich_course(instructor)
    signature = "rich-course/pictures/signature.png"
    for person, has_it in (
        (instructor, True),
        (None, True),
        (AdminFactory(), True),
        (InstructorFactory(), False),
    ):
        archive = zipfile.ZipFile(BytesIO(exported(course, by=person)))
        assert (signature in archive.namelist()) == has_it
        assert (b"certificate_signature" in archive.read("rich-course/course.yaml")) == has_it
