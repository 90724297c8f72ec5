"""The plan of the house: who may import whom, and what no file may hold. A rule lists all that breaks it."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

BASE: Path = settings.BASE_DIR
PACKAGES = {path.parent.name for path in BASE.glob("*/__init__.py")}
DEMO_MATERIAL = "projectgenius/demo/courses/"

# What gathers all apps; nothing else imports it.
ROOT = {"settings", "urls", "pages", "management", "operations", "demo"}
# What each part may import beside itself: other parts, or one module of them. The root and tests may all.
FOUNDATION = {"foundation", "projectgenius.background"}
MAY_IMPORT: dict[str, set[str]] = {
    "foundation": set(),
    "projectgenius.background": {"foundation"},
    "projectgenius.health": FOUNDATION,
    "accounts": FOUNDATION,
    "courses": FOUNDATION | {"accounts"},
    "assessments": FOUNDATION | {"accounts", "courses"},
    "assignments": FOUNDATION | {"accounts", "courses"},
    "studytools": FOUNDATION | {"accounts", "courses", "assessments"},
    "legacy": FOUNDATION | {"accounts", "assessments.judge"},
    "community": FOUNDATION
    | {"accounts", "courses", "assessments", "assignments", "studytools.signals", "legacy.signals"},
}

LINES_OF_A_FILE = 400
LINES_OF_A_VIEW = 15
LENGTH_OF_A_LINE = 500
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "services"}
# Who may call a text safe HTML, and why it then is.
MAKERS_OF_SAFE_HTML = {
    "projectgenius/markdown": "cleans what people write before it is shown",
    "projectgenius/templatetags/": "draws icons and form fields from parts that are escaped one by one",
    "projectgenius/covers.py": "draws pictures from numbers",
}

SAFE_FILTER = re.compile(r"\|\s*safe(?:seq)?\b|autoescape off")
TEMPLATE_TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)[^>]*>|<style\b|<[a-z][^<>]*\s(?:style|on[a-z]+)\s*=|javascript:", re.IGNORECASE
)
OWN_FOLDER = re.compile(r"(?<![\w.])/(?:(?:home|Users|work)/\w|root/)")
FOREIGN = re.compile(
    r"Licensed under|@license|@preserve|Copyright \(c\)|SPDX-License|[#@] ?sourceMappingURL=\w", re.IGNORECASE
)


def files(*suffixes: str) -> Iterator[tuple[str, Path]]:
    """The project's own files, each with its name from the top; without the courses of the demo."""
    folders = [BASE / name for name in sorted(PACKAGES | {"docs"})]
    for path in [*BASE.iterdir(), *(path for folder in folders for path in folder.rglob("*"))]:
        name = path.relative_to(BASE).as_posix()
        if path.is_file() and path.suffix in suffixes and not name.startswith(DEMO_MATERIAL):
            yield name, path


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """The project's Python files, parsed."""
    return [(name, ast.parse(path.read_bytes(), name)) for name, path in files(".py")]


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """The project's own files as texts, without this one, which names what it forbids."""
    for name, path in files(*suffixes):
        if path != Path(__file__):
            yield name, path.read_text(encoding="utf-8")


def word(node: ast.AST) -> str:
    """The last word of a name: `b` of `a.b`; empty for anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def places(name: str, text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """Where a pattern stands in a text, as `file:line: what`."""
    for found in pattern.finditer(text):
        yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {' '.join(found[0].split())}"


def none(found: Iterable[str]) -> None:
    """Fail with the whole list."""
    if listed := sorted(set(found)):
        pytest.fail("\n".join(listed), pytrace=False)


def area(module: str) -> str:
    """The part of the house that a module belongs to."""
    package, _, rest = module.partition(".")
    if package != "projectgenius":
        return package
    first = rest.partition(".")[0]
    if first in ROOT:
        return "root"
    return f"projectgenius.{first}" if f"projectgenius.{first}" in MAY_IMPORT else "foundation"


def may_import(importer: str, imported: str) -> bool:
    """Whether an area may import a module."""
    if importer in ("root", "tests", "manage") or importer == area(imported):
        return True
    return any(
        area(imported) == part or f"{imported}.".startswith(f"{part}.") for part in MAY_IMPORT[importer]
    )


def imported_names(name: str, node: ast.Import | ast.ImportFrom) -> list[str]:
    """The dotted names that a statement imports, relative ones written out."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    above = Path(name).parts[: -node.level] if node.level else ()
    module = ".".join([*above, *filter(None, [node.module])])
    return [f"{module}.{alias.name}" for alias in node.names]


def test_every_package_has_its_place_in_the_plan() -> None:
    planned = {part for part in MAY_IMPORT if "." not in part} - {"foundation"}
    assert planned | {"projectgenius", "tests"} == PACKAGES


def test_imports_point_in_one_direction() -> None:
    none(
        f"{name}:{node.lineno}: {area(module)} must not import {imported}"
        for name, tree in modules()
        for module in [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for imported in imported_names(name, node)
        if imported.partition(".")[0] in PACKAGES and not may_import(area(module), imported)
    )


def test_no_import_hides_in_a_function() -> None:
    """But in an AppConfig's `ready`, which Django calls when all models are there, and in tests."""
    none(
        f"{name}:{node.lineno}: import inside {function.name}"
        for name, tree in modules()
        if not name.startswith("tests/")
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and not (function.name == "ready" and name.endswith("apps.py"))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def test_files_are_short() -> None:
    none(
        f"{name}: {lines} lines"
        for name, text in texts(".py", ".html", ".css", ".js")
        if "/migrations/" not in name and (lines := len(text.splitlines())) >= LINES_OF_A_FILE
    )


def test_views_are_thin() -> None:
    none(
        f"{name}:{function.lineno}: {function.name} has {lines} lines"
        for name, tree in modules()
        if (name.endswith("views.py") or "/views/" in name) and not name.startswith("tests/")
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := body_lines(function)) >= LINES_OF_A_VIEW
    )


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function from its first statement on, without its docstring."""
    body = function.body[1 if ast.get_docstring(function) is not None else 0 :]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_names_say_what_is_inside() -> None:
    none(name for name, path in files(".py") if NAMES_THAT_SAY_NOTHING & {*Path(name).parts, path.stem})


def test_serializers_and_forms_name_their_fields() -> None:
    none(
        f"{name}:{node.lineno}: fields are not named"
        for name, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.keyword) and str(node.arg).endswith("fields"))
        or (isinstance(node, ast.Assign) and any(word(target).endswith("fields") for target in node.targets))
        if isinstance(node.value, ast.Constant) and node.value.value == "__all__"
    )


def test_only_a_few_files_make_safe_html() -> None:
    makers = tuple(MAKERS_OF_SAFE_HTML)
    none(
        f"{name}:{node.lineno}: calls a text safe"
        for name, tree in modules()
        if not name.startswith(makers)
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
        and (word(node) == "mark_safe" or (isinstance(node, ast.Call) and word(node.func) == "SafeString"))
    )
    none(place for name, text in texts(".html") for place in places(name, text, SAFE_FILTER))


def test_templates_have_nothing_inline() -> None:
    """The content security policy lets no inline script or style run."""
    none(
        place
        for name, text in texts(".html")
        for place in places(name, TEMPLATE_TAG.sub(blank, text), INLINE)
    )


def blank(found: re.Match[str]) -> str:
    """As many lines as were there, and nothing on them."""
    return " " + "\n" * found[0].count("\n")


def test_no_file_knows_where_it_was_written() -> None:
    kinds = (".py", ".html", ".css", ".js", ".md", ".txt", ".toml", ".yaml", ".yml", ".lock")
    none(place for name, text in texts(*kinds) for place in places(name, text, OWN_FOLDER))


def test_nothing_foreign_is_copied_in() -> None:
    """Other people's code comes as a package."""
    code = list(texts(".py", ".html", ".css", ".js"))
    none(place for name, text in code for place in places(name, text, FOREIGN))
    none(name for name, _ in code if ".min." in name or {"vendor", "node_modules"} & {*Path(name).parts})
    none(
        f"{name}: is minified"
        for name, text in texts(".css", ".js")
        if max(map(len, text.splitlines()), default=0) > LENGTH_OF_A_LINE
    )
