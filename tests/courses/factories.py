"""Makes courses, their parts, and students' places in them for tests. Everything is published unless told."""

import io
from typing import Any

import factory
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from courses.models import (
    Certificate,
    Course,
    CourseEnrollment,
    CourseHelper,
    CourseImage,
    HelperRole,
    Lesson,
    LessonCompletion,
    LessonResource,
    LessonVersion,
    LessonVideo,
    Module,
    ModuleProgress,
    Payment,
    PaymentStatus,
)
from courses.progress import recount_course
from tests.accounts.factories import InstructorFactory, UserFactory


class CourseFactory(factory.django.DjangoModelFactory):
    """A published free course without content."""

    class Meta:
        model = Course

    title = factory.Sequence(lambda number: f"Course {number}")
    slug = factory.Sequence(lambda number: f"course-{number}")
    outcome = "Count what can be counted."
    description = "A course about **counting**."
    instructor = factory.SubFactory(InstructorFactory)
    level = Course.Level.BEGINNER
    category = "Mathematics"
    duration_weeks = 4
    is_published = True


class ModuleFactory(factory.django.DjangoModelFactory):
    """A published module, in the order of making."""

    class Meta:
        model = Module

    course = factory.SubFactory(CourseFactory)
    title = factory.Sequence(lambda number: f"Module {number}")
    description = "What this part is about."
    order_index = factory.Sequence(lambda number: number + 1)
    is_published = True


class LessonFactory(factory.django.DjangoModelFactory):
    """A published text lesson, in the order of making."""

    class Meta:
        model = Lesson

    module = factory.SubFactory(ModuleFactory)
    title = factory.Sequence(lambda number: f"Lesson {number}")
    content = "## Counting\n\nOne, *two*, three."
    duration_minutes = 10
    order_index = factory.Sequence(lambda number: number + 1)
    is_published = True


class ResourceFactory(factory.django.DjangoModelFactory):
    """A link."""

    class Meta:
        model = LessonResource

    lesson = factory.SubFactory(LessonFactory)
    title = factory.Sequence(lambda number: f"Resource {number}")
    resource_type = LessonResource.ResourceType.LINK
    url = "https://example.org/reading"


class EnrollmentFactory(factory.django.DjangoModelFactory):
    """An open place in a course."""

    class Meta:
        model = CourseEnrollment

    student = factory.SubFactory(UserFactory)
    course = factory.SubFactory(CourseFactory)
    payment_status = PaymentStatus.FREE


class HelperFactory(factory.django.DjangoModelFactory):
    """A teaching assistant."""

    class Meta:
        model = CourseHelper

    user = factory.SubFactory(UserFactory)
    course = factory.SubFactory(CourseFactory)
    role = HelperRole.ASSISTANT


class PaymentFactory(factory.django.DjangoModelFactory):
    """An amount that an administrator recorded."""

    class Meta:
        model = Payment

    enrollment = factory.SubFactory(EnrollmentFactory)
    method = "manual"
    reference = factory.Sequence(lambda number: f"receipt-{number}")
    amount = 49
    currency = "EUR"


class ModuleProgressFactory(factory.django.DjangoModelFactory):
    """A module begun."""

    class Meta:
        model = ModuleProgress

    enrollment = factory.SubFactory(EnrollmentFactory)
    module = factory.SubFactory(ModuleFactory)


class CompletionFactory(factory.django.DjangoModelFactory):
    """A lesson done; progress is not brought up to date."""

    class Meta:
        model = LessonCompletion

    student = factory.SubFactory(UserFactory)
    lesson = factory.SubFactory(LessonFactory)


class CertificateFactory(factory.django.DjangoModelFactory):
    """A certificate as it was issued."""

    class Meta:
        model = Certificate

    enrollment = factory.SubFactory(EnrollmentFactory)
    code = factory.Sequence(lambda number: f"ABCD-EFGH-JKLM-{2222 + number}")
    holder_name = factory.LazyAttribute(lambda row: row.enrollment.student.display_name)
    course_title = factory.LazyAttribute(lambda row: row.enrollment.course.title)
    instructor_name = factory.LazyAttribute(lambda row: row.enrollment.course.instructor.display_name)
    hours = 3


def make_course(*, modules: int = 2, lessons: int = 2, **fields: Any) -> Course:
    """A course with `modules` published modules of `lessons` published text lessons each.

    The first lesson of all is a free preview; the first module also holds one lesson that is not published.
    """
    course: Course = CourseFactory(**fields)
    for number in range(1, modules + 1):
        module = ModuleFactory(course=course, title=f"Module {number}", order_index=number)
        for place in range(1, lessons + 1):
            LessonFactory(
                module=module,
                title=f"Lesson {number}.{place}",
                order_index=place,
                is_preview=number == place == 1,
            )
        if number == 1:
            LessonFactory(module=module, title="Draft lesson", order_index=lessons + 1, is_published=False)
    recount_course(course_id=course.pk)
    course.refresh_from_db()
    return course


def a_picture(size: tuple[int, int] = (640, 480), kind: str = "PNG") -> SimpleUploadedFile:
    """A real picture as a form sends it."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return SimpleUploadedFile(f"photo.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")


# The beginning of a WebM file: what programs look at to say what it is.
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x04B\x85\x81\x02"
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nOne, two, three.\n"


class ImageFactory(factory.django.DjangoModelFactory):
    """A picture that no text shows yet."""

    class Meta:
        model = CourseImage

    course = factory.SubFactory(CourseFactory)
    alt_text = factory.Sequence(lambda number: f"Picture {number}")
    file = factory.LazyFunction(a_picture)


class VideoFactory(factory.django.DjangoModelFactory):
    """A video with captions and a transcript; its bytes are counted, not played."""

    class Meta:
        model = LessonVideo

    lesson = factory.SubFactory(LessonFactory)
    file = factory.LazyFunction(lambda: ContentFile(WEBM + bytes(range(256)) * 4, name="video.webm"))
    captions = factory.LazyFunction(lambda: ContentFile(VTT.encode(), name="captions.vtt"))
    transcript = "One, *two*, three."


class VersionFactory(factory.django.DjangoModelFactory):
    """What a lesson said before."""

    class Meta:
        model = LessonVersion

    lesson = factory.SubFactory(LessonFactory)
    number = factory.Sequence(lambda number: number + 1)
    title = "Before"
    content = "What stood here before."
