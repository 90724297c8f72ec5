"""Which addresses may stand in a link."""

import pytest
from django.core.exceptions import ValidationError

from projectgenius.links import is_safe_link, validate_link


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "http://example.org:8080/a?b=c#d",
        "HTTPS://EXAMPLE.ORG/",
        "/files/a.pdf",
        "/",
        "/a//b",
    ],
)
def test_addresses_of_the_web_and_own_paths_are_safe(address: str) -> None:
    assert is_safe_link(address)
    validate_link(address)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:a@example.org",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:///evil.example",
        "http://",
        "example.org",
        "a/b",
        "#top",
        "https://a b",
        "https://a\tb",
        "https://[broken",
    ],
)
def test_everything_else_is_refused(address: str) -> None:
    assert not is_safe_link(address)
    with pytest.raises(ValidationError):
        validate_link(address)


def test_no_address_is_left_to_the_field() -> None:
    validate_link("")
