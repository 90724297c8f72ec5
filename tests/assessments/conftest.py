"""What the tests of quizzes share."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.api_keys import issue_named_key
from accounts.models import User


@pytest.fixture
def key_client(db: None) -> Callable[[User, list[str]], APIClient]:
    """`key_client(user, ["read"])` asks with a new key of `user` that has these scopes."""

    def client_of(user: User, scopes: list[str]) -> APIClient:
        client = APIClient()
        _row, key = issue_named_key(user=user, name="Script", scopes=scopes)
        client.credentials(HTTP_X_API_KEY=key)
        return client

    return client_of
