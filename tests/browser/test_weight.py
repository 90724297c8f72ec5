"""What a page weighs on a first visit, compressed: the budget of the design."""

import gzip

import pytest
from playwright.sync_api import Response

from tests.assessments.factories import make_attempt, make_quiz
from tests.browser.conftest import Visit
from tests.browser.content import Site
from tests.browser.quiz_stops import take

pytestmark = pytest.mark.browser

KB = 1024
LIMITS = {"document": 30 * KB, "stylesheet": 16 * KB, "script": 24 * KB}
# The editor of programs and its verdicts bring a stylesheet of their own (1.4 KB).
OF_A_QUIZ = {"document": 30 * KB, "stylesheet": 17.5 * KB, "script": 34 * KB}
REQUESTS = 14
REQUESTS_OF_A_QUIZ = 16  # its clock, its saving, and the editor of programs are files of their own
# Pictures that wait until somebody scrolls to them, or nearly, keep no page back.
NEEDED = """() => {
    const lazy = new Set([...document.querySelectorAll('img[loading=lazy]')].map(picture => picture.currentSrc));
    const loaded = performance.getEntriesByType('navigation')[0].loadEventStart;
    return 1 + performance.getEntriesByType('resource')
        .filter(file => file.startTime < loaded && !lazy.has(file.name)).length;
}"""


def test_pages_are_light(site: Site, visit: Visit) -> None:
    course = site.course.get_absolute_url()
    quiz = make_quiz(kinds="mste" * 5 + "c", course=site.course, one_question_per_page=False)
    attempt = make_attempt(quiz=quiz, student=site.student).get_absolute_url()
    done = take(make_quiz(kinds="mste" * 5 + "c", course=site.course), site.student).get_absolute_url()
    pages = [
        (None, "/"),
        (None, "/courses/"),
        (None, course),
        (None, "/accounts/login/"),
        (None, f"/verify/{site.valid.code}/"),
        (site.student, "/home/"),
        (site.student, course),
        (site.student, f"{course}lessons/{site.lessons[0].pk}/"),
        (site.student, "/settings/"),
        (site.student, quiz.get_absolute_url()),
        (site.student, attempt),
        (site.student, f"{attempt}review/"),
        (site.student, f"{done}result/"),
        (site.graduate, f"{course}end/"),
        (site.graduate, "/certificates/"),
    ]
    findings = []
    for who, path in pages:
        page = visit(who)
        answers: list[Response] = []
        page.on("response", lambda answer, answers=answers: answers.append(answer))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        is_quiz = path.startswith("/attempts/")
        for kind, limit in (OF_A_QUIZ if is_quiz else LIMITS).items():
            bodies = [answer.body() for answer in answers if answer.request.resource_type == kind]
            weight = sum(len(gzip.compress(body)) for body in bodies)
            assert weight > 0, (path, kind)
            if weight > limit:
                findings.append(f"{path}: {kind} {weight / KB:.1f} KB")
        if (requests := page.evaluate(NEEDED)) > (REQUESTS_OF_A_QUIZ if is_quiz else REQUESTS):
            findings.append(f"{path}: {requests} requests")
        findings += [
            f"{path}: {picture}"
            for picture in page.evaluate(
                "() => [...document.querySelectorAll('img:not([width][height])')]"
                ".filter(one => !one.closest('.prose')).map(one => one.outerHTML)"
            )
        ]
    assert not findings, "\n".join(findings)
