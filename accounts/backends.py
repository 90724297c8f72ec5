"""How a signed-in person is found again at each request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from accounts.models import User


class SignInBackend(AuthenticationBackend):
    """Signs in by username or email; brings the person's roles along in the one query a request needs."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        self._asked: set[Any] = set()
        return super().authenticate(request, **credentials)

    def _check_password(self, user: AbstractBaseUser | None, password: str) -> AbstractBaseUser | None:
        """Hash a password once for each person.

        Who is found by address first and by username then would take twice as long: that would tell an account.
        """
        if user is not None and user.pk in self._asked:
            return None
        if user is not None:
            self._asked.add(user.pk)
        return super()._check_password(user, password)

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.active().with_roles().filter(pk=user_id).first()
