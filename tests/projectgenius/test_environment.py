"""Reading settings from the environment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from projectgenius import environment as env


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """`given("x")` sets the variable NAME; None takes it away."""

    def give(value: str | None) -> None:
        if value is None:
            monkeypatch.delenv("NAME", raising=False)
        else:
            monkeypatch.setenv("NAME", value)

    return give


Given = Callable[[str | None], None]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", True),
        ("True", True),
        (" yes ", True),
        ("ON", True),
        ("0", False),
        ("False", False),
        ("no", False),
    ],
)
def test_flag_is_yes_or_no(given: Given, value: str, expected: bool) -> None:
    given(value)
    assert env.flag("NAME", not expected) is expected


@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_empty_counts_as_not_given(given: Given, value: str | None, tmp_path: Path) -> None:
    given(value)
    assert env.flag("NAME", True) is True
    assert env.text("NAME", "default") == "default"
    assert env.number("NAME", 7) == 7
    assert env.words("NAME", ["a"]) == ["a"]
    assert env.origin("NAME", "https://a.example", why="") == "https://a.example"
    assert env.chosen("NAME", "b", "ab") == "b"
    assert env.folder("NAME", str(tmp_path / "new" / "folder")).is_dir()
    with pytest.raises(ImproperlyConfigured, match=r"^NAME is not set: it is needed\. See \.env\.example\.$"):
        env.text("NAME", why="it is needed.")


def test_words_stand_between_commas(given: Given) -> None:
    given(" a.example, ,b.example ")
    assert env.words("NAME") == ["a.example", "b.example"]


@pytest.mark.parametrize("value", ["x", "1.5", "-1", "1e3", "٣x", "2"])
def test_number_is_whole_and_large_enough(given: Given, value: str) -> None:
    given(value)
    with pytest.raises(ImproperlyConfigured, match="NAME must be a whole number of at least 3"):
        env.number("NAME", 5, least=3)


@pytest.mark.parametrize(
    ("value", "found"),
    [("https://a.example/", "https://a.example"), ("http://127.0.0.1:8000", "http://127.0.0.1:8000")],
)
def test_origin_is_an_address_without_a_path(given: Given, value: str, found: str) -> None:
    given(value)
    assert env.origin("NAME", None, why="") == found


@pytest.mark.parametrize(
    "value", ["a.example", "ftp://a.example", "https://", "https://a.example/b", "https://a?b=c"]
)
def test_other_addresses_are_no_origin(given: Given, value: str) -> None:
    given(value)
    with pytest.raises(ImproperlyConfigured):
        env.origin("NAME", None, why="")


def test_choice_is_found_in_any_case(given: Given) -> None:
    given("warning")
    assert env.chosen("NAME", "INFO", ("INFO", "WARNING")) == "WARNING"


@pytest.mark.parametrize("value", ["60", "60/fortnight", "0/min", "-1/min", "many/min"])
def test_shape_is_kept(given: Given, value: str) -> None:
    given(value)
    with pytest.raises(ImproperlyConfigured, match="NAME must be a rate such as 60/min, not"):
        env.shaped("NAME", "", r"[1-9]\d*/(min|hour)", such_as="a rate such as 60/min")


@pytest.mark.parametrize("value", ["Mars/Base", "../../etc/passwd", "/etc/localtime", "Europe"])
def test_time_zone_must_exist(given: Given, value: str) -> None:
    given(value)
    with pytest.raises(ImproperlyConfigured, match="NAME must be a time zone"):
        env.time_zone("NAME", "UTC")


def test_time_zone_is_taken_by_its_name(given: Given) -> None:
    given("Europe/Berlin")
    assert env.time_zone("NAME", "UTC") == "Europe/Berlin"


def test_folder_that_cannot_be_made_is_told(given: Given, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    given(str(tmp_path / "file" / "folder"))
    with pytest.raises(ImproperlyConfigured, match=r"NAME cannot be made at .*: Not a directory"):
        env.folder("NAME", "")


@pytest.mark.parametrize(
    ("value", "engine", "name"),
    [
        ("sqlite:////tmp/a.sqlite3", "django.db.backends.sqlite3", "/tmp/a.sqlite3"),
        ("sqlite://:memory:", "django.db.backends.sqlite3", ":memory:"),
        ("postgresql://u:p%40ss@host:5433/name", "django.db.backends.postgresql", "name"),
        ("postgres://u@host/name", "django.db.backends.postgresql", "name"),
    ],
)
def test_database_is_sqlite_or_postgresql(given: Given, value: str, engine: str, name: str) -> None:
    given(value)
    found: dict[str, Any] = env.database("NAME")
    assert (found["ENGINE"], found["NAME"]) == (engine, name)
    assert found.get("PASSWORD") in (None, "", "p@ss")
