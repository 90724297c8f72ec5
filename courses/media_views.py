"""Pictures, videos and captions of courses, handed out to those who may read what shows them; and places in videos."""

from pathlib import PurePosixPath

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from courses.forms import PositionForm
from courses.images import image_name
from courses.models import CourseImage, Lesson, LessonVideo
from courses.reading import viewed_as_student
from courses.streaming import ranged_file
from courses.videos import TYPES, file_name, save_position

PICTURE_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@require_safe
def image_file(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A picture, for those who may read a text that shows it; only by its whole address."""
    image = get_object_or_404(CourseImage.objects.visible_to(request.user), pk=pk)
    if name != image_name(image):
        raise Http404
    return ranged_file(request, image.file, PICTURE_TYPES[PurePosixPath(name).suffix])


@require_safe
def video_file(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A video, or its captions, for those who may read its lesson; players ask for it part by part."""
    video = get_object_or_404(LessonVideo.objects.visible_to(request.user), pk=pk)
    files: tuple[FieldFile, ...] = (video.file, video.captions)
    file = next((one for one in files if one and name == file_name(one)), None)
    if file is None:
        raise Http404
    return ranged_file(request, file, TYPES.get(PurePosixPath(name).suffix, "text/vtt; charset=utf-8"))


@require_POST
@login_required
def video_position(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Where somebody stopped, sent by the page while the video plays."""
    lessons = Lesson.objects.visible_to(request.user).select_related("module__course")
    lesson = get_object_or_404(lessons, pk=pk, module__course__slug=slug)
    if viewed_as_student(request, lesson.module.course):
        return HttpResponse(status=204)
    form = PositionForm(request.POST)
    try:
        if not form.is_valid():
            return HttpResponse(status=400)
        save_position(lesson=lesson, student=request.user, seconds=form.cleaned_data["seconds"])
    except ValidationError:
        return HttpResponse(status=400)
    return HttpResponse(status=204)
