"""Indexes that let the catalogue search inside texts (`UPPER(title) LIKE …`) without reading every row."""

from django.db import migrations

from projectgenius.db import PostgreSQLOnly


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_courses")]

    operations = [
        PostgreSQLOnly("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        PostgreSQLOnly(
            "CREATE INDEX idx_courses_search ON courses "
            "USING gin (UPPER(title) gin_trgm_ops, UPPER(outcome) gin_trgm_ops, UPPER(category) gin_trgm_ops)",
            "DROP INDEX idx_courses_search",
        ),
    ]
