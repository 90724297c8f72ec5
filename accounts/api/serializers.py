"""People as the API shows them."""

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import LONGEST_BIO, InstructorRequest, User
from accounts.permissions import can_read_profile
from accounts.profiles import change_profile, prepared_picture, remove_picture, set_picture
from accounts.requests_to_teach import ask_to_teach
from projectgenius.api.serializers import ServerFields
from projectgenius.links import validate_link

NEVER_GIVEN_OUT = (
    "password",
    "password_hash",
    "api_key",
    "is_staff",
    "is_superuser",
    "groups",
    "permissions",
    "user_permissions",
)


class ProfileSerializer(ServerFields, serializers.ModelSerializer[User]):
    """Everything that a person is told of oneself. Name, biography and picture can be changed."""

    display_name = serializers.CharField(
        read_only=True, help_text="The full name, or the username without one."
    )
    picture = serializers.FileField(
        write_only=True,
        allow_null=True,
        required=False,
        help_text="PNG, JPEG, WebP or GIF, sent as multipart/form-data; null removes the picture.",
    )
    picture_path = serializers.SerializerMethodField(help_text="The path of this site that shows it.")
    bio = serializers.CharField(max_length=LONGEST_BIO, allow_blank=True, allow_null=True, required=False)
    avatar_url = serializers.CharField(
        max_length=255,
        allow_blank=True,
        allow_null=True,
        required=False,
        validators=[validate_link],
        help_text="An address that starts with http:// or https://, or a path of this site.",
    )
    is_instructor = serializers.BooleanField(read_only=True)
    has_second_factor = serializers.BooleanField(
        read_only=True, help_text="Whether an app's codes or a passkey are set up."
    )

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "email",
            "display_name",
            "full_name",
            "bio",
            "avatar_url",
            "picture",
            "picture_path",
            "language",
            "time_zone",
            "is_profile_public",
            "email_verified",
            "is_active",
            "is_instructor",
            "is_admin",
            "has_second_factor",
            "last_login",
            "created_at",
            "updated_at",
        )
        read_only_fields = (
            "username",
            "email",
            "email_verified",
            "is_active",
            "is_admin",
            "last_login",
            "created_at",
            "updated_at",
        )
        server_only = NEVER_GIVEN_OUT

    def validate_picture(self, upload: Any) -> ContentFile[bytes] | None:
        """What is kept of an uploaded picture."""
        return prepared_picture(upload) if upload else None

    def get_picture_path(self, person: User) -> str | None:
        return _picture_path(person)

    @transaction.atomic
    def update(self, person: User, values: dict[str, Any]) -> User:
        """Write the changed columns alone: a key rotated meanwhile must not come back."""
        if "picture" in values:
            if picture := values.pop("picture"):
                set_picture(user=person, picture=picture, by=person)
            else:
                remove_picture(user=person, by=person)
        change_profile(user=person, values=values, by=person)
        return person


def _picture_path(person: User) -> str | None:
    return person.picture_address if person.picture else None


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person as others see the row: name, picture, address. `profile` is there for oneself and for admins."""

    display_name = serializers.CharField(read_only=True)
    picture_path = serializers.SerializerMethodField(
        help_text="The path of this site that shows the picture."
    )
    profile = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "display_name", "avatar_url", "picture_path", "email", "profile")
        read_only_fields = fields

    def get_picture_path(self, person: User) -> str | None:
        return _picture_path(person)

    @extend_schema_field(ProfileSerializer(allow_null=True))
    def get_profile(self, person: User) -> dict[str, Any] | None:
        """The whole profile, or null for those who may not read it."""
        if not can_read_profile(self.context["request"].user, person):
            return None
        return dict(ProfileSerializer(person, context=self.context).data)


class RequestToTeachSerializer(ServerFields, serializers.ModelSerializer[InstructorRequest]):
    """A wish to become an instructor, and the answer of an administrator."""

    class Meta:
        model = InstructorRequest
        fields = ("id", "user", "motivation", "status", "answer", "decided_at", "created_at")
        read_only_fields = ("user", "status", "answer", "decided_at", "created_at")
        own = ("user",)
        server_only = ("decided_by",)

    def create(self, values: dict[str, Any]) -> InstructorRequest:
        return ask_to_teach(user=self.context["request"].user, motivation=values["motivation"])
