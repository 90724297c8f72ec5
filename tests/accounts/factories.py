"""Makes people for tests."""

from typing import Any

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from accounts.models import INSTRUCTORS, User

PASSWORD = "a-long-enough-password-17"


class UserFactory(factory.django.DjangoModelFactory):
    """A student with a confirmed address and the password `PASSWORD`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"student{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    full_name = factory.LazyAttribute(lambda user: user.username.replace("_", " ").title())
    email_verified = True

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        user: User = model_class.objects.create_user(**{"password": PASSWORD, **fields})
        return user

    @factory.post_generation
    def address(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        """The sign-in page asks allauth's own record of the address."""
        EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=self.email_verified)


class InstructorFactory(UserFactory):
    """A member of the group of instructors, who teaches nothing yet."""

    username = factory.Sequence(lambda number: f"instructor{number}")

    @factory.post_generation
    def role(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.groups.add(Group.objects.get_or_create(name=INSTRUCTORS)[0])


class AdminFactory(UserFactory):
    """An administrator."""

    username = factory.Sequence(lambda number: f"admin{number}")
    is_admin = True
