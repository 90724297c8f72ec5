"""Entry point of the web server."""

import os
import sys
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "projectgenius.settings")


class Utf8Request(WSGIRequest):
    """A request that is read as UTF-8 whatever charset it names; `CharsetMiddleware` refuses the others.

    Django would decode the address's query by any codec that is named, before any middleware could answer.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Application(WSGIHandler):
    """The site."""

    request_class = Utf8Request


try:
    django.setup(set_prefix=False)
    application = Application()
except ImproperlyConfigured as error:
    sys.exit(f"ProjectGenius cannot start: {error}")
