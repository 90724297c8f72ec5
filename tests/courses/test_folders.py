"""A course as a folder of files: how it is read, and how each fault is named."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from courses.folders import read_course

LESSON = "01-first-steps/02-one-two-three.md"
MODULE = "counting-by-hand/01-first-steps/module.yaml"
NAMED = f"counting-by-hand/{LESSON}"


def refusal(folder: Path) -> str:
    """The one sentence with which the folder is refused."""
    with pytest.raises(ValidationError) as error:
        read_course(folder)
    assert error.value.code == "course_folder"
    (message,) = error.value.messages
    return message


def test_folder_is_read_in_order(course_folder: Path) -> None:
    second = course_folder / "07-later"
    second.mkdir()
    (second / "module.yaml").write_text("title: Later")
    (course_folder / "README.md").write_text("not a lesson")
    course = read_course(course_folder)
    assert (course.slug, course.fields["title"]) == ("counting-by-hand", "Counting by hand")
    assert [(module.key, module.order) for module in course.modules] == [("first-steps", 1), ("later", 2)]
    lessons = course.modules[0].lessons
    assert [(lesson.key, lesson.order) for lesson in lessons] == [("why-count", 1), ("one-two-three", 2)]
    assert lessons[0].content == "Because.\n"
    assert lessons[1].content == "## Counting\n\nOne, *two*, three.\n"
    assert [entry["title"] for entry in lessons[1].resources] == ["More about numbers", "Some numbers"]
    assert course.file("numbers.csv").read_text() == "1,2,3\n"


@pytest.mark.parametrize("change", ["\r\n", "bom"])
def test_files_of_other_editors_are_read(course_folder: Path, change: str) -> None:
    path = course_folder / LESSON
    text = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + text if change == "bom" else text.replace(b"\n", b"\r\n"))
    assert read_course(course_folder).modules[0].lessons[1].content == "## Counting\n\nOne, *two*, three.\n"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("course.yaml", None, "counting-by-hand/course.yaml: it is missing."),
        ("course.yaml", "title: [", "counting-by-hand/course.yaml: line 1 is not YAML."),
        ("course.yaml", "- a\n- b", "counting-by-hand/course.yaml: it must hold names and values."),
        ("course.yaml", "", "counting-by-hand/course.yaml: it must hold names and values."),
        (
            "course.yaml",
            "title: T\nlevel: Beginner\n",
            "counting-by-hand/course.yaml: it does not say: description, category, duration_weeks.",
        ),
        (
            "course.yaml",
            "title: T\ndescription: D\nlevel: Beginner\ncategory: C\nduration_weeks: 1\noutcomes: to count",
            "counting-by-hand/course.yaml: outcomes: it must be a list.",
        ),
        ("01-first-steps/module.yaml", None, f"{MODULE}: it is missing."),
        ("01-first-steps/module.yaml", "description: D", f"{MODULE}: it does not say: title."),
        (
            LESSON,
            "No fields",
            f"{NAMED}: it must start with fields between two lines of three dashes.",
        ),
        (LESSON, "---\nminutes: 3\n---\nText", f"{NAMED}: it does not say: title."),
        (LESSON, "---\ntitle: T\nminutes: {\n---\nText", f"{NAMED}: line 3 is not YAML."),
        (LESSON, "---\ntitle: T\nday: 2026-02-31\n---\nText", f"{NAMED}: it is not YAML."),
        (LESSON, "---\ntitle: T\n---\nA\0B", f"{NAMED}: it is not a text in UTF-8."),
        (
            LESSON,
            "---\ntitle: T\nresources: numbers.csv\n---\nText",
            f"{NAMED}: resources: it must be a list of names and values.",
        ),
        (
            LESSON,
            "---\ntitle: T\nresources:\n  - file: numbers.csv\n---\nText",
            f"{NAMED}: resources: it does not say: title, type.",
        ),
        (
            "01-first-steps/03_Other.md",
            "---\ntitle: T\n---\n",
            "counting-by-hand/01-first-steps/03_Other.md: "
            "the name must be two digits, a hyphen and a key such as 01-first-steps.",
        ),
    ],
)
def test_broken_file_is_named_with_the_reason(
    course_folder: Path, name: str, text: str | None, sentence: str
) -> None:
    path = course_folder / name
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    assert refusal(course_folder) == sentence


def test_file_in_another_encoding_is_named(course_folder: Path) -> None:
    (course_folder / LESSON).write_bytes("---\ntitle: Zählen\n---\n".encode("latin-1"))
    assert refusal(course_folder) == f"{NAMED}: it is not a text in UTF-8."


@pytest.mark.parametrize("name", ["gone.csv", "../course.yaml", "/etc/hostname", ".", "", "5"])
def test_resource_file_must_lie_in_files(course_folder: Path, name: str) -> None:
    path = course_folder / LESSON
    path.write_text(path.read_text().replace("file: numbers.csv", f'file: "{name}"'))
    assert f"resources: there is no file {name} in files/." in refusal(course_folder)


def test_link_out_of_the_folder_is_refused(course_folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (course_folder / "files" / "numbers.csv").unlink()
    (course_folder / "files" / "numbers.csv").symlink_to(secret)
    assert "there is no file numbers.csv" in refusal(course_folder)
