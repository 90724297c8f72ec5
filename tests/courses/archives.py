"""A course with everything that a course can have, and ZIP files made for tests."""

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from accounts.models import User
from assessments.models import CodingQuestion, Question, Quiz, QuizAvailability
from assignments.models import Assignment
from courses.archive import export_course
from courses.course_imports import import_file
from courses.images import add_image, image_url
from courses.models import (
    Course,
    Lesson,
    LessonAvailability,
    LessonResource,
    LessonVideo,
    Module,
    ModuleAvailability,
)

ODD = (
    "„Ümläut“ – 日本語 😀 'q' \"twice\" # no comment: - [x] {{y}} & *z* !tag %d\n\n---\n\n  indented\ttab\n…"
)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(200)
CAPTIONS = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello <b>you</b>\n"


def picture(
    kind: str = "PNG", mode: str = "RGB", color: Any = "teal", size: tuple[int, int] = (40, 30)
) -> bytes:
    """A picture's bytes."""
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind)
    return out.getvalue()


def rich_course(instructor: User) -> Course:
    """Every column of every table of a course's content filled, with the texts that break careless formats."""
    course = Course.objects.create(
        title="Zählen: 日本語 & “more”",
        slug="rich-course",
        outcome="yes",
        description=f"# {ODD}",
        outcomes="no\n2024-01-01\n- a: b",
        audience="null",
        requirements="~",
        instructor=instructor,
        cover_image="/static/covers/1.png",
        cover_hue=12,
        level="Advanced",
        category="1.5",
        language="no",
        price=Decimal("1234.50"),
        duration_weeks=7,
        certificates_enabled=False,
        certificate_text="Geprüft: ja",
        enrollment_mode="invited",
        is_published=False,
    )
    course.cover_file.save("cover.webp", ContentFile(picture("WEBP")), save=False)
    course.certificate_signature.save("s.png", ContentFile(picture("PNG", "RGBA", (0, 0, 0, 90))), save=False)
    course.save()
    jpeg = io.BytesIO(picture("JPEG", size=(90, 60)))
    jpeg.size = len(jpeg.getvalue())  # type: ignore[attr-defined]
    shown = add_image(course=course, upload=jpeg, alt_text='A "hand": five', by=instructor)
    other = ContentFile(picture("PNG", color="red"), name="x.png")
    add_image(course=course, upload=other, is_decorative=True, by=instructor)
    first = Module.objects.create(
        course=course, key="First_Steps", title="First steps", description=f"See ![x]({image_url(shown)})",
        order_index=3, is_published=False,
    )  # fmt: skip
    second = Module.objects.create(
        course=course, key="", title="First steps", description="true", order_index=9, is_published=True
    )
    text = Lesson.objects.create(
        module=first, key="why-count", title="Why: count?", order_index=2, is_preview=True, is_published=True,
        content=f"    code first\r\n\r\n![A hand]({image_url(shown)} \"T\")\r\n\r\n---\r\ntitle: no\r\n---\r\n{ODD}",
    )  # fmt: skip
    film = Lesson.objects.create(
        module=first, key="", title="Why count", content="Watch.", content_type="video", order_index=2,
        duration_minutes=0,
    )  # fmt: skip
    quiz_lesson = Lesson.objects.create(
        module=second,
        key="",
        title="日本語",
        content="<script>alert(1)</script>",
        content_type="quiz",
        order_index=1,
    )
    last = Lesson.objects.create(
        module=second, key="hand-in", title="Hand in", content="Do.", content_type="assignment", order_index=2,
        duration_minutes=90,
    )  # fmt: skip
    LessonResource.objects.create(
        lesson=text, title="Link: out", resource_type="link", url="https://example.org/?a=1&b=#c"
    )
    for content in (b"1,2\r\n", b"3,4\n"):
        LessonResource.objects.create(
            lesson=text, title="Numbers", resource_type="file", file_size=len(content),
            file=ContentFile(content, name="Zahlen.csv"),
        )  # fmt: skip
    LessonResource.objects.create(
        lesson=last, title="Sheet", resource_type="pdf", file=ContentFile(b"%PDF-1.7\n", name="Blatt.pdf")
    )
    LessonVideo.objects.create(
        lesson=film, file=ContentFile(MP4, name="video.mp4"), captions=ContentFile(CAPTIONS, name="captions.vtt"),
        captions_language="de", transcript=f"![A hand]({image_url(shown)}) {ODD}", duration_seconds=61,
    )  # fmt: skip
    LessonAvailability.objects.create(
        lesson=film, opens_at=datetime(2026, 1, 2, 3, 4, 5, 600, UTC), after_lesson=text
    )
    LessonAvailability.objects.create(lesson=last, after_module=first)
    ModuleAvailability.objects.create(
        module=second, closes_at=datetime(2030, 12, 31, 23, 0, tzinfo=UTC), after_lesson=film
    )
    _quiz(course, quiz_lesson, image_url(shown))
    Assignment.objects.create(
        course=course, lesson=last, title="Essay / no. 1", description="Short", instructions=ODD,
        due_date=datetime(2027, 5, 1, 12, tzinfo=UTC), points=Decimal("12.50"), assignment_type="lab",
        is_group_work=True, max_group_size=3, submission_type="file", allowed_file_types=["pdf", "no"],
        max_file_size=1_000_000, is_published=True, allow_late_submission=False,
        late_penalty_percentage=Decimal("2.50"),
        rubric=[{"id": "a", "criterion": "Clear: yes", "points": 10, "levels": [{"label": "Good", "points": 9.5}]}],
    )  # fmt: skip
    Assignment.objects.create(
        course=course, title="Essay / no. 1", description="-", instructions="-", assignment_type="homework",
        submission_type="link",
    )  # fmt: skip
    return course


def _quiz(course: Course, lesson: Lesson, address: str) -> None:
    quiz = Quiz.objects.create(
        course=course, lesson=lesson, title="Check: 1", description=ODD, time_limit=20, max_attempts=2,
        passing_score=Decimal("55.50"), is_published=True, shuffle_questions=False, show_correct_answers=False,
        key_after="closing", results_at=datetime(2027, 3, 1, 8, 30, tzinfo=UTC), shuffle_options=False,
        one_question_per_page=False, is_timer_optional=True,
    )  # fmt: skip
    first = Lesson.objects.filter(module__course=course).in_order()[0]
    QuizAvailability.objects.create(
        quiz=quiz, opens_at=datetime(2027, 2, 1, 8, tzinfo=UTC), closes_at=datetime(2027, 2, 8, 8, tzinfo=UTC),
        after_lesson=first, after_module=first.module,
    )  # fmt: skip
    Quiz.objects.create(course=course, title="…", description="-")
    Question.objects.create(
        quiz=quiz, question_type="multiple_choice", content=f"Which? ![A hand]({address})", order_index=1,
        options=[{"id": "a", "text": f"![x]({address})"}, {"id": "b", "text": "no"}], correct_answer=["a"],
        explanation=ODD, points=Decimal("2.50"), difficulty="hard",
    )  # fmt: skip
    Question.objects.create(
        quiz=quiz,
        question_type="true_false",
        content="True?",
        correct_answer=False,
        order_index=2,
        lesson=lesson,
    )
    Question.objects.create(quiz=quiz, question_type="essay", content="Why?", order_index=3, explanation="")
    coding = Question.objects.create(quiz=quiz, question_type="coding", content="Add.", order_index=4)
    CodingQuestion.objects.create(
        question=coding, language="python", starter_code="def add(a, b):\n    pass\n", time_limit_seconds=2,
        memory_limit_mb=64, test_cases=[{"input": "1 2\n", "output": "3\n", "sample": True, "points": 1.5}],
        checker="floats", tolerance=Decimal("0.000000001"), solution="def add(a, b):\n    return a + b\n",
    )  # fmt: skip
    Question.objects.create(
        quiz=quiz, question_type="essay", content="Not asked.", order_index=5, is_retired=True
    )


def exported(course: Course, by: Any = None) -> bytes:
    """The course's archive."""
    with export_course(course=course, by=by) as archive:
        return archive.read()


def imported(data: bytes, by: User, path: Path) -> Course:
    """The course that the archive becomes; `path` is a folder to write in."""
    file = path / "course.zip"
    file.write_bytes(data)
    return import_file(path=file, by=by).course


def tree(data: bytes) -> dict[str, bytes]:
    """The files of an archive by their paths below the course's folder."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, Any], *, folder: str = "counting-by-hand") -> bytes:
    """A ZIP of texts or bytes by their paths; with an empty `folder` at its top."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{folder}/{name}" if folder else name, content)
    return out.getvalue()
