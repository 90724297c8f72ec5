"""The languages that a coding question may have, and whether this site can run them now."""

from django.utils.translation import gettext as _

from assessments.judge.languages import LANGUAGES
from assessments.run_limits import off_sentence


def language_choices(present: str = "") -> list[tuple[str, str]]:
    """All known languages for a form, one that cannot run marked; `present` stays choosable, even unknown."""
    choices = [(code, _marked(code)) for code in LANGUAGES]
    return choices if not present or present in LANGUAGES else [*choices, (present, present)]


def _marked(code: str) -> str:
    name = name_of_language(code)
    return name if runs_here(code) else _("%(name)s (does not run here now)") % {"name": name}


def name_of_language(code: str) -> str:
    """How people call the language."""
    return LANGUAGES[code].name if code in LANGUAGES else code


def runs_here(code: str) -> bool:
    """Whether a worker of this site can run programs in the language; True as long as none has said."""
    return off_sentence(code) is None
