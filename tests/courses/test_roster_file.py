"""Reading lists of students: every way in which a file can be wrong, and some in which it is right."""

from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.roster_file import LARGEST_FILE, MOST_LINES, decoded, read_lines


def emails(content: bytes) -> list[str]:
    return [line.email for line in read_lines(decoded(content))[0]]


def faults(content: bytes) -> list[tuple[int, str]]:
    return [(fault.number, fault.field) for fault in read_lines(decoded(content))[1]]


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        read_lines(decoded(content))
    return str(caught.value.code)


ADA = ["ada@example.org"]


@pytest.mark.parametrize(
    "content",
    [
        b"email\nada@example.org\n",
        b"email\r\nada@example.org\r\n",
        b"\xef\xbb\xbfemail,full_name\nada@example.org,Ada\n",
        "email\nada@example.org".encode("utf-16"),
        b"email;full_name\nada@example.org;Lovelace, Ada\n",
        b"email\tfull_name\nada@example.org\tAda\n",
        b'"email","full_name"\n"ada@example.org","Lovelace, ""Ada"""\n',
        b'full_name,email\n"Two\nlines",ada@example.org\n',
        b"E-Mail , Name\n ADA@example.org , Ada\n",
        b"\n\nemail\n\n,\nada@example.org\n\n",
        b"ada@example.org\n",
        b"ada@example.org,Ada Lovelace\n",
        b"email,group,full_name\nada@example.org,7a,Ada\n",
    ],
)
def test_file_is_read(content: bytes) -> None:
    assert emails(content) == ADA
    assert faults(content) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"email\nJos\xe9@example.org\n", "encoding"),
        (b"\xff\xfee", "encoding"),
        (b"email\nada\x00@example.org\n", "nul"),
        (b"PK\x03\x04\x00\x00", "nul"),
        (b"name\nAda\n", "columns"),
        (b"email,e-mail\na@example.org,b@example.org\n", "columns"),
        (b'email\n"ada@example.org\nbob@example.org\n', "quotes"),
        (b"x" * (LARGEST_FILE + 1), "too_large"),
        (b"email\n" + b"a@b.co\n" * (MOST_LINES + 1), "too_many"),
    ],
)
def test_file_that_cannot_be_read_says_why(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_unreadable_character_is_named_by_its_line() -> None:
    with pytest.raises(ValidationError, match="Line 3"):
        decoded(b"email\nada@example.org\nJos\xe9@example.org\n")


def test_faults_are_named_by_line_and_field() -> None:
    content = (
        b"email,full_name\n"
        b"ada@example.org,Ada\n"
        b"nonsense,Bob\n"
        b",Nobody\n"
        b"ADA@example.org,Again\n"
        b'"cleo@example.org","Two\nlines"\n'
        b"dora@example.org," + b"x" * 121 + b"\n" + b"e" * 120 + b"@example.org,E\n"
        b"=cmd@example.org\n"
    )
    assert emails(content) == ["ada@example.org", "cleo@example.org", "=cmd@example.org"]
    assert faults(content) == [
        (3, "email"),
        (4, "email"),
        (5, "email"),
        (8, "full_name"),
        (9, "email"),
    ]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ValidationError):
        lines, found = read_lines(decoded(content))
        assert len({line.email for line in lines}) == len(lines)
        assert all("@" in line.email for line in lines)
        assert {line.number for line in lines}.isdisjoint({fault.number for fault in found})
