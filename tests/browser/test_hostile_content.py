"""What people write never runs: neither through the Markdown nor through names, and the browser would refuse it."""

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from courses.enrollment import enroll_student
from courses.models import Course, Lesson, LessonResource
from courses.progress import complete_lesson
from tests.accounts.factories import UserFactory
from tests.browser.conftest import Visit
from tests.browser.content import Site, lessons_of, make_course

pytestmark = pytest.mark.browser

RUN = "window.hacked=true;alert(1)"
IMAGE = f"<img src=x onerror='{RUN}'>"
NAME = f"<script>{RUN}</script>{IMAGE}"
MARKDOWN = f"""
<script>{RUN}</script>
<script src="data:text/javascript,{RUN}"></script>
{IMAGE} <svg onload="{RUN}"><script>{RUN}</script></svg> <svg/onload={RUN}>
<iframe srcdoc="<script>parent.{RUN}</script>"></iframe><object data="data:text/html,<script>{RUN}</script>"></object>
<a href="javascript:{RUN}">one</a> <details ontoggle="{RUN}" open><summary>two</summary></details>
<form action="https://elsewhere.example/"><input name=password><button formaction="javascript:{RUN}">Go</button></form>
<style>body {{ display: none }}</style> <base href="https://elsewhere.example/"> <meta http-equiv=refresh content="0;url=https://elsewhere.example/">

[three](javascript:{RUN}) [four](<JaVaScRiPt:{RUN}>) [five](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[six](vbscript:x) [seven](  java&#10;script:{RUN}) <javascript:{RUN}> [eight][ref]

![nine](javascript:{RUN}) ![eleven](data:image/svg+xml,<svg/onload={RUN}>)
![x" onerror="{RUN}](/covers/x-1.svg "t\\" onload=\\"{RUN}")

[ref]: javascript:{RUN}

```"><script>{RUN}</script>
</code></pre><script>{RUN}</script>
```

$\\href{{javascript:{RUN}}}{{x}} <script>{RUN}</script>$ and `</code>{IMAGE}`

:::warning <script>{RUN}</script>
{IMAGE}
:::

| <script>{RUN}</script> | [b](javascript:{RUN}) |
|---|---|
| {IMAGE} | c[^n] |

[^n]: <script>{RUN}</script> [note](javascript:{RUN})
"""
# What would run a script, send something away or change the page, wherever it stands in it.
HARM = """() => [...document.querySelectorAll('*')].flatMap(part => [
    ...[...part.attributes].filter(({name, value}) =>
        name.startsWith('on') || ['style', 'srcdoc', 'formaction'].includes(name)
        || /^(href|src|action|data|xlink:href)$/.test(name) && /^\\W*(javascript|vbscript|data)\\s*:/i.test(value)
        || /^(src|action)$/.test(name) && new URL(value, location).origin !== location.origin
    ).map(({name, value}) => `${part.localName} ${name}=${value.slice(0, 60)}`),
    ...(/^(iframe|object|embed|base|style)$/.test(part.localName) ? [part.localName] : []),
    ...(part.localName === 'script' && !part.src ? ['inline script'] : []),
])"""


@pytest.fixture
def hostile(site: Site) -> Course:
    """A course in which every text is an attack."""
    instructor = UserFactory(username="mallory", full_name=NAME, bio=NAME)
    course = make_course(instructor, f"{NAME} hostile", "hostile")
    Course.objects.filter(pk=course.pk).update(
        description=MARKDOWN,
        outcome=NAME,
        outcomes=NAME,
        audience=NAME,
        requirements=NAME,
        category=IMAGE[:50],
        cover_image="javascript:alert(1)",
    )
    Lesson.objects.filter(module__course=course).update(content=MARKDOWN, title=NAME, is_preview=True)
    course.modules.update(title=NAME, description=NAME)
    lesson = lessons_of(course)[0]
    LessonResource.objects.create(lesson=lesson, title=NAME, resource_type="link", url=f"javascript:{RUN}")
    return course


def test_hostile_texts_run_nowhere(hostile: Course, site: Site, visit: Visit) -> None:
    student = UserFactory(username="victim", full_name=NAME)
    enroll_student(course=hostile, student=student)
    address = hostile.get_absolute_url()
    lessons = [f"{address}lessons/{lesson.pk}/" for lesson in lessons_of(hostile)]
    for who in (None, student, hostile.instructor):
        page = visit(who)
        for path in ("/", "/courses/?q=hostile", address, lessons[0]):
            look(page, path)
    for lesson in lessons_of(hostile):
        complete_lesson(lesson=lesson, student=student)
    page = visit(student)
    for path in ("/home/", f"{address}end/", "/certificates/", "/settings/"):
        look(page, path)
    page = visit()
    certificate = student.enrollments.get().certificate
    look(page, f"/verify/{certificate.code}/")
    for path in (f"/courses/?q={NAME}", f"/accounts/login/?next={NAME}", f"/{NAME}", f"/verify/{IMAGE}/"):
        look(page, path)


def look(page: Page, path: str) -> None:
    """Open a page: nothing in it can do harm, and nothing has."""
    page.goto(path)
    for link in page.locator("main .prose a[href*='script']").all():
        link.click()
    assert page.evaluate(HARM) == [], path
    assert page.evaluate("window.hacked") is None, path
    assert page.locator("body").is_visible()


def directives(header: str) -> dict[str, set[str]]:
    """A content policy as sets of sources."""
    return {
        name: set(sources) for name, *sources in (part.split() for part in header.split(";") if part.strip())
    }


def test_every_page_has_a_strict_content_policy(site: Site, visit: Visit) -> None:
    page = visit(site.instructor)
    course = site.course.get_absolute_url()
    strict = ["/", "/courses/", course, f"{course}lessons/{site.lessons[0].pk}/", "/home/", "/settings/"]
    strict += [
        "/help/",
        "/verify/",
        "/settings/email/",
        "/api/v1/docs/",
        "/no-such-page/",
        "/forbidden/",
        "/broken/",
    ]
    own = {"'self'"}
    for path in strict:
        policy = directives(page.goto(path).headers["content-security-policy"])  # type: ignore[union-attr]
        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == own, path
        assert policy["connect-src"] == policy["form-action"] == own, path
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}, path
    for path in ("/admin/", "/admin/courses/course/"):
        policy = directives(page.goto(path).headers["content-security-policy"])  # type: ignore[union-attr]
        assert policy["script-src"] == {"'self'", "'unsafe-eval'"}, path
        assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == own, path
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}, path


def test_browser_refuses_what_slips_through(site: Site, browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto(site.course.get_absolute_url())
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.hacked = true';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src="/none" onerror="window.hacked = true">');
        }"""
    )
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hacked") is None
    context.close()


def test_pictures_of_other_sites_are_not_fetched(
    site: Site, browser: Browser, live_server: LiveServer
) -> None:
    lesson = site.lessons[0]
    Lesson.objects.filter(pk=lesson.pk).update(
        content="![counts readers](https://elsewhere.example/pixel.gif)"
    )
    context = browser.new_context(base_url=live_server.url)
    asked: dict[str, str | None] = {}
    page = context.new_page()
    page.on("requestfinished", lambda request: asked.update({request.url: "fetched"}))
    page.on("requestfailed", lambda request: asked.update({request.url: request.failure}))
    page.goto(f"{site.course.get_absolute_url()}lessons/{lesson.pk}/")
    page.wait_for_load_state("networkidle")
    elsewhere = {url: end for url, end in asked.items() if not url.startswith(live_server.url)}
    assert elsewhere == {}  # a link stands in its place
    assert page.get_by_role("link", name="counts readers").get_attribute("href")
    context.close()
