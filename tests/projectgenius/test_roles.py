"""What `migrate` gives the web role in a database that another role owns."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction

from projectgenius.roles import INSERT_ONLY, READ_ONLY, grant_web_role

pytestmark = [
    pytest.mark.skipif(
        "owner" not in settings.DATABASES,
        reason="needs two roles: set DATABASE_URL (the web role) and DATABASE_OWNER_URL to a PostgreSQL",
    ),
    pytest.mark.django_db(
        transaction=True, databases=["default", "owner"] if "owner" in settings.DATABASES else None
    ),
]
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@pytest.fixture
def granted() -> Iterator[dict[str, set[str]]]:
    """The web role's rights to each table after it got them anew; undone afterwards."""
    web = settings.DATABASES["default"]["USER"]
    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{web}"')
        grant_web_role(owner=owner, web_role=web)
        grant_web_role(owner=owner, web_role=web)
        yield rights(cursor, web)
        transaction.set_rollback(True, using="owner")


def rights(cursor: Any, web: str) -> dict[str, set[str]]:
    """The rights that the role has to each table."""
    found: dict[str, set[str]] = {}
    for right in RIGHTS:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND has_table_privilege(%s, oid, %s)",
            [web, right],
        )
        for (table,) in cursor.fetchall():
            found.setdefault(table, set()).add(right)
    return found


def test_web_role_works_with_rows_and_not_with_tables(granted: dict[str, set[str]]) -> None:
    assert len(granted) > 29
    for table, found in granted.items():
        if table in READ_ONLY:
            assert found == {"SELECT"}
        elif table in INSERT_ONLY:
            assert found == {"SELECT", "INSERT"}
        else:
            assert found == {"SELECT", "INSERT", "UPDATE", "DELETE"}, table
