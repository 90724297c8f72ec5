"""Everything that a person reads can be translated, and German is complete."""

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.functional import Promise

from tests.projectgenius.catalogue import GERMAN, Message, compiled, read
from tests.requirements import require

MESSAGES = read(GERMAN)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdrf%]|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")
# Words of the formal address. „Sie“ alone can begin a sentence about somebody else.
FORMAL = re.compile(r"\b(Ihnen|Ihren|Ihrem|Ihres|bitte|Bitte|haben Sie|können Sie|geben Sie|Geben Sie)\b")


def test_catalogue_says_what_it_is() -> None:
    header = GERMAN.read_text(encoding="utf-8").partition("\n\n")[0]
    assert "Language: de" in header
    for placeholder in ("PACKAGE", "FULL NAME", "YEAR", "LL@li.org", "fuzzy"):
        assert placeholder not in header


def test_every_message_is_translated() -> None:
    assert len(MESSAGES) > 1000
    assert [message.text for message in MESSAGES if not message.translations] == []
    assert [message.text for message in MESSAGES if not all(message.translations)] == []
    assert [message.text for message in MESSAGES if "fuzzy" in message.flags] == []
    assert [message.text for message in MESSAGES if message.plural and len(message.translations) != 2] == []


def test_no_message_is_there_twice() -> None:
    assert [key for key, times in Counter(message.key[:2] for message in MESSAGES).items() if times > 1] == []


def parts_that_must_agree(text: str) -> tuple[Counter[str], Counter[str], bool, bool]:
    return (
        Counter(PLACEHOLDER.findall(text)),
        Counter(TAG.findall(text)),
        text.startswith("\n"),
        text.endswith("\n"),
    )


def test_translations_keep_placeholders_and_tags() -> None:
    wrong = []
    for message in MESSAGES:
        originals = [parts_that_must_agree(text) for text in (message.text, message.plural) if text]
        for number, text in enumerate(message.translations):
            # The one thing of a singular may go without its number ("1 hour" and "an hour").
            allowed = originals if number == 0 else originals[-1:]
            if parts_that_must_agree(text) not in allowed:
                wrong.append((message.text, text))
    assert wrong == []


def test_translations_speak_informally_and_quote_in_german() -> None:
    wrong = []
    for message in MESSAGES:
        for text in message.translations:
            plain = TAG.sub("", text)
            is_quoted_wrong = (
                "”" in plain
                or plain.count("„") != plain.count("“")
                or (('"' in plain) and '"' not in message.text)
            )
            if is_quoted_wrong or FORMAL.search(plain):
                wrong.append(text)
    assert wrong == []


def test_compiled_catalogue_is_that_of_the_text() -> None:
    with GERMAN.with_suffix(".mo").open("rb") as file:
        found = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    found.pop("")
    assert found == compiled(MESSAGES), "run `make messages`"


def own_apps() -> list[AppConfig]:
    base = Path(settings.BASE_DIR)
    return [
        app for app in apps.get_app_configs() if Path(app.path).is_relative_to(base / app.name.split(".")[0])
    ]


def test_names_of_models_and_fields_are_translated_when_they_are_shown() -> None:
    """A text that is translated while the code is loaded stays in the language of that moment."""
    fixed: list[str] = []
    for app in own_apps():
        fixed += [app.label] * (app.label != "projectgenius" and not isinstance(app.verbose_name, Promise))
        for model in app.get_models():
            names = model._meta
            texts: dict[str, Any] = {"": names.verbose_name, "s": names.verbose_name_plural}
            for field in (*names.concrete_fields, *names.many_to_many):
                if field.model is model and not field.auto_created and not field.primary_key:
                    texts[f".{field.name}"] = field.verbose_name
                    if field.help_text:
                        texts[f".{field.name} help"] = field.help_text
                texts |= {f".{field.name} {key}": label for key, label in field.flatchoices}
            fixed += [names.label + name for name, text in texts.items() if not isinstance(text, Promise)]
    assert fixed == []


def calls_at_import(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that run when a module is loaded: outside of functions, and in what stands before their bodies."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from calls_at_import(node)


def test_nothing_is_translated_while_the_code_is_loaded() -> None:
    wrong = []
    for app in own_apps():
        for path in Path(app.path).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            now = {
                name.asname or name.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
                for name in node.names
                if name.name in ("gettext", "ngettext", "pgettext", "npgettext")
            }
            wrong += [
                f"{path.name}:{call.lineno}"
                for call in calls_at_import(tree)
                if isinstance(call.func, ast.Name) and call.func.id in now
            ]
    assert wrong == []


def test_catalogue_has_every_message_of_the_code_and_no_other(tmp_path: Path) -> None:
    require(shutil.which("xgettext") is not None, "xgettext is missing: apt-get install gettext")
    extracted = {message.key for message in extract(tmp_path)}
    listed = {message.key for message in MESSAGES}
    assert sorted(extracted - listed) == [], "run `make messages` and translate them"
    assert sorted(listed - extracted) == [], "run `make messages`"


def extract(folder: Path) -> list[Message]:
    """The messages of the code, collected in a copy of it."""
    base = Path(settings.BASE_DIR)
    for package in base.iterdir():
        if (package / "__init__.py").exists() and package.name != "tests":
            shutil.copytree(
                package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__", "locale")
            )
    shutil.copy(base / "manage.py", folder)
    (folder / "projectgenius" / "locale").mkdir()
    environment = {
        "PATH": os.environ["PATH"], "DEBUG": "True", "VAR_DIR": str(folder / "var"), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "makemessages", "-l", "de", "--no-location", "--no-obsolete"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return read(folder / "projectgenius" / "locale" / "de" / "LC_MESSAGES" / "django.po")
