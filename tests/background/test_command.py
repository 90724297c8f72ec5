"""manage.py worker, as far as it needs no process of its own."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class


@pytest.mark.parametrize("option", ["--lease=0", "--lease=soon", "--interval=-1", "--lease=nan"])
def test_nonsense_is_refused_in_one_sentence(option: str) -> None:
    with pytest.raises(CommandError, match="give a number of seconds"):
        call_command("worker", option)


def test_queue_outside_the_database_has_its_own_worker(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    with pytest.raises(CommandError, match="outside the database"):
        call_command("worker", "--batch")


def test_help_names_every_option() -> None:
    command = load_command_class("projectgenius.background", "worker")
    text = command.create_parser("manage.py", "worker").format_help()
    for option in ("--lease", "--interval", "--queue", "--batch"):
        assert option in text


def test_unknown_queue_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'mails'"):
        call_command("worker", "--queue=mails", "--batch")
