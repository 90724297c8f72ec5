"""Row-level security of PostgreSQL: the second line of defence, behind `visible_to` and `can_…`.

A table that has it shows rows only to whom its policy names. Who asks stands in two settings of the transaction,
`app.user_id` and `app.role` (`user`, `admin`, `system`); nothing set means no rows.
"""

from django.db import connection

from projectgenius.db import PostgreSQLOnly

ASKING_USER = "NULLIF(current_setting('app.user_id', true), '')::bigint"
COURSES_TAUGHT = f"""
    SELECT id FROM courses WHERE instructor_id = {ASKING_USER}
    UNION ALL
    SELECT course_id FROM course_helpers WHERE user_id = {ASKING_USER}
"""  # noqa: S608  (constants)


def row_security(table: str, *, rows: str, roles: tuple[str, ...] = ("system", "admin")) -> PostgreSQLOnly:
    """Migration step: show and take rows of `table` only where the SQL condition `rows` holds, but to `roles` all.

    `FORCE` includes the owner of the table: migrations and commands work as `system`.
    """
    known = ", ".join(f"'{role}'" for role in roles)
    return PostgreSQLOnly(
        sql=f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY {table}_rows ON {table}
                USING (current_setting('app.role', true) IN ({known}) OR {rows});
        """,
        reverse_sql=f"""
            DROP POLICY {table}_rows ON {table};
            ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def asking_role() -> str:
    """The role that the present session or transaction works under; empty when none is set, and on SQLite."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.role', true), '')")
        return str(cursor.fetchone()[0])
