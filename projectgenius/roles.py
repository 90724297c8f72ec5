"""What the web role may do in a PostgreSQL database that another role owns, and whom a command works as."""

from typing import Any

from django.db.backends.signals import connection_created

READ_ONLY = ("django_migrations",)
INSERT_ONLY = ("audit_log",)


def grant_web_role(*, owner: Any, web_role: str) -> None:
    """Let `web_role` work with the rows, not with the tables; the audit log it can only add to.

    `owner` is a connection as the role that owns the tables. Can be run again after each migration.
    """
    with owner.cursor() as cursor:
        role = owner.ops.quote_name(web_role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table in READ_ONLY:
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}")
        for table in INSERT_ONLY:
            cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {role}")


def work_as_system() -> None:
    """From now on each connection of this process works as `system`: for commands, which nobody's request began."""
    connection_created.connect(_become_system, dispatch_uid="work_as_system")


def _become_system(connection: Any, **_kwargs: Any) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.role', 'system', false)")
