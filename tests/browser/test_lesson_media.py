"""Writing with the editor, and watching a video that goes on where one stopped, in a real browser."""

import base64
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Locator, Page, expect

from courses.images import image_name
from courses.models import CourseImage, Lesson, LessonVersion, LessonVideo, VideoPosition
from tests.browser.conftest import Visit
from tests.browser.content import Site
from tests.courses.factories import a_picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:03.000\nOne\n\n00:03.000 --> 00:09.000\nTwo\n"
# Seven seconds of moving color, made by the browser itself.
RECORD = """async () => {
  const canvas = document.createElement('canvas');
  const paint = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: 'video/webm;codecs=vp8' });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  for (let frame = 0; frame < 70; frame += 1) {
    paint.fillStyle = `hsl(${frame * 5} 60% 50%)`;
    paint.fillRect(0, 0, 300, 150);
    await new Promise((done) => setTimeout(done, 100));
  }
  const ended = new Promise((done) => { recorder.onstop = done; });
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa([...bytes].map((byte) => String.fromCharCode(byte)).join(''));
}"""


def write_page(page: Page, lesson: Lesson) -> None:
    page.goto(f"/admin/courses/lesson/{lesson.pk}/change/")
    expect(page.get_by_role("button", name="Bold")).to_be_visible()


def first_lesson(site: Site) -> Lesson:
    return Lesson.objects.published().filter(module__course=site.course).in_order()[0]


def test_instructor_writes_with_preview_and_a_picture(site: Site, visit: Visit, tmp_path: Path) -> None:
    lesson = first_lesson(site)
    page = visit(site.instructor)
    write_page(page, lesson)
    area = page.locator("#id_content")
    area.fill("word")
    area.press("Control+a")
    area.press("Control+b")
    expect(area).to_have_value("**word**")
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    expect(preview.locator("strong")).to_have_text("word")
    assert not LessonVersion.objects.exists()

    area.press("Control+End")
    page.get_by_role("button", name="Picture").click()
    dialog = page.get_by_role("dialog", name="Add a picture")
    file = tmp_path / "wall.png"
    file.write_bytes(a_picture().read())
    title = page.locator("#id_title").input_value()
    dialog.get_by_label("Picture", exact=True).set_input_files(file)
    dialog.get_by_label("What is to be seen?").fill("A teal wall")
    dialog.get_by_role("button", name="Add picture").click()
    expect(dialog).to_be_hidden()
    image = CourseImage.objects.get()
    expect(area).to_have_value(
        f"**word**\n\n![A teal wall](/course-images/{image.pk}/{image_name(image)})\n\n"
    )
    expect(preview.get_by_role("img", name="A teal wall")).to_have_js_property("naturalWidth", 640)
    assert page.locator("#id_title").input_value() == title  # the theme's script writes names of files around

    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue editing").click()
    student = visit(site.student)
    student.goto(f"{site.course.get_absolute_url()}lessons/{lesson.pk}/")
    expect(student.get_by_role("img", name="A teal wall")).to_have_js_property("naturalWidth", 640)


def test_a_text_that_was_not_saved_is_offered_again(site: Site, visit: Visit) -> None:
    lesson = first_lesson(site)
    page = visit(site.instructor)
    write_page(page, lesson)
    area = page.locator("#id_content")
    stored = area.input_value()
    area.fill("Not saved yet")
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('draft:'))")

    other = page.context.new_page()  # the first window is gone, as after a crash
    write_page(other, lesson)
    expect(other.locator("#id_content")).to_have_value(stored)
    other.get_by_role("button", name="Restore draft").click()
    expect(other.locator("#id_content")).to_have_value("Not saved yet")
    with other.expect_navigation():
        other.get_by_role("button", name="Save and continue editing").click()
    expect(other.locator("#id_content")).to_have_value("Not saved yet")
    expect(other.get_by_role("button", name="Restore draft")).to_be_hidden()


def test_the_text_of_a_course_that_was_stored_is_no_draft_any_more(site: Site, visit: Visit) -> None:
    """The page of a new course begins empty again."""
    page = visit(site.instructor)
    for button in ("Save and add another", "Save and continue editing"):
        page.goto("/admin/courses/course/add/")
        page.locator("#id_title").fill(f"Bread at home: {button}")
        page.locator("#id_category").fill("Cooking")
        page.locator("#id_description").fill("From flour to a loaf")
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
        page.goto("/admin/courses/course/add/")
        expect(page.get_by_role("button", name="Bold")).to_be_visible()
        expect(page.get_by_role("button", name="Restore draft")).to_be_hidden()


def reach(video: Locator, seconds: float) -> None:
    """Wait until the video has got so far."""
    video.evaluate(
        """(video, seconds) => new Promise((done) => {
          const timer = setInterval(() => {
            if (video.currentTime > seconds) { clearInterval(timer); done(); }
          }, 20);
        })""",
        seconds,
    )


def test_student_goes_on_where_the_video_stopped(site: Site, visit: Visit) -> None:
    lesson = first_lesson(site)
    page = visit(site.student)
    page.goto("/")
    film = base64.b64decode(page.evaluate(RECORD))
    LessonVideo.objects.create(
        lesson=lesson,
        file=ContentFile(film, name="video.webm"),
        captions=ContentFile(CAPTIONS.encode(), name="captions.vtt"),
        transcript="One. Two.",
    )
    address = f"{site.course.get_absolute_url()}lessons/{lesson.pk}/"
    page.goto(address)
    video = page.locator("video")
    expect(video).to_have_js_property("readyState", 0)  # nothing is fetched before it is asked for
    page.get_by_text("Transcript", exact=True).click()
    expect(page.get_by_text("One. Two.")).to_be_visible()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    reach(video, 0.5)
    assert video.evaluate("video => video.textTracks[0].cues.length") == 2
    video.evaluate("video => { video.currentTime = 5.2; }")
    reach(video, 5.3)
    with page.expect_response(lambda response: response.url.endswith("/position/")) as reported:
        video.evaluate("video => video.pause()")
    assert reported.value.status == 204
    assert VideoPosition.objects.get(student=site.student, lesson=lesson).seconds == 5

    page.goto(address)
    expect(page.get_by_text("You stopped at 0:05.")).to_be_visible()
    video.evaluate("video => { video.muted = true; }")
    page.get_by_role("button", name="Continue at 0:05").click()
    reach(video, 5)
    expect(page.get_by_text("You stopped at")).to_be_hidden()

    page.goto(address)
    page.get_by_role("button", name="Start over").click()
    reach(video, 0.1)
    assert video.evaluate("video => video.currentTime") < 4


def test_a_video_that_does_not_load_says_so(site: Site, visit: Visit) -> None:
    lesson = first_lesson(site)
    LessonVideo.objects.create(
        lesson=lesson, file=ContentFile(b"broken", name="video.webm"), transcript="What was said."
    )
    page = visit(site.student)
    page.goto(f"{site.course.get_absolute_url()}lessons/{lesson.pk}/")
    page.locator("video").evaluate("video => { video.play().catch(() => {}); }")
    expect(page.get_by_text("This video didn’t load")).to_be_visible()
