"""A course as files, written for tests."""

from pathlib import Path

COURSE_YAML = """\
title: Counting by hand
outcome: Count to ten.
description: Fingers first.
outcomes:
  - Count to five
  - Count to ten
audience: Everybody with a hand.
instructor: instructor
level: Beginner
category: Mathematics
duration_weeks: 2
hue: 100
"""
LESSON_FILE = """\
---
title: One, two, three
minutes: 15
resources:
  - title: More about numbers
    type: link
    url: https://example.org/numbers
  - title: Some numbers
    type: file
    file: numbers.csv
---

## Counting

One, *two*, three.
"""


def write_course(folder: Path) -> Path:
    """A module of two lessons, the first a preview, the second with a link and a file beside it."""
    files = {
        "course.yaml": COURSE_YAML,
        "01-first-steps/module.yaml": "title: First steps\ndescription: Where it begins.\n",
        "01-first-steps/01-why-count.md": "---\ntitle: Why count?\npreview: true\n---\n\nBecause.\n",
        "01-first-steps/02-one-two-three.md": LESSON_FILE,
        "files/numbers.csv": "1,2,3\n",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder
