"""What is done with chosen students of a course in the admin site: writing to them, ending places, bringing back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from courses.admin.roster import RosterPages, View, course_view
from courses.coming_back import bring_back, enrolls_directly
from courses.enrollment import unenroll_student
from courses.messages import MESSAGES_A_DAY, mail_for, reachable, send_course_message, with_figures
from courses.models import Course, CourseEnrollment, CourseMessage
from courses.permissions import can_edit_course, can_write_to_students
from courses.roster import Choice, chosen_rows

SHOWN_NAMES = 20
SHOWN_MESSAGES = 50


class MessageForm(forms.ModelForm[CourseMessage]):
    """Subject and text of a message."""

    class Meta:
        model = CourseMessage
        fields = ("subject", "body", "replies_to_sender")
        widgets = {"body": forms.Textarea(attrs={"rows": 10})}


class ActingPages(RosterPages):
    """Acts on chosen students, and the messages sent to them."""

    def course_routes(self) -> list[tuple[str, View, str]]:
        return [
            *super().course_routes(),
            ("students/chosen/", course_view(self.chosen, can_edit_course), "students_chosen"),
            ("messages/", course_view(self.sent_messages), "messages"),
            ("messages/<int:message>/", course_view(self.sent_message), "message"),
        ]

    def chosen(self, request: HttpRequest, course: Course) -> HttpResponse:
        """Do, or ask about, what was chosen on the roster; each act is asked about on a page of its own first."""
        acts = {"message": self._message, "withdraw": self._withdraw, "return": self._bring_back}
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            return redirect("admin:courses_course_students", pk=course.pk)
        choice = Choice.read(request.POST)
        everybody = request.POST.get("everybody") == "1"
        try:
            rows = chosen_rows(course, request.POST.getlist("student"), choice, everybody)
            return act(request, course, rows)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return self._back(course, choice)

    def _message(self, request: HttpRequest, course: Course, rows: list[CourseEnrollment]) -> HttpResponse:
        """Write, look at it, send it."""
        students = [row.student_id for row in rows]
        count = len(reachable(course, students))
        step = request.POST.get("step", "")
        form = MessageForm(request.POST if step else None, instance=CourseMessage(course=course))
        if step == "send" and form.is_valid() and can_write_to_students(request.user, course):
            sent = send_course_message(
                course=course,
                sender=request.user,  # type: ignore[arg-type]
                students=students,
                **form.cleaned_data,
            )
            number = sent.recipients.count()
            sentence = ngettext(
                "Message on its way to %(n)s student.", "Message on its way to %(n)s students.", number
            )
            messages.success(request, sentence % {"n": number})
            return redirect("admin:courses_course_messages", pk=course.pk)
        preview = None
        if step == "preview" and form.is_valid() and count:
            first = next(row.student for row in rows if row.student_id in reachable(course, students))
            preview = mail_for(form.instance, request.user, first)  # type: ignore[arg-type]
        return self._ask(
            request, course, rows, "message", form=form, preview=preview, count=count, limit=MESSAGES_A_DAY
        )

    def _withdraw(self, request: HttpRequest, course: Course, rows: list[CourseEnrollment]) -> HttpResponse:
        """End the places of those who have one."""
        rows = [row for row in rows if row.withdrawn_at is None]
        if not rows:
            raise ValidationError(_("These students have left already."), code="nobody_chosen")
        if request.POST.get("step") != "do":
            return self._ask(request, course, rows, "withdraw", count=len(rows))
        with transaction.atomic():
            for row in rows:
                unenroll_student(enrollment=row, by=request.user)
        sentence = ngettext("%(n)s place ended.", "%(n)s places ended.", len(rows))
        messages.success(request, sentence % {"n": len(rows)})
        return self._back(course, Choice.read(request.POST))

    def _bring_back(self, request: HttpRequest, course: Course, rows: list[CourseEnrollment]) -> HttpResponse:
        """Give places back, by the same rule as every enrollment: all of them or, if one is refused, none."""
        rows = [row for row in rows if row.withdrawn_at is not None]
        if not rows:
            raise ValidationError(_("Nobody of these has left."), code="nobody_chosen")
        if request.POST.get("step") != "do":
            directly = enrolls_directly(request.user)
            return self._ask(request, course, rows, "return", count=len(rows), directly=directly)
        with transaction.atomic():
            outcome = {bring_back(enrollment=row, by=request.user) for row in rows}
        if outcome == {"invited"}:
            sentence = ngettext("%(n)s student invited.", "%(n)s students invited.", len(rows))
        else:
            sentence = ngettext("%(n)s student is back.", "%(n)s students are back.", len(rows))
        messages.success(request, sentence % {"n": len(rows)})
        return self._back(course, Choice.read(request.POST))

    def _ask(
        self, request: HttpRequest, course: Course, rows: list[CourseEnrollment], act: str, **context: Any
    ) -> HttpResponse:
        """The page between choosing and doing. What was chosen travels along in hidden fields."""
        everybody = request.POST.get("everybody") == "1"
        return self.shown(
            request,
            f"roster_{act}.html",
            course,
            title=course.title,
            act=act,
            everybody=everybody,
            chosen=[] if everybody else rows,
            parameters=Choice.read(request.POST).as_parameters(),
            names=[row.student.display_name for row in rows[:SHOWN_NAMES]],
            more=max(0, len(rows) - SHOWN_NAMES),
            chosen_count=len(rows),
            **context,
        )

    def _back(self, course: Course, choice: Choice) -> HttpResponse:
        answer = redirect("admin:courses_course_students", pk=course.pk)
        if parameters := choice.as_parameters():
            answer["Location"] += f"?{urlencode(parameters)}"
        return answer

    def sent_messages(self, request: HttpRequest, course: Course) -> HttpResponse:
        """What was written to the students, newest first."""
        return self.shown(
            request,
            "messages.html",
            course,
            part="messages",
            title=course.title,
            sent=list(with_figures(CourseMessage.objects.filter(course=course))[:SHOWN_MESSAGES]),
            limit=MESSAGES_A_DAY,
        )

    def sent_message(self, request: HttpRequest, course: Course, message: int) -> HttpResponse:
        """One message."""
        rows = with_figures(CourseMessage.objects.filter(course=course))
        return self.shown(
            request,
            "message.html",
            course,
            part="messages",
            title=course.title,
            message=get_object_or_404(rows, pk=message),
        )
