"""Addresses of the API for courses and what hangs on them."""

from courses.api.accommodations import Accommodations
from courses.api.availability import LessonAvailabilities, ModuleAvailabilities
from courses.api.imports import CourseImports
from courses.api.learning_views import Certificates, Enrollments, LessonCompletions, ModuleProgressRows
from courses.api.media_views import CourseImages, LessonVersions, LessonVideos, VideoPositions
from courses.api.offering_views import Helpers, Invitations, JoinCodes, Payments
from courses.api.roster import CourseMessages, Roster, RosterImports
from courses.api.views import Courses, LessonResources, Lessons, Modules
from projectgenius.api.endpoints import router

courses = router()
courses.register("courses", Courses, basename="api-courses")
courses.register("course-enrollments", Enrollments, basename="api-course-enrollments")
courses.register("accommodations", Accommodations, basename="api-accommodations")
courses.register("course-helpers", Helpers, basename="api-course-helpers")
courses.register("course-invitations", Invitations, basename="api-course-invitations")
courses.register("course-join-codes", JoinCodes, basename="api-course-join-codes")
courses.register("payments", Payments, basename="api-payments")
courses.register("modules", Modules, basename="api-modules")
courses.register("lessons", Lessons, basename="api-lessons")
courses.register("lesson-resources", LessonResources, basename="api-lesson-resources")
courses.register("lesson-availability", LessonAvailabilities, basename="api-lesson-availability")
courses.register("module-availability", ModuleAvailabilities, basename="api-module-availability")
courses.register("module-progress", ModuleProgressRows, basename="api-module-progress")
courses.register("lesson-completions", LessonCompletions, basename="api-lesson-completions")
courses.register("course-imports", CourseImports, basename="api-course-imports")
courses.register("certificates", Certificates, basename="api-certificates")
courses.register("courses/<int:course>/roster", Roster, basename="api-courses-roster")
courses.register("roster-imports", RosterImports, basename="api-roster-imports")
courses.register("course-messages", CourseMessages, basename="api-course-messages")
courses.register("course-images", CourseImages, basename="api-course-images")
courses.register("lesson-videos", LessonVideos, basename="api-lesson-videos")
courses.register("video-positions", VideoPositions, basename="api-video-positions")
courses.register("lesson-versions", LessonVersions, basename="api-lesson-versions")

urlpatterns = courses.urls
