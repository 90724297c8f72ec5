"""Which addresses may stand in a link."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def is_safe_link(address: str) -> bool:
    """Whether the address is http(s), or a path of this site; no other scheme, no other host in disguise."""
    if any(ord(character) < 33 for character in address) or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.netloc)
    # Browsers read two slashes or more at the start as the beginning of another host.
    return not parts.scheme and address.startswith("/") and not address.startswith("//")


def validate_link(address: str) -> None:
    """Field validator over `is_safe_link`; an empty address is left to `blank`."""
    if address and not is_safe_link(address):
        raise ValidationError(
            _("Enter an address that starts with https://, or a path of this site."), code="link"
        )
