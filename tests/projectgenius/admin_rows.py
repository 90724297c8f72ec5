"""One row of every model of the project, hanging on one course and one student."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.api_keys import issue_named_key
from accounts.audit import record_event
from accounts.models import INSTRUCTORS, ApiKey, AuditEvent, InstructorRequest, User, UserImport
from accounts.requests_to_teach import ask_to_teach
from assessments.models import (
    CodingQuestion,
    JudgeState,
    Question,
    QuestionImport,
    QuestionResponse,
    Quiz,
    QuizAnalytics,
    QuizAttempt,
    QuizAvailability,
    Regrade,
    ScoreChange,
)
from assignments.models import (
    Assignment,
    AssignmentAnalytics,
    AssignmentGroup,
    AssignmentSubmission,
    GroupMember,
    SubmissionComment,
)
from community.models import Achievement, CourseAnnouncement, CourseReview
from courses.models import (
    Certificate,
    Course,
    CourseEnrollment,
    CourseHelper,
    CourseImage,
    CourseImport,
    CourseInvitation,
    CourseJoinCode,
    CourseMessage,
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
    PaymentEvent,
    RosterImport,
)
from legacy.models import Challenge, Submission
from projectgenius.background.models import WorkerHeartbeat
from studytools.models import Flashcard, FlashcardSet, Note
from tests.accounts.factories import UserFactory
from tests.courses.factories import (
    CertificateFactory,
    CompletionFactory,
    CourseFactory,
    ImageFactory,
    LessonFactory,
    ModuleFactory,
    ModuleProgressFactory,
    PaymentFactory,
    ResourceFactory,
    VersionFactory,
    VideoFactory,
)

Rows = dict[type[models.Model], models.Model]

# What an instructor meets in the admin site: rows of the own courses.
OF_COURSES = {
    Course, Module, Lesson, LessonResource, CourseEnrollment, ModuleProgress, LessonCompletion, Certificate,
    Quiz, Question, QuestionImport, CodingQuestion, QuizAttempt, QuestionResponse, QuizAnalytics,
    Regrade, ScoreChange,
    Assignment, AssignmentGroup, GroupMember, AssignmentSubmission, SubmissionComment, AssignmentAnalytics,
    CourseAnnouncement, CourseReview, AuditEvent, LessonAvailability, ModuleAvailability,
    CourseImage, LessonVideo, LessonVersion, CourseImport, CourseMessage, RosterImport,
    CourseInvitation, CourseJoinCode, CourseHelper, QuizAvailability,
}  # fmt: skip
# Everybody's own, also for administrators.
PRIVATE = {Note, FlashcardSet, Flashcard}
# For administrators alone.
OF_THE_SITE = {
    Payment, PaymentEvent, User, Group, EmailAddress, Achievement, Challenge, Submission, DBTaskResult, WorkerHeartbeat,
    InstructorRequest, ApiKey, UserImport, JudgeState,
}  # fmt: skip


def course_rows(instructor: User, student: User, name: str, into: Course | None = None) -> Rows:
    """A course of `instructor` in which `student` did everything once; every text holds `name`."""
    course = into or CourseFactory(instructor=instructor, title=f"Course {name}")
    module = ModuleFactory(course=course, title=f"Module {name}")
    lesson = LessonFactory(module=module, title=f"Lesson {name}")
    enrollment, _created = CourseEnrollment.objects.get_or_create(
        student=student, course=course, defaults={"payment_status": "free"}
    )
    quiz = Quiz.objects.create(course=course, title=f"Quiz {name}", description="-")
    question = Question.objects.create(
        quiz=quiz, question_type="essay", content=f"Question {name}", order_index=1
    )
    attempt = QuizAttempt.objects.create(quiz=quiz, user=student, attempt_number=1, status="completed")
    assignment = Assignment.objects.create(
        course=course, title=f"Assignment {name}", description="-", instructions="-",
        assignment_type="project", submission_type="text",
    )  # fmt: skip
    group = AssignmentGroup.objects.create(assignment=assignment, name=f"Group {name}")
    submission = AssignmentSubmission.objects.create(assignment=assignment, student=student, content=name)
    certificate = Certificate.objects.filter(enrollment=enrollment).first()
    review = CourseReview.objects.filter(course=course, student=student).first()
    made: list[models.Model] = [
        course, module, lesson, enrollment, quiz, question, attempt, assignment, group, submission,
        LessonAvailability.objects.create(lesson=lesson),
        CourseInvitation.objects.create(
            course=course, email=f"{name}@example.org", token_hash=f"hash of {name}", invited_by=instructor,
            expires_at=timezone.now(),
        ),
        CourseJoinCode.objects.create(course=course),
        CourseHelper.objects.create(
            course=course, role="assistant", user=UserFactory(full_name=f"Helper {name}")
        ),
        ModuleAvailability.objects.create(module=module),
        ResourceFactory(lesson=lesson, title=f"Resource {name}"),
        ImageFactory(course=course, alt_text=f"Picture {name}"),
        VideoFactory(lesson=lesson, transcript=f"Transcript {name}"),
        VersionFactory(lesson=lesson, title=f"Before {name}"),
        ModuleProgressFactory(enrollment=enrollment, module=module),
        CompletionFactory(student=student, lesson=lesson),
        certificate or CertificateFactory(enrollment=enrollment),
        CodingQuestion.objects.create(question=question, language=f"language {name}", test_cases=[]),
        QuestionResponse.objects.create(attempt=attempt, question=question, response=name),
        Regrade.objects.create(quiz=quiz, started_by=instructor, reason=f"Regrade {name}", state="dropped"),
        ScoreChange.objects.create(attempt=attempt, changed_by=instructor, reason=f"Change {name}"),
        QuizAnalytics.objects.create(quiz=quiz),
        QuizAvailability.objects.create(quiz=quiz),
        GroupMember.objects.create(group=group, student=student),
        SubmissionComment.objects.create(submission=submission, user=student, content=f"Comment {name}"),
        AssignmentAnalytics.objects.create(assignment=assignment),
        CourseAnnouncement.objects.create(course=course, title=f"Announcement {name}", content="-"),
        review or CourseReview.objects.create(course=course, student=student, rating=4, review=f"Review {name}"),
        CourseImport.objects.create(started_by=instructor, course=course, file=f"imports/{name}.zip"),
        CourseMessage.objects.create(course=course, sender=instructor, subject=f"Message {name}", body="-"),
        QuestionImport.objects.create(quiz=quiz, started_by=instructor, file=f"imports/{name}.gift", format="gift"),
        RosterImport.objects.create(course=course, started_by=instructor, file=f"imports/{name}.csv"),
        record_event("enrollment.create", actor=student, row=enrollment, course_id=course.pk),
    ]  # fmt: skip
    return {type(row): row for row in made}


def private_rows(user: User, name: str) -> Rows:
    """A note of `user`, a set from it and a card."""
    note = Note.objects.create(user=user, title=f"Note {name}", content="-")
    cards = FlashcardSet.objects.create(user=user, note=note, title=f"Set {name}", total_cards=1)
    card = Flashcard.objects.create(flashcard_set=cards, question=f"Card {name}", answer="-")
    return {Note: note, FlashcardSet: cards, Flashcard: card}


def site_rows(user: User, name: str) -> Rows:
    """What belongs to no course."""
    challenge = Challenge.objects.create(
        title=f"Challenge {name}", description="-", difficulty="easy", points=1, test_cases=[], solution="-"
    )
    now = timezone.now()
    payment = PaymentFactory(reference=f"reference {name}")
    return {
        Payment: payment,
        PaymentEvent: PaymentEvent.objects.create(
            provider="stripe", event_id=f"event {name}", kind="charge.refunded", payment=payment
        ),
        User: user,
        Group: Group.objects.get_or_create(name=INSTRUCTORS)[0],
        EmailAddress: EmailAddress.objects.filter(user=user)[0],
        Achievement: Achievement.objects.create(name=f"Achievement {name}", description="-"),
        Challenge: challenge,
        Submission: Submission.objects.create(user=user, challenge=challenge, code="-", language="python"),
        DBTaskResult: DBTaskResult.objects.create(
            task_path=f"task.{name}", args_kwargs={"args": ["secret"], "kwargs": {}}, run_after=now,
            backend_name="default", exception_class_path="", traceback="", worker_ids=[],
        ),
        WorkerHeartbeat: WorkerHeartbeat.objects.create(
            worker_id=f"worker-{name}", host_name="here", started_at=now - timedelta(hours=1), seen_at=now
        ),
        JudgeState: JudgeState.objects.create(host_name=f"host {name}", checked_at=now),
        InstructorRequest: ask_to_teach(user=user, motivation=f"Request {name}"),
        UserImport: UserImport.objects.create(started_by=user, file=f"imports/{name}.csv"),
        ApiKey: issue_named_key(user=user, name=f"Key {name}", scopes=["read"])[0],
    }  # fmt: skip
