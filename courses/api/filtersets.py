"""What the lists of courses and their rows can be narrowed by; each only by fields that its readers see."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from courses.models import (
    Accommodation,
    Certificate,
    Course,
    CourseEnrollment,
    CourseHelper,
    CourseImage,
    CourseInvitation,
    CourseJoinCode,
    Lesson,
    LessonAvailability,
    LessonCompletion,
    LessonResource,
    LessonVersion,
    LessonVideo,
    Module,
    ModuleAvailability,
    ModuleProgress,
    Payment,
    VideoPosition,
)
from projectgenius.api.filters import IdFilter, TruthFilter


class CourseRowFilter(django_filters.FilterSet):
    """Courses."""

    level = django_filters.ChoiceFilter(choices=Course.Level.choices)
    category = django_filters.CharFilter(max_length=50)
    language = django_filters.CharFilter(max_length=10)
    is_free = TruthFilter(method="free_or_not")
    price_min = django_filters.NumberFilter("price", "gte", min_value=0, max_digits=10, decimal_places=2)
    price_max = django_filters.NumberFilter("price", "lte", min_value=0, max_digits=10, decimal_places=2)
    instructor = IdFilter()
    is_published = TruthFilter()

    class Meta:
        model = Course
        fields = (
            "level",
            "category",
            "language",
            "is_free",
            "price_min",
            "price_max",
            "instructor",
            "is_published",
        )

    def free_or_not(self, courses: QuerySet[Course], name: str, value: bool) -> QuerySet[Course]:
        return courses.filter(price=0) if value else courses.filter(price__gt=0)


class ModuleFilter(django_filters.FilterSet):
    """Modules."""

    course = IdFilter()
    is_published = TruthFilter()

    class Meta:
        model = Module
        fields = ("course", "is_published")


class LessonFilter(django_filters.FilterSet):
    """Lessons."""

    course = IdFilter("module__course")
    module = IdFilter()
    content_type = django_filters.ChoiceFilter(choices=Lesson.ContentType.choices)
    is_preview = TruthFilter()
    is_published = TruthFilter()

    class Meta:
        model = Lesson
        fields = ("course", "module", "content_type", "is_preview", "is_published")


class LessonAvailabilityFilter(django_filters.FilterSet):
    """When lessons are open."""

    course = IdFilter("lesson__module__course")
    lesson = IdFilter()

    class Meta:
        model = LessonAvailability
        fields = ("course", "lesson")


class ModuleAvailabilityFilter(django_filters.FilterSet):
    """When modules are open."""

    course = IdFilter("module__course")
    module = IdFilter()

    class Meta:
        model = ModuleAvailability
        fields = ("course", "module")


class HelperFilter(django_filters.FilterSet):
    """Helpers of courses."""

    course = IdFilter()

    class Meta:
        model = CourseHelper
        fields = ("course", "role")


class AccommodationFilter(django_filters.FilterSet):
    """Accommodations."""

    enrollment = IdFilter()
    course = IdFilter("enrollment__course")
    student = IdFilter("enrollment__student")

    class Meta:
        model = Accommodation
        fields = ("enrollment", "course", "student")


class InvitationFilter(django_filters.FilterSet):
    """Invitations."""

    course = IdFilter()
    is_accepted = TruthFilter("accepted_at", "isnull", exclude=True, label=_("Accepted"))
    is_withdrawn = TruthFilter("revoked_at", "isnull", exclude=True, label=_("Withdrawn"))

    class Meta:
        model = CourseInvitation
        fields = ("course", "role", "is_accepted", "is_withdrawn")


class JoinCodeFilter(django_filters.FilterSet):
    """Join codes."""

    course = IdFilter()
    is_active = TruthFilter()

    class Meta:
        model = CourseJoinCode
        fields = ("course", "is_active")


class PaymentFilter(django_filters.FilterSet):
    """Payments."""

    course = IdFilter("enrollment__course")
    enrollment = IdFilter()

    class Meta:
        model = Payment
        fields = ("course", "enrollment")


class ResourceFilter(django_filters.FilterSet):
    """Resources of lessons."""

    course = IdFilter("lesson__module__course")
    lesson = IdFilter()
    resource_type = django_filters.ChoiceFilter(choices=LessonResource.ResourceType.choices)

    class Meta:
        model = LessonResource
        fields = ("course", "lesson", "resource_type")


class EnrollmentFilter(django_filters.FilterSet):
    """Enrollments."""

    course = IdFilter()
    student = IdFilter()
    payment_status = django_filters.ChoiceFilter(choices=CourseEnrollment.PaymentStatus.choices)
    is_completed = TruthFilter("completed_at", "isnull", exclude=True, label=_("Completed"))
    is_withdrawn = TruthFilter("withdrawn_at", "isnull", exclude=True, label=_("Left"))

    class Meta:
        model = CourseEnrollment
        fields = ("course", "student", "payment_status", "is_completed", "is_withdrawn")


class ModuleProgressFilter(django_filters.FilterSet):
    """Progress in modules."""

    course = IdFilter("enrollment__course")
    student = IdFilter("enrollment__student")
    enrollment = IdFilter()
    module = IdFilter()

    class Meta:
        model = ModuleProgress
        fields = ("course", "student", "enrollment", "module")


class CompletionFilter(django_filters.FilterSet):
    """Completions of lessons."""

    course = IdFilter("lesson__module__course")
    lesson = IdFilter()
    student = IdFilter()

    class Meta:
        model = LessonCompletion
        fields = ("course", "lesson", "student")


class CertificateFilter(django_filters.FilterSet):
    """Certificates."""

    course = IdFilter("enrollment__course")
    student = IdFilter("enrollment__student")
    is_revoked = TruthFilter("revoked_at", "isnull", exclude=True, label=_("Revoked"))

    class Meta:
        model = Certificate
        fields = ("course", "student", "is_revoked")


class ImageFilter(django_filters.FilterSet):
    """Pictures of courses."""

    course = IdFilter()

    class Meta:
        model = CourseImage
        fields = ("course",)


class VideoFilter(django_filters.FilterSet):
    """Videos of lessons."""

    course = IdFilter("lesson__module__course")
    lesson = IdFilter()

    class Meta:
        model = LessonVideo
        fields = ("course", "lesson")


class PositionFilter(django_filters.FilterSet):
    """Places in videos."""

    course = IdFilter("lesson__module__course")

    class Meta:
        model = VideoPosition
        fields = ("course",)


class VersionFilter(django_filters.FilterSet):
    """Earlier texts of lessons."""

    course = IdFilter("lesson__module__course")
    lesson = IdFilter()

    class Meta:
        model = LessonVersion
        fields = ("course", "lesson")
