"""The cast: who asks, and for what."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts.api_keys import issue_api_key
from accounts.models import User
from courses.models import Course
from tests.accounts.factories import AdminFactory, InstructorFactory, UserFactory
from tests.courses.factories import EnrollmentFactory, make_course
from tests.identity import be_the_system_again, be_the_system_between_requests
from tests.outside import empty_tables_when_quiet, end_sessions

if settings.POSTGRESQL:
    be_the_system_between_requests()

if "owner" in settings.DATABASES:

    @pytest.fixture(scope="session")
    def django_db_setup(
        django_test_environment: None,
        django_db_modify_db_settings: None,
        django_db_blocker: DjangoDbBlocker,
    ) -> Iterator[None]:
        """The owner makes the database; the web role runs the tests, and may empty tables between them."""
        web = connections["default"].settings_dict
        with django_db_blocker.unblock():
            made = setup_databases(verbosity=0, interactive=False, aliases={"default", "owner"})
            with connections["owner"].cursor() as cursor:
                cursor.execute(f'GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO "{web["USER"]}"')
        web["TEST"]["MIRROR"] = None  # Django would not empty the tables of a mirror
        yield
        with django_db_blocker.unblock():
            end_sessions()
            teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True, scope="session")
def _patient_emptying() -> Iterator[None]:
    """Tests that commit are cleaned up after once their last requests have ended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables_when_quiet)
        yield


@pytest.fixture(autouse=True)
def _own_identity() -> None:
    """No test inherits a broken-off request of another, in whose place PostgreSQL would hide the rows from it."""
    be_the_system_again()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Limits count in the cache; no test inherits another's tries."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def student(db: None) -> User:
    """Signed up, enrolled in nothing."""
    return UserFactory(username="student")


@pytest.fixture
def instructor(db: None) -> User:
    """Teaches `course`."""
    return InstructorFactory(username="instructor")


@pytest.fixture
def other_instructor(db: None) -> User:
    """Teaches, but not `course`."""
    return InstructorFactory(username="other_instructor")


@pytest.fixture
def admin_user(db: None) -> User:
    """An administrator."""
    return AdminFactory(username="admin")


@pytest.fixture
def course(instructor: User) -> Course:
    """Published and free: 2 modules of 2 published lessons, the first a preview, and one lesson in draft."""
    return make_course(title="Counting for beginners", slug="counting", instructor=instructor)


@pytest.fixture
def enrolled_student(course: Course) -> User:
    """Has an open enrollment in `course`."""
    return EnrollmentFactory(student=UserFactory(username="enrolled_student"), course=course).student


@pytest.fixture
def login() -> Callable[[User], Client]:
    """`login(user)` gives a browser in which `user` is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="accounts.backends.SignInBackend")
        return client

    return sign_in


@pytest.fixture
def api(db: None) -> Callable[..., APIClient]:
    """`api()` asks as nobody, `api(user)` with a session, `api(user, key=True)` with the user's API key."""

    def client_of(user: User | None = None, *, key: bool = False) -> APIClient:
        client = APIClient()
        if user and key:
            client.credentials(HTTP_AUTHORIZATION=f"Api-Key {issue_api_key(user=user, by=user)}")
        elif user:
            client.force_login(user, backend="accounts.backends.SignInBackend")
        return client

    return client_of


@pytest.fixture
def statements() -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as seen:` collects the SQL of a block; afterwards `len(seen)` counts it.

    Left out: what begins and ends transactions, and what tells PostgreSQL who asks. So both databases count alike.
    """

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []
        with CaptureQueriesContext(connection) as captured:
            yield seen
        overhead = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SELECT set_config")
        seen += [query["sql"] for query in captured if not query["sql"].startswith(overhead)]

    return collect
