"""Reading the bodies of requests."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """JSON as the framework reads it, but what nobody could store or send back is the sender's error, not ours.

    Such are brackets nested a thousand deep, and halves of surrogate pairs, which are no text.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except ParseError as error:
            raise ParseError(_where(error.__context__)) from None
        except RecursionError:
            raise ParseError(_("This JSON is nested too deeply.")) from None
        except UnicodeEncodeError:
            raise ParseError(_("This JSON holds half a character.")) from None
        return data


def _where(reason: BaseException | None) -> str:
    """What is wrong with a text that is no JSON, in the reader's language."""
    if isinstance(reason, json.JSONDecodeError):
        place = {"line": reason.lineno, "column": reason.colno}
        return gettext("Line %(line)s, column %(column)s: this is no JSON.") % place
    return gettext("The body must be JSON in UTF-8.")
