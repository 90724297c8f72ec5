"""What is taught, who teaches and learns it, and how far they are."""

from courses.models.accommodations import Accommodation
from courses.models.availability import Availability, LessonAvailability, ModuleAvailability
from courses.models.content import (
    ContentType,
    Course,
    CourseLevel,
    EnrollmentMode,
    Lesson,
    LessonResource,
    Module,
    ResourceType,
    resource_path,
)
from courses.models.learning import (
    Certificate,
    CourseEnrollment,
    LessonCompletion,
    ModuleProgress,
    PaymentStatus,
)
from courses.models.media import CourseImage, LessonVersion, LessonVideo, VideoPosition, media_path
from courses.models.payments import Payment, PaymentEvent, PaymentMethod
from courses.models.teaching import (
    CourseHelper,
    CourseImport,
    CourseInvitation,
    CourseJoinCode,
    CourseMessage,
    HelperRole,
    InvitationRole,
    MessageRecipient,
    RosterImport,
    new_join_code,
)

__all__ = [
    "Accommodation",
    "Availability",
    "Certificate",
    "ContentType",
    "Course",
    "CourseEnrollment",
    "CourseHelper",
    "CourseImage",
    "CourseImport",
    "CourseInvitation",
    "CourseJoinCode",
    "CourseLevel",
    "CourseMessage",
    "EnrollmentMode",
    "HelperRole",
    "InvitationRole",
    "Lesson",
    "LessonAvailability",
    "LessonCompletion",
    "LessonResource",
    "LessonVersion",
    "LessonVideo",
    "MessageRecipient",
    "Module",
    "ModuleAvailability",
    "ModuleProgress",
    "Payment",
    "PaymentEvent",
    "PaymentMethod",
    "PaymentStatus",
    "ResourceType",
    "RosterImport",
    "VideoPosition",
    "media_path",
    "new_join_code",
    "resource_path",
]
