"""The audit log refuses changes, whoever asks; the group that makes an instructor exists."""

from typing import Any

from django.db import migrations

from projectgenius.db import PostgreSQLOnly

CREATE = """
CREATE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_log_change();
"""
DROP = """
DROP TRIGGER audit_log_append_only ON audit_log;
DROP FUNCTION refuse_audit_log_change();
"""


def make_group(apps: Any, schema_editor: Any) -> None:
    """Make the group Instructors, unless it is there."""
    group = apps.get_model("auth", "Group")
    group.objects.using(schema_editor.connection.alias).get_or_create(name="Instructors")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people")]

    operations = [
        PostgreSQLOnly(CREATE, DROP),
        migrations.RunPython(make_group, migrations.RunPython.noop),
    ]
