"""What a GET or a POST of every address of the site answers each role; `test_access_matrix.py` asks them all."""

# Anonymous, a student in nothing, one with a payment pending, one enrolled, one who left, the course's instructor,
# another course's instructor, an administrator.
ROLES = ("AN", "SN", "SU", "SP", "LEFT", "IO", "IX", "AD")
Statuses = tuple[int, ...]


def same(status: int, **others: int) -> Statuses:
    """The same status for every role but those named."""
    return tuple(others.get(role, status) for role in ROLES)


OPEN = same(200)
SIGNED_IN = same(200, AN=302)
API_SIGNED_IN = same(200, AN=401)
GET_REFUSED = same(405)
DRAFT = same(404, IO=200, AD=200)
LOCKED = same(403, AN=302, SP=200, IO=200, AD=200)
API_LOCKED = same(403, AN=401, SP=200, IO=200, AD=200)
OWN_OF_SP = same(404, AN=302, SP=200, IO=200, AD=200)
API_POST_ONLY = same(405)
API_OF_TEACHERS = same(404, AN=401, IO=200, AD=200)
API_TAUGHT = same(404, AN=401, IO=200, AD=200)
API_OWN_OF_SP = same(404, AN=401, SP=200, IO=200, AD=200)

# name of the address, names of the rows in it -> the status of a GET for each role
PAGES: dict[tuple[str, ...], Statuses] = {
    ("landing",): OPEN,
    ("home",): SIGNED_IN,
    ("help",): OPEN,
    ("accessibility",): OPEN,
    ("privacy",): OPEN,
    ("terms",): OPEN,
    ("cover",): OPEN,
    ("set_theme",): GET_REFUSED,
    ("set_language",): GET_REFUSED,
    ("api_schema",): OPEN,
    ("api_docs",): OPEN,
    ("courses:course_list",): OPEN,
    ("courses:course_detail", "course"): OPEN,
    ("courses:course_detail", "draft_course"): DRAFT,
    ("courses:course_enroll", "course"): GET_REFUSED,
    ("courses:course_continue", "course"): same(302),
    ("courses:course_continue", "draft_course"): same(404, AN=302, IO=302, AD=302),
    ("courses:course_end", "course"): SIGNED_IN,
    ("courses:course_end", "draft_course"): same(404, AN=302, IO=200, AD=200),
    ("courses:cover_file", "unknown_cover"): same(404),
    ("courses:lesson_detail", "preview"): OPEN,
    ("courses:lesson_detail", "lesson"): LOCKED,
    ("courses:lesson_detail", "draft_lesson"): DRAFT,
    ("courses:lesson_complete", "lesson"): GET_REFUSED,
    ("courses:lesson_undo", "lesson"): GET_REFUSED,
    ("courses:video_position", "lesson"): GET_REFUSED,
    # A picture that a lesson shows, the lesson's video and its captions.
    ("courses:image_file", "image"): same(404, SP=200, IO=200, AD=200),
    ("courses:video_file", "video"): same(404, SP=200, IO=200, AD=200),
    ("courses:video_file", "captions"): same(404, SP=200, IO=200, AD=200),
    ("courses:resource_download", "resource"): same(404, AN=302, SP=200, IO=200, AD=200),
    ("courses:course_leave", "course"): same(404, AN=302, SU=200, SP=200),
    ("courses:join",): OPEN,
    ("courses:join_code", "join_code"): SIGNED_IN,
    ("courses:invitation", "invitation"): OPEN,
    # Nothing is taken here: the keys of the payment provider are not set.
    ("courses:course_pay", "course"): same(404, AN=302),
    ("courses:payment_list",): SIGNED_IN,
    ("courses:payment_receipt", "payment"): same(404, AN=302, SP=200, AD=200),
    ("courses:stripe_news",): GET_REFUSED,
    ("courses:certificate_list",): SIGNED_IN,
    ("courses:certificate_pdf", "certificate"): OWN_OF_SP,
    ("courses:certificate_lookup",): OPEN,
    ("courses:certificate_verify", "certificate"): OPEN,
    # Running a program, and what was found: one's own, in no other role.
    # A quiz of the course, and the running attempt of the student who is enrolled: nobody else's, whoever asks.
    ("assessments:quiz_detail", "quiz"): same(404, AN=302, SP=200, IO=200, AD=200),
    ("assessments:attempt_start", "quiz"): GET_REFUSED,
    ("assessments:preview_start", "quiz"): GET_REFUSED,
    **{
        (f"assessments:attempt_{page}", "sitting"): same(404, AN=302, SP=200)
        for page in ("take", "questions", "review")
    },
    ("assessments:attempt_state", "sitting"): same(404, AN=401, SP=200),
    ("assessments:attempt_result", "sitting"): same(404, AN=302, SP=302),
    ("assessments:response_save", "sitting"): GET_REFUSED,
    ("assessments:attempt_submit", "sitting"): GET_REFUSED,
    ("assessments:attempt_run", "asked_code"): GET_REFUSED,
    ("assessments:coderun_detail", "code_run"): same(404, AN=302, SP=200),
    ("accounts:profile",): SIGNED_IN,
    ("accounts:picture_remove",): GET_REFUSED,
    ("accounts:teach",): SIGNED_IN,
    ("accounts:close",): same(302),
    # A private profile: its owner alone sees it. A picture: those who may see the row of the person.
    ("person_profile", "username"): same(404, SP=200),
    ("person_picture", "picture"): same(404, SP=200, IO=200, AD=200),
    # The password was not entered lately: everybody is asked for it first.
    ("accounts:api_key",): same(302),
    ("accounts:api_key_create",): GET_REFUSED,
    ("accounts:api_key_change", "api_key"): same(404, AN=302, SP=200),
    ("accounts:api_key_end", "api_key"): GET_REFUSED,
    ("accounts:api_key_issue",): GET_REFUSED,
    ("accounts:api_key_revoke",): GET_REFUSED,
    ("accounts:email",): SIGNED_IN,
    ("accounts:email_cancel",): GET_REFUSED,
    ("accounts:email_confirm", "unknown_token"): same(404),
    ("accounts:session_list",): SIGNED_IN,
    ("accounts:session_end", "unknown_id"): GET_REFUSED,
    ("accounts:session_end_others",): GET_REFUSED,
    # Sign-in and what belongs to it; a signed-in person is sent on.
    ("account_login",): same(302, AN=200),
    ("account_signup",): same(302, AN=200),
    ("account_confirm_login_code",): same(302),
    ("account_logout",): SIGNED_IN,
    ("account_inactive",): OPEN,
    ("account_request_login_code",): same(302, AN=200),
    ("account_email",): same(302),
    ("usersessions_list",): same(302),
    # The second factor. What changes it asks for the password first.
    ("mfa_index",): SIGNED_IN,
    ("mfa_authenticate",): same(302),
    ("mfa_reauthenticate",): same(302),
    ("mfa_activate_totp",): same(302),
    ("mfa_deactivate_totp",): same(404, AN=302),
    ("mfa_view_recovery_codes",): same(404, AN=302),
    ("mfa_generate_recovery_codes",): same(302),
    ("mfa_download_recovery_codes",): same(404, AN=302),
    ("mfa_list_webauthn",): same(302),
    ("mfa_add_webauthn",): same(302),
    ("mfa_reauthenticate_webauthn",): same(302),
    ("mfa_remove_webauthn", "unknown_id"): same(302),
    ("mfa_edit_webauthn", "unknown_id"): same(302),
    ("mfa_login_webauthn",): same(302),
    ("account_email_verification_sent",): OPEN,
    ("account_change_password",): SIGNED_IN,
    ("account_set_password",): same(302),
    ("account_reauthenticate",): SIGNED_IN,
    ("account_reset_password",): OPEN,
    ("account_reset_password_done",): OPEN,
    ("account_reset_password_from_key_done",): OPEN,
    ("account_confirm_email", "unknown_key"): OPEN,
    ("account_reset_password_from_key", "unknown_key"): OPEN,
    # The API
    ("api-me",): API_SIGNED_IN,
    ("api-api-keys-list",): API_SIGNED_IN,
    ("api-api-keys-detail", "api_key"): same(404, AN=401, SP=200, AD=200),
    ("api-instructor-requests-list",): API_SIGNED_IN,
    ("api-instructor-requests-detail", "request_to_teach"): same(404, AN=401, SP=200, AD=200),
    ("api-users-list",): API_SIGNED_IN,
    ("api-sessions-list",): API_SIGNED_IN,
    ("api-sessions-detail", "unknown_id"): GET_REFUSED,
    ("api-users-detail", "person"): API_OWN_OF_SP,
    ("api-courses-list",): OPEN,
    ("api-courses-detail", "course"): OPEN,
    ("api-courses-detail", "draft_course"): DRAFT,
    ("api-courses-contents", "course"): OPEN,
    ("api-courses-contents", "draft_course"): DRAFT,
    ("api-course-enrollments-list",): API_SIGNED_IN,
    ("api-course-enrollments-detail", "enrollment"): API_OWN_OF_SP,
    ("api-modules-list",): OPEN,
    ("api-modules-detail", "module"): OPEN,
    ("api-modules-detail", "draft_module"): DRAFT,
    ("api-lessons-list",): OPEN,
    ("api-lessons-detail", "preview"): OPEN,
    ("api-lessons-detail", "lesson"): API_LOCKED,
    ("api-lessons-detail", "draft_lesson"): DRAFT,
    ("api-lesson-resources-list",): API_SIGNED_IN,
    ("api-lesson-resources-detail", "resource"): API_OWN_OF_SP,
    ("api-lesson-resources-download", "resource"): API_OWN_OF_SP,
    ("api-course-enrollments-join",): API_POST_ONLY,
    ("api-accommodations-list",): API_SIGNED_IN,
    ("api-accommodations-detail", "accommodation"): API_OWN_OF_SP,
    ("api-course-helpers-list",): API_SIGNED_IN,
    ("api-course-helpers-detail", "helper"): API_OWN_OF_SP,
    ("api-course-invitations-list",): API_SIGNED_IN,
    ("api-course-invitations-detail", "invitation_id"): API_OF_TEACHERS,
    ("api-course-invitations-accept",): API_POST_ONLY,
    ("api-course-invitations-resend", "invitation_id"): API_POST_ONLY,
    ("api-course-join-codes-list",): API_SIGNED_IN,
    ("api-course-join-codes-detail", "join_code_id"): API_OF_TEACHERS,
    ("api-payments-list",): API_SIGNED_IN,
    ("api-payments-detail", "payment"): same(404, AN=401, SP=200, AD=200),
    ("api-lesson-availability-list",): API_SIGNED_IN,
    ("api-lesson-availability-detail", "lesson_rule"): API_OF_TEACHERS,
    ("api-module-availability-list",): API_SIGNED_IN,
    ("api-module-availability-detail", "module_rule"): API_OF_TEACHERS,
    ("api-module-progress-list",): API_SIGNED_IN,
    ("api-module-progress-detail", "progress"): API_OWN_OF_SP,
    ("api-lesson-completions-list",): API_SIGNED_IN,
    ("api-lesson-completions-detail", "completion"): API_OWN_OF_SP,
    ("api-courses-checklist", "course"): same(403, AN=401, IO=200, AD=200),
    ("api-courses-checklist", "draft_course"): same(404, AN=401, IO=200, AD=200),
    **{(f"api-courses-{act}", "course"): same(405) for act in ("order", "publish", "unpublish", "copy")},
    ("api-courses-export", "course"): same(403, AN=401, IO=200, AD=200),
    ("api-courses-export", "draft_course"): same(404, AN=401, IO=200, AD=200),
    ("api-course-imports-list",): API_SIGNED_IN,
    ("api-course-imports-detail", "course_import"): same(404, AN=401, IO=200, AD=200),
    ("api-course-imports-run", "course_import"): GET_REFUSED,
    ("api-course-images-list",): API_SIGNED_IN,
    ("api-course-images-detail", "image_id"): same(404, AN=401, IO=200, AD=200),
    ("api-lesson-videos-list",): OPEN,
    ("api-lesson-videos-detail", "video_id"): same(404, SP=200, IO=200, AD=200),
    ("api-video-positions-list",): API_SIGNED_IN,
    ("api-video-positions-detail", "watched"): same(404, AN=401, SP=200),
    ("api-lesson-versions-list",): API_SIGNED_IN,
    ("api-lesson-versions-detail", "version"): same(404, AN=401, IO=200, AD=200),
    ("api-lesson-versions-restore", "version"): same(405),
    ("api-certificates-list",): API_SIGNED_IN,
    ("api-certificates-detail", "certificate_id"): API_OWN_OF_SP,
    ("api-certificates-verify", "certificate"): OPEN,
    ("api-certificates-revoke", "certificate_id"): GET_REFUSED,
    ("api-certificates-reinstate", "certificate_id"): GET_REFUSED,
    ("api-certificates-reissue", "certificate_id"): GET_REFUSED,
    ("api-courses-roster-list", "course"): same(403, AN=401, IO=200, AD=200),
    ("api-courses-roster-list", "draft_course"): same(404, AN=401, IO=200, AD=200),
    ("api-roster-imports-list",): API_SIGNED_IN,
    ("api-roster-imports-detail", "roster_import"): API_TAUGHT,
    ("api-question-imports-list",): API_SIGNED_IN,
    ("api-question-imports-detail", "question_import"): API_TAUGHT,
    ("api-question-imports-run", "question_import"): GET_REFUSED,
    # Without a format it is refused, for those who may export; a student of the course sees the quiz alone.
    ("api-question-exports-detail", "quiz"): same(404, AN=401, SP=403, IO=400, AD=400),
    ("api-course-messages-list",): API_SIGNED_IN,
    ("api-course-messages-detail", "message"): API_TAUGHT,
    ("api-quizzes-list",): API_SIGNED_IN,
    ("api-quizzes-detail", "quiz"): API_OWN_OF_SP,
    **{
        (f"api-quizzes-{act}", "quiz"): GET_REFUSED
        for act in ("start", "preview", "publish", "unpublish", "copy", "order")
    },
    ("api-questions-list",): API_SIGNED_IN,
    ("api-questions-detail", "question"): API_OF_TEACHERS,
    **{(f"api-questions-{act}", "question"): GET_REFUSED for act in ("move", "copy", "retire", "restore")},
    ("api-coding-questions-list",): API_SIGNED_IN,
    ("api-coding-questions-detail", "coding_question"): API_OF_TEACHERS,
    ("api-quizzes-checklist", "quiz"): same(404, AN=401, SP=403, IO=200, AD=200),
    ("api-quiz-availability-list",): API_SIGNED_IN,
    ("api-quiz-availability-detail", "quiz_rule"): API_OF_TEACHERS,
    ("api-quiz-attempts-list",): API_SIGNED_IN,
    ("api-quiz-attempts-detail", "attempt"): API_OWN_OF_SP,
    **{
        (f"api-quiz-attempts-{act}", "attempt"): GET_REFUSED
        for act in ("submit", "void", "reopen", "add-time")
    },
    # Of an attempt that runs there is no result for its student.
    ("api-quiz-attempts-result", "attempt"): same(404, AN=401, SP=409, IO=200, AD=200),
    ("api-quiz-analytics-list",): same(403, AN=401, IO=200, IX=200, AD=200),
    ("api-quiz-analytics-detail", "figures"): same(403, AN=401, IO=200, IX=404, AD=200),
    ("api-quiz-analytics-recompute", "figures"): GET_REFUSED,
    ("api-attempt-runs-list", "attempt"): GET_REFUSED,
    ("api-code-runs-detail", "code_run"): same(404, AN=401, SP=200),
    ("api-question-responses-list",): API_SIGNED_IN,
    ("api-question-responses-detail", "response"): API_OWN_OF_SP,
    ("api-question-responses-grade", "response"): same(404, AN=401, SP=403, IO=200, AD=200),
    ("api-regrades-list",): same(403, AN=401, IO=200, IX=200, AD=200),
    ("api-regrades-detail", "regrade"): same(403, AN=401, IO=200, IX=404, AD=200),
    **{(f"api-regrades-{act}", "regrade"): GET_REFUSED for act in ("apply", "drop")},
}

# What a plain POST without fields answers: the forms of the site.
FORMS: dict[tuple[str, ...], Statuses] = {
    ("set_theme",): same(302),
    ("set_language",): same(302),
    # Who may not read the lesson finds nothing; who may, but is no student here, is told so.
    ("courses:lesson_complete", "lesson"): same(404, AN=302, SP=302, IO=302, AD=302),
    ("courses:lesson_complete", "draft_lesson"): same(404, AN=302, IO=302, AD=302),
    ("courses:stripe_news",): same(404),
    ("courses:course_pay", "course"): same(404, AN=302),
    ("courses:lesson_undo", "lesson"): same(404, AN=302, SP=302, IO=302, AD=302),
    # Without a second it is refused, for those who may read the lesson.
    ("courses:video_position", "lesson"): same(404, AN=302, SP=400, IO=400, AD=400),
    # Without a program it is refused.
    ("assessments:attempt_run", "asked_code"): same(404, AN=302, SP=400),
    # Who may see the quiz and not take it is told why on its page.
    ("assessments:attempt_start", "quiz"): same(404, AN=302, SP=302, IO=302, AD=302),
    ("assessments:preview_start", "quiz"): same(404, AN=302, SP=403, IO=302, AD=403),
    ("assessments:attempt_take", "sitting"): same(404, AN=302, SP=302),
    ("assessments:response_save", "sitting"): same(400, AN=401),
    ("assessments:attempt_submit", "sitting"): same(404, AN=302, SP=302),
    ("accounts:picture_remove",): same(302),
    ("accounts:teach",): SIGNED_IN,
    ("accounts:close",): same(302),
    ("accounts:api_key_create",): same(302),
    ("accounts:api_key_change", "api_key"): same(404, AN=302, SP=200),
    ("accounts:api_key_end", "api_key"): same(404, AN=302, SP=302),
    ("accounts:api_key_issue",): same(302),
    ("accounts:api_key_revoke",): same(302),
    ("accounts:email",): same(302),
    ("accounts:email_cancel",): same(302),
    ("accounts:email_confirm", "unknown_token"): same(404),
    ("accounts:session_end", "unknown_id"): same(404, AN=302),
    ("accounts:session_end_others",): same(302),
    ("account_email",): same(302),
    # Accepting is for the invited address alone; a stranger sees the page that says how.
    ("courses:invitation", "invitation"): same(403, AN=200),
    # The last ones, for they change who is enrolled. Enrolls, or says why not and goes back to the course's page.
    ("courses:course_enroll", "course"): same(302),
    ("courses:course_enroll", "draft_course"): same(404, AN=302, IO=302, AD=302),
    ("courses:join_code", "join_code"): same(302),
    ("courses:course_leave", "course"): same(302, IO=404),
}

# The admin's own addresses: nobody but staff comes in; its rows are held by the admin's tests.
# (Nobody in particular ends at the sign-in page.)
ADMIN = same(403, AN=200, IO=200, IX=200, AD=200)
