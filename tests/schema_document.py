"""Reads the SQL of the schema document. Strict: what it does not understand, it refuses."""

import re
from dataclasses import dataclass, field
from pathlib import Path

DOCUMENT = Path(__file__).with_name("schema_document.md")

STATEMENT = re.compile(r"^CREATE .*?;$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"CREATE TABLE (\w+) \(\n(.*)\n\);", re.DOTALL)
INDEX = re.compile(r"CREATE INDEX (\w+) ON (\w+)\(([\w, ]+)\);")
KEY = re.compile(r"(UNIQUE|PRIMARY KEY) ?\(([\w, ]+)\)")
COLUMN = re.compile(r"(\w+) ([A-Z]+(?:\(\d+(?:,\d+)?\))?)")
CLAUSES = {
    "primary_key": re.compile(r" PRIMARY KEY"),
    "unique": re.compile(r" UNIQUE"),
    "not_null": re.compile(r" NOT NULL"),
    "default": re.compile(r" DEFAULT ('[^']*'|[\w.]+)"),
    "references": re.compile(r" REFERENCES (\w+)\((\w+)\)"),
    "check": re.compile(r" CHECK \((.*)\)"),
}
LISTED = re.compile(r"'(\w+)'")


@dataclass(frozen=True)
class Column:
    """A column as the document declares it; `comment` is what stands behind `--`."""

    name: str
    type: str
    comment: str = ""
    primary_key: bool = False
    unique: bool = False
    not_null: bool = False
    default: str | None = None
    references: tuple[str, str] | None = None
    check: str | None = None

    @property
    def listed_values(self) -> list[str]:
        """The values that the comment lists, and no others are meant: `-- 'easy', 'medium', 'hard'`."""
        return LISTED.findall(self.comment)

    @property
    def is_percentage(self) -> bool:
        """Whether the comment says that the number is one of a hundred."""
        return self.comment in ("0-100%", "percentage")


@dataclass
class Table:
    """A table with its columns in order, and its keys as tuples of column names."""

    name: str
    columns: dict[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    unique_keys: list[tuple[str, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Index:
    """An index with the columns in order."""

    name: str
    table: str
    columns: tuple[str, ...]


def read_document(text: str) -> tuple[dict[str, Table], list[Index]]:
    """The tables by name, and the indexes, of all statements in `text`; ValueError for anything else."""
    tables: dict[str, Table] = {}
    indexes: list[Index] = []
    for statement in STATEMENT.findall(text):
        if found := TABLE.fullmatch(statement):
            tables[found[1]] = read_table(found[1], found[2])
        elif found := INDEX.fullmatch(statement):
            indexes.append(Index(found[1], found[2], names(found[3])))
        else:
            raise ValueError(f"not understood: {statement}")
    return tables, indexes


def read_table(name: str, body: str) -> Table:
    """The table whose declaration has one column or key a line."""
    table = Table(name)
    for line in body.splitlines():
        declaration, _, comment = (part.strip() for part in line.partition("--"))
        declaration = declaration.removesuffix(",")
        if key := KEY.fullmatch(declaration):
            if key[1] == "UNIQUE":
                table.unique_keys.append(names(key[2]))
            else:
                table.primary_key = names(key[2])
            continue
        column = read_column(declaration, comment)
        table.columns[column.name] = column
        if column.primary_key:
            table.primary_key = (column.name,)
        if column.unique:
            table.unique_keys.append((column.name,))
    return table


def read_column(declaration: str, comment: str) -> Column:
    """The column in `declaration`, whose clauses may stand in any order."""
    start = COLUMN.match(declaration)
    if not start:
        raise ValueError(f"not understood: {declaration}")
    rest = declaration[start.end() :]
    facts: dict[str, object] = {}
    for clause, pattern in CLAUSES.items():
        if found := pattern.search(rest):
            groups = found.groups()
            facts[clause] = groups if len(groups) > 1 else groups[0] if groups else True
            rest = rest[: found.start()] + rest[found.end() :]
    if rest:
        raise ValueError(f"not understood: {rest!r} in {declaration!r}")
    return Column(start[1], start[2], comment, **facts)  # type: ignore[arg-type]


def names(text: str) -> tuple[str, ...]:
    """`a, b` as a tuple."""
    return tuple(name.strip() for name in text.split(","))
