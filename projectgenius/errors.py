"""What the present state forbids; input that can never be right raises Django's ValidationError instead."""

from django.utils.functional import Promise


class Conflict(Exception):
    """The rule is kept by refusing: nothing was changed.

    `code` is stable and for programs, `message` is a sentence for people. Pages show the message,
    the API answers 409 with both.
    """

    def __init__(self, message: str | Promise, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
