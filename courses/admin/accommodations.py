"""More time, attempts and days for students of a course, in the admin site: who has them, and giving them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from accounts.audit import record_personal_read
from courses.accommodations import give_accommodation, remove_accommodation
from courses.admin.roster import RosterPages, View, course_view
from courses.models import Accommodation, Course, CourseEnrollment
from courses.permissions import can_edit_course, can_give_accommodation


class AccommodationForm(forms.ModelForm[Accommodation]):
    """What a student is given."""

    class Meta:
        model = Accommodation
        fields = ("time_factor", "extra_attempts", "extra_days", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}


class AccommodationPages(RosterPages):
    """The list of a course's accommodations, and the form for one student."""

    def course_routes(self) -> list[tuple[str, View, str]]:
        return [
            *super().course_routes(),
            ("students/accommodations/", course_view(self.accommodations_page), "accommodations"),
            (
                "students/<int:enrollment>/accommodation/",
                course_view(self.accommodation_page, can_edit_course),
                "accommodation",
            ),
        ]

    def accommodations_page(self, request: HttpRequest, course: Course) -> HttpResponse:
        """Who was given what, and by whom; assistants look, no more."""
        rows = Accommodation.objects.filter(enrollment__course=course, enrollment__withdrawn_at=None)
        rows = rows.select_related("enrollment__student", "given_by").order_by(
            "enrollment__student__full_name", "enrollment__student__username"
        )
        return self.shown(
            request,
            "accommodations.html",
            course,
            part="accommodations",
            title=course.title,
            rows=[row for row in rows if row.enrollment.student_id != request.user.pk],
        )

    def accommodation_page(self, request: HttpRequest, course: Course, enrollment: int) -> HttpResponse:
        """The form for one student; sent, it gives or takes away."""
        places = CourseEnrollment.objects.select_related("student", "course__instructor", "accommodation")
        place = get_object_or_404(places, course=course, pk=enrollment)
        record_personal_read(by=request.user, person_id=place.student_id, course_id=course.pk)
        row = getattr(place, "accommodation", None)
        form = AccommodationForm(request.POST or None, instance=row)
        if request.method == "POST" and self._changed(request, place, row, form):
            return redirect("admin:courses_course_accommodations", pk=course.pk)
        return self.shown(
            request,
            "accommodation.html",
            course,
            part="accommodations",
            title=place.student.display_name,
            enrollment=place,
            form=form,
            row=row,
            may_give=can_give_accommodation(request.user, place),
        )

    def _changed(
        self,
        request: HttpRequest,
        place: CourseEnrollment,
        row: Accommodation | None,
        form: AccommodationForm,
    ) -> bool:
        """Do what the form says; False when something in it is wrong."""
        if "remove" in request.POST:
            if row is not None:
                remove_accommodation(accommodation=row, by=request.user)
            messages.success(request, _("Taken away. Attempts that run keep their time."))
            return True
        if not form.is_valid():
            return False
        try:
            values: dict[str, Any] = form.cleaned_data
            give_accommodation(enrollment=place, by=request.user, **values)
        except ValidationError as error:
            form.add_error(None, error)
            return False
        messages.success(request, _("Saved. It counts from the next attempt on."))
        return True
