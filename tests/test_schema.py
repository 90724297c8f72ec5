"""PostgreSQL's own catalogue, after the migrations, against the schema document.

What Django believes is not asked. More tables, columns, keys and checks than the document has are allowed;
the few columns of ours that a plain INSERT must name are told in `REQUIRED_OWN_COLUMNS`.

Not compared: what happens on delete (the document says it in prose, Django does it), the order of columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker

from tests.schema_document import DOCUMENT, Column, Index, Table, read_document

pytestmark = pytest.mark.django_db(databases="__all__")

TEXT = DOCUMENT.read_text(encoding="utf-8")
TABLES, INDEXES = read_document(TEXT)
COLUMNS = [(table.name, column) for table in TABLES.values() for column in table.columns.values()]

# The document gives one name to two indexes, which PostgreSQL refuses, and one that is too long for Django.
RENAMED_INDEXES = {
    ("assignment_submissions", "idx_submissions_status"): "idx_assignment_subm_status",
    ("user_achievements", "idx_user_achievements_achievement"): "idx_user_achievements_achiev",
}
# Under its documented name, with more columns behind the documented ones.
LONGER_INDEXES = {"idx_enrollments_course": ("course_id", "student_id")}
# No default can be right for these: an address of its own, and the course that the work belongs to.
REQUIRED_OWN_COLUMNS = {"courses": {"slug"}, "quizzes": {"course_id"}, "assignments": {"course_id"}}

TYPES = {
    "SERIAL": "bigint",
    "INTEGER": "integer",
    "TIMESTAMP": "timestamp with time zone",
    "BOOLEAN": "boolean",
    "TEXT": "text",
    "JSONB": "jsonb",
}

COLUMN_FACTS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           coalesce(pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    ORDER BY c.relname, a.attnum
"""
CONSTRAINT_FACTS = """
    SELECT t.relname, n.conname, n.contype,
           ARRAY(SELECT a.attname::text FROM unnest(n.conkey) WITH ORDINALITY k(number, place)
                 JOIN pg_attribute a ON a.attrelid = n.conrelid AND a.attnum = k.number ORDER BY k.place),
           coalesce(f.relname, ''),
           ARRAY(SELECT a.attname::text FROM unnest(n.confkey) WITH ORDINALITY k(number, place)
                 JOIN pg_attribute a ON a.attrelid = n.confrelid AND a.attnum = k.number ORDER BY k.place)
    FROM pg_constraint n
    JOIN pg_class t ON t.oid = n.conrelid
    LEFT JOIN pg_class f ON f.oid = n.confrelid
    WHERE n.convalidated AND t.relnamespace = 'public'::regnamespace
"""
# Only indexes that serve any search: B-trees of all rows, ordered as the columns' types are.
INDEX_FACTS = """
    SELECT t.relname, c.relname, i.indisunique,
           ARRAY(SELECT coalesce(a.attname::text, '(expression)')
                 FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
                 LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                 WHERE k.place <= i.indnkeyatts ORDER BY k.place)
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
    WHERE i.indisvalid AND i.indpred IS NULL AND t.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM unnest(i.indclass::oid[]) k(oid)
                      JOIN pg_opclass o USING (oid) WHERE NOT o.opcdefault)
"""


@dataclass(frozen=True)
class RealColumn:
    """A column as PostgreSQL has it; `default` is an expression, empty for none."""

    name: str
    type: str
    not_null: bool
    identity: str
    default: str


@dataclass(frozen=True)
class RealConstraint:
    """`kind` is p, u, f or c: primary key, unique, foreign key, check."""

    table: str
    name: str
    kind: str
    columns: tuple[str, ...]
    target: tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class RealIndex(Index):
    """An index as PostgreSQL has it."""

    unique: bool


@dataclass
class Catalogue:
    """What the migrated database has."""

    columns: dict[str, dict[str, RealColumn]]
    constraints: list[RealConstraint]
    indexes: list[RealIndex]
    default_values: dict[str, object]

    def keys(self, table: str, kind: str) -> list[RealConstraint]:
        """The constraints of one kind."""
        return [found for found in self.constraints if (found.table, found.kind) == (table, kind)]


def owner() -> BaseDatabaseWrapper:
    """The connection of the role that owns the tables, which may differ from the web's."""
    return connections["owner" if "owner" in connections else "default"]


@pytest.fixture(scope="module")
def catalogue(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Catalogue:
    if owner().vendor != "postgresql":
        pytest.skip("set DATABASE_URL to a PostgreSQL")
    with django_db_blocker.unblock(), owner().cursor() as cursor:
        columns: dict[str, dict[str, RealColumn]] = {}
        cursor.execute(COLUMN_FACTS)
        for table, *facts in cursor.fetchall():
            columns.setdefault(table, {})[facts[0]] = RealColumn(*facts)
        cursor.execute(CONSTRAINT_FACTS)
        constraints = [
            RealConstraint(table, name, kind, tuple(own), (target, tuple(others)))
            for table, name, kind, own, target, others in cursor.fetchall()
        ]
        cursor.execute(INDEX_FACTS)
        indexes = [
            RealIndex(name, table, tuple(own), unique) for table, name, unique, own in cursor.fetchall()
        ]
        values: dict[str, object] = {}
        for column in [
            column for table in TABLES for column in columns.get(table, {}).values() if column.default
        ]:
            cursor.execute(f"SELECT {column.default}")
            values[column.default] = cursor.fetchone()[0]
    return Catalogue(columns, constraints, indexes, values)


def each_table() -> pytest.MarkDecorator:
    """One test case for a table."""
    return pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))


def test_every_statement_of_the_document_is_read() -> None:
    assert len(TABLES) == 29
    assert len(INDEXES) == 65
    assert TEXT.count("CREATE ") == 29 + 65
    assert TEXT.count("\n    ") == len(COLUMNS) + 6, "the lines that are no column are keys"
    assert TEXT.count("DEFAULT ") == sum(column.default is not None for _, column in COLUMNS)
    assert TEXT.count("REFERENCES ") == sum(column.references is not None for _, column in COLUMNS)
    assert TEXT.count("UNIQUE") == sum(len(table.unique_keys) for table in TABLES.values())


@each_table()
def test_table_has_the_documented_columns(catalogue: Catalogue, table: Table) -> None:
    assert table.name in catalogue.columns, f"there is no table {table.name}"
    missing = set(table.columns) - set(catalogue.columns[table.name])
    assert not missing, f"{table.name} lacks {', '.join(sorted(missing))}"


@each_table()
def test_columns_have_the_documented_types(catalogue: Catalogue, table: Table) -> None:
    found = catalogue.columns[table.name]
    assert not [
        f"{table.name}.{name}: {column.type} asks for {real_type(column)}, found {found[name].type}"
        for name, column in table.columns.items()
        if found[name].type != real_type(column)
    ]


@each_table()
def test_only_serial_columns_are_numbered_by_the_database(catalogue: Catalogue, table: Table) -> None:
    """By default, not always: copied rows keep their numbers."""
    found = catalogue.columns[table.name]
    assert {name for name in table.columns if found[name].identity == "d"} == {
        name for name, column in table.columns.items() if column.type == "SERIAL"
    }


@each_table()
def test_columns_may_be_empty_as_documented(catalogue: Catalogue, table: Table) -> None:
    """A column with a default is NOT NULL, also where the document does not say so."""
    found = catalogue.columns[table.name]
    assert not [
        f"{table.name}.{name}: NOT NULL is {found[name].not_null}"
        for name, column in table.columns.items()
        if found[name].not_null
        != (column.not_null or column.default is not None or name in table.primary_key)
    ]


@each_table()
def test_columns_have_the_documented_defaults(catalogue: Catalogue, table: Table) -> None:
    found = catalogue.columns[table.name]
    wrong = []
    for name, column in table.columns.items():
        real = found[name].default
        if column.default == "CURRENT_TIMESTAMP":
            same = real == "statement_timestamp()"
        elif column.default is None:
            same = not real
        else:
            same = bool(real) and comparable(catalogue.default_values[real]) == documented_value(
                column.default
            )
        if not same:
            wrong.append(f"{table.name}.{name}: DEFAULT {column.default}, found {real or 'none'}")
    assert not wrong


@each_table()
def test_plain_insert_need_not_know_our_own_columns(catalogue: Catalogue, table: Table) -> None:
    found = catalogue.columns[table.name]
    needed = {name for name, column in found.items() if is_required(column)} - set(table.columns)
    assert needed == REQUIRED_OWN_COLUMNS.get(table.name, set())


@each_table()
def test_table_has_the_documented_keys(catalogue: Catalogue, table: Table) -> None:
    assert [key.columns for key in catalogue.keys(table.name, "p")] == [table.primary_key]
    unique = {key.columns for key in catalogue.keys(table.name, "u")}
    missing = [key for key in table.unique_keys if key not in unique]
    assert not missing, f"{table.name}: not unique: {missing}"


@each_table()
def test_table_has_the_documented_foreign_keys(catalogue: Catalogue, table: Table) -> None:
    found = {key.columns: key.target for key in catalogue.keys(table.name, "f")}
    wrong = []
    for name, column in table.columns.items():
        documented = (column.references[0], (column.references[1],)) if column.references else None
        if found.get((name,)) != documented:
            wrong.append(f"{table.name}.{name}: references {documented}, found {found.get((name,))}")
    assert not wrong


@pytest.mark.parametrize("index", INDEXES, ids=[f"{index.table}-{index.name}" for index in INDEXES])
def test_documented_index_exists_or_another_serves(catalogue: Catalogue, index: Index) -> None:
    """It may be missing only where a unique key or a longer index starts with its columns."""
    name = RENAMED_INDEXES.get((index.table, index.name), index.name)
    columns = LONGER_INDEXES.get(index.name, index.columns)
    own = [found for found in catalogue.indexes if found.table == index.table]
    if named := [found for found in own if found.name == name]:
        assert named[0].columns == columns
        return
    assert (index.table, index.name) not in RENAMED_INDEXES, f"there is no index {name}"
    width = len(index.columns)
    assert [
        found
        for found in own
        if found.columns[:width] == index.columns and (found.unique or len(found.columns) > width)
    ], f"no index {name} on {index.table}{index.columns}, and no unique key or longer index in its place"


def checked_columns() -> Iterator[tuple[str, str, list[object], list[object]]]:
    """Each documented limit as table, column, what is accepted, and what is refused."""
    for table, column in COLUMNS:
        if listed := column.listed_values:
            yield table, column.name, [*listed], ["unheard-of", "", listed[0].swapcase()]
        elif column.is_percentage:
            yield table, column.name, [0, 50, 100], [Decimal("-0.01"), Decimal("100.01")]
        elif column.check:
            assert column.check == "rating >= 1 AND rating <= 5", "a check that these tests do not know"
            yield table, column.name, [1, 2, 3, 4, 5], [0, 6, -1]


CHECKED = list(checked_columns())


def test_the_document_limits_fifteen_columns() -> None:
    assert len(CHECKED) == 15


@pytest.mark.parametrize(("table", "column", "good", "bad"), CHECKED, ids=[f"{c[0]}.{c[1]}" for c in CHECKED])
def test_database_refuses_a_value_outside_the_document(
    catalogue: Catalogue, table: str, column: str, good: list[object], bad: list[object]
) -> None:
    checks = {check.name for check in catalogue.keys(table, "c") if column in check.columns}
    assert checks, f"{table}.{column} has no check"
    for value in good:
        insert(catalogue, table, **{column: value})
    for value in bad:
        with pytest.raises(IntegrityError) as refusal, transaction.atomic(using=owner().alias):
            insert(catalogue, table, **{column: value})
        diagnosis = refusal.value.__cause__.diag  # type: ignore[union-attr]
        assert diagnosis.constraint_name in checks, f"{value!r} was refused by another: {refusal.value}"


SERIAL_NUMBERS = count(1)


def insert(catalogue: Catalogue, table: str, **values: Any) -> Any:
    """Insert a row with as few values as needed, after the rows it refers to; its first column."""
    parents = {key.columns[0]: key.target[0] for key in catalogue.keys(table, "f")}
    for column in catalogue.columns[table].values():
        if is_required(column) and column.name not in values:
            values[column.name] = (
                insert(catalogue, parents[column.name])
                if column.name in parents
                else sample(TABLES[table].columns.get(column.name), column)
            )
    key = next(iter(catalogue.columns[table]))
    with owner().cursor() as cursor:
        cursor.execute("SELECT set_config('app.role', 'system', true)")  # whom the policies on rows let write
        names, places = ", ".join(values), ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {key}", [*values.values()])
        return cursor.fetchone()[0]


def sample(documented: Column | None, column: RealColumn) -> object:
    """Any acceptable value, different each time where a text is free."""
    if documented and documented.listed_values:
        return documented.listed_values[0]
    if column.type.startswith(("character", "text")):
        return f"{column.name}-{next(SERIAL_NUMBERS)}"
    return {"jsonb": "{}", "boolean": True}.get(column.type, 1)


def is_required(column: RealColumn) -> bool:
    """Whether an INSERT must name it."""
    return column.not_null and not column.default and not column.identity


def real_type(column: Column) -> str:
    """The type that PostgreSQL has for the document's; keys and references are wide."""
    if column.references:
        return "bigint"
    name, bracket, size = column.type.partition("(")
    sized = {"VARCHAR": "character varying", "DECIMAL": "numeric"}
    return sized[name] + bracket + size if bracket else TYPES[column.type]


def documented_value(default: str) -> tuple[str, object]:
    """The value that the document's DEFAULT stands for."""
    if default in ("TRUE", "FALSE"):
        return comparable(default == "TRUE")
    return comparable(default.strip("'") if default.startswith("'") else Decimal(default))


def comparable(value: object) -> tuple[str, object]:
    """A value that equals only its own kind: 0 and 0.00 are one, 0 and FALSE are not."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return type(value).__name__, value
    return "number", Decimal(value)
