"""Everything about courses in the admin site."""

from courses.admin import (
    certificates,
    courses,
    lessons,
    media,
    offering,
    records,
    students,
)

__all__ = [
    "certificates",
    "courses",
    "lessons",
    "media",
    "offering",
    "records",
    "students",
]
