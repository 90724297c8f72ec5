"""What the site holds in these tests: courses with every kind of content, and people in every relation to them."""

from dataclasses import dataclass
from decimal import Decimal

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from courses.enrollment import enroll_student
from courses.models import Certificate, Course, Lesson, LessonResource
from courses.progress import complete_lesson, recount_course
from projectgenius.background.models import OutboxMail
from tests.accounts.factories import AdminFactory, InstructorFactory, UserFactory
from tests.courses.factories import CourseFactory, LessonFactory, ModuleFactory, ResourceFactory

RICH = r"""
A left join keeps **every** customer, whether or not they ordered. SQL has no `ANTI JOIN`, so you say it
with `NOT EXISTS`. See [the manual](https://www.postgresql.org/docs/) or [the contents](/courses/).

## Say it the way you would ask it

```sql
SELECT c.id, c.name
FROM customers AS c
WHERE NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.customer_id = c.id AND o.note <> 'a rather long remark');
```

| id | name           | joined     | orders in the last twelve months, all branches |
|---:|----------------|------------|-----------------------------------------------:|
|  3 | Lindiwe Mokoena | 2024-11-02 |                                             12 |
|  5 | Jonas Weber     | 2025-01-17 |                                              0 |

### How many rows?

With $n$ customers and $k$ of them in orders, $n - k$ rows come back:

$$
\sum_{i=1}^{n} \left(1 - \frac{x_i}{1 + x_i}\right) = \sqrt{n^2 - 2nk + k^2}
$$

:::warning NOT IN is not the same
If one order has a `NULL` customer, `NOT IN` returns no rows at all.

```text
SELECT id FROM customers WHERE id NOT IN (SELECT customer_id FROM orders);
```
:::

:::details Show the answer
Still two, because `NULL` matches nobody.

1. Count the customers.
2. Take away those with orders.
:::

![Two circles, the left one filled](/covers/joins-225.svg)

- [x] Read it aloud
- [ ] Try it on the shop database

> Ask for what is *not* there.

A footnote says more.[^why]

[^why]: A join that keeps nothing is called an anti-join.
"""
SHORT = "## Two ways\n\nA subquery or a join: both say the same.\n\n```python\nprint('done')\n```\n"


@dataclass
class Site:
    """The course of the journeys, its neighbours, and the people."""

    course: Course
    paid: Course
    draft: Course
    newcomer: User
    student: User
    graduate: User
    waiting: User
    instructor: User
    admin: User
    valid: Certificate
    revoked: Certificate

    @property
    def lessons(self) -> list[Lesson]:
        """The lessons of the course, in order."""
        return lessons_of(self.course)


def lessons_of(course: Course) -> list[Lesson]:
    """The published lessons of a course, in order."""
    return list(Lesson.objects.published().filter(module__course=course).in_order())


def make_site() -> Site:
    """A published free course, a paid one, a draft, a dozen to fill the catalogue, and the cast."""
    instructor = InstructorFactory(
        username="helen", full_name="Helen Marsh", bio="Wrote software for hospitals and harbours."
    )
    course = make_course(instructor, "Joins that keep their promises", "joins", hue=30)
    paid = make_course(instructor, "Reading a query plan", "plans", price=Decimal("49.00"))
    draft = make_course(instructor, "Indexes, still being written", "indexes", is_published=False)
    small = make_course(
        instructor, "Sorting cards by hand", "sorting", modules=1, lessons=1, category="Study"
    )
    other = InstructorFactory(username="ruben", full_name="Rubén Ibarra")
    for number in range(12):
        CourseFactory(instructor=other, title=f"Filling the catalogue, part {number}", language="es")
    people = {
        name: UserFactory(username=name, full_name=f"{name.title()} Okafor")
        for name in ("newcomer", "student", "graduate", "waiting")
    }
    enroll_student(course=course, student=people["student"])
    complete_lesson(lesson=lessons_of(course)[0], student=people["student"])
    enroll_student(course=paid, student=people["waiting"])
    valid = graduate(people["graduate"], course)
    revoked = graduate(people["graduate"], small)
    Certificate.objects.filter(pk=revoked.pk).update(
        revoked_at=timezone.now(), revoked_reason="Issued to the wrong person."
    )
    OutboxMail.objects.create(
        sender="no-reply@localhost",
        recipients="student@example.org",
        subject="Confirm",
        body="Open this link.",
    )
    return Site(
        course=course,
        paid=paid,
        draft=draft,
        instructor=instructor,
        admin=AdminFactory(username="soren", full_name="Soren Dahl"),
        valid=valid,
        revoked=revoked,
        **people,
    )


def make_course(
    instructor: User,
    title: str,
    slug: str,
    *,
    modules: int = 2,
    lessons: int = 2,
    hue: int = 225,
    **fields: object,
) -> Course:
    """A course whose first lesson is a rich preview with resources, the others short."""
    course: Course = CourseFactory(
        instructor=instructor,
        title=title,
        slug=slug,
        cover_hue=hue,
        outcome="Ask a database for what is not there.",
        outcomes="Read a join aloud\nChoose between a join and a subquery\nFind rows without a partner",
        audience="People who can write a simple query.",
        requirements="A database to try things on.",
        **{"is_published": True, "category": "Databases", "price": Decimal(0), **fields},
    )
    for number in range(1, modules + 1):
        module = ModuleFactory(course=course, title=f"Part {number} of {title}", order_index=number)
        for place in range(1, lessons + 1):
            is_first = number == place == 1
            lesson = LessonFactory(
                module=module,
                title="Anti-joins: the rows that aren’t there" if is_first else f"Lesson {number}.{place}",
                content=RICH if is_first else SHORT,
                order_index=place,
                is_preview=is_first,
            )
            if is_first:
                add_resources(lesson)
    recount_course(course_id=course.pk)
    course.refresh_from_db()
    return course


def add_resources(lesson: Lesson) -> None:
    """A link and a file."""
    ResourceFactory(lesson=lesson, title="Subquery expressions in the manual")
    file = ContentFile(b"SELECT 1;\n", name="shop.sql")
    ResourceFactory(
        lesson=lesson,
        title="Shop database",
        resource_type=LessonResource.ResourceType.FILE,
        url="",
        file=file,
        file_size=10,
    )


def graduate(student: User, course: Course) -> Certificate:
    """Take the course to its end, and return what one gets for it."""
    enrollment = enroll_student(course=course, student=student)
    for lesson in lessons_of(course):
        complete_lesson(lesson=lesson, student=student)
    certificate: Certificate = Certificate.objects.get(enrollment=enrollment)
    return certificate
