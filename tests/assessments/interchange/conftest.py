"""What tests of imports borrow from those of courses."""

from tests.courses.conftest import run_tasks

__all__ = ["run_tasks"]
