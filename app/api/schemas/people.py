"""People, their sessions and their scripts' tokens, on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.api.schemas.instant import Time
from app.api.schemas.node import END, MISSING, WholeNumber
from app.api.schemas.search import Said
from app.domain.identity import password
from app.domain.identity.permissions import Role
from app.domain.identity.person import NAME

ROLE = validate.OneOf(list(Role), error="must be viewer, operator or admin")
NAMED = validate.Regexp(
    f"^{NAME.pattern}{END}",
    error="must be 1-64 letters, digits and . _ @ + -, beginning with a letter or digit",
)
SHOWN_NAME = validate.And(
    validate.Length(1, 64, error="must be 1-64 characters"),
    validate.Predicate("isprintable", error="must hold printable characters only"),
)
PASSWORD = validate.Length(0, password.LONGEST, error=f"must be at most {password.LONGEST} characters")
CODE = validate.Length(0, 12, error="must be the 6 digits that the app shows")


class SignInSchema(Said):
    """Name and password, with the code of the authenticator app if the account needs one."""

    name = fields.String(required=True, validate=SHOWN_NAME, error_messages=MISSING)
    password = fields.String(required=True, validate=PASSWORD, error_messages=MISSING)
    code = fields.String(load_default="", validate=CODE)

    @post_load
    def tidy(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Apps show a code in two groups, and people copy the space."""
        return {**data, "code": data["code"].replace(" ", "")}


class LinkSchema(Said):
    """What follows # in a sign-in link."""

    token = fields.String(
        required=True, validate=validate.Length(1, 100, error="must be at most 100 characters"), error_messages=MISSING
    )


class PersonSchema(Schema):
    """Who is signed in."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=ROLE)
    has_password = fields.Boolean(data_key="hasPassword", required=True)
    totp = fields.Boolean(required=True)


class SessionSchema(Schema):
    """Whether somebody is signed in, and who."""

    signedIn = fields.Boolean(required=True)  # noqa: N815
    auth = fields.String(required=True, validate=validate.OneOf(["on", "off"]))
    user = fields.Nested(PersonSchema)
    csrfToken = fields.String(metadata={"description": "Send it as X-CSRF-Token with every change."})  # noqa: N815


class SignedOutSchema(Schema):
    """The session has ended."""

    signedIn = fields.Boolean(required=True)  # noqa: N815


class EndedSchema(Schema):
    """How many sessions have ended."""

    ended = fields.Integer(required=True)


class NewPasswordSchema(Said):
    """The current password is needed if there is one."""

    current = fields.String(load_default="", validate=PASSWORD)
    new = fields.String(required=True, validate=PASSWORD, error_messages=MISSING)


class CodeSchema(Said):
    """A code of the authenticator app."""

    code = fields.String(required=True, validate=CODE, error_messages=MISSING)

    @post_load
    def tidy(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Apps show a code in two groups, and people copy the space."""
        return {"code": data["code"].replace(" ", "")}


class TotpSecretSchema(Schema):
    """For the authenticator app; shown this once."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class NewUserSchema(Said):
    """A new user."""

    name = fields.String(required=True, validate=NAMED, error_messages=MISSING)
    role = fields.Enum(Role, by_value=True, required=True, error_messages={**MISSING, "unknown": ROLE.error})


class UserChangeSchema(Said):
    """What shall be different."""

    role = fields.Enum(Role, by_value=True, load_default=None, error_messages={**MISSING, "unknown": ROLE.error})
    disabled = fields.Boolean(load_default=None, error_messages=MISSING)

    @validates_schema
    def something(self, data: dict[str, Any], **_: object) -> None:
        """An empty change is a mistake."""
        if data.get("role") is None and data.get("disabled") is None:
            raise ValidationError("must be there, or disabled", "role")


class UserSchema(Schema):
    """A user. `signInLink` is shown once, when it is made."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=ROLE)
    created_at = Time(data_key="createdAt", required=True)
    last_seen_at = Time(data_key="lastSeenAt", required=True, allow_none=True)
    has_password = fields.Boolean(data_key="hasPassword", required=True)
    totp = fields.Boolean(required=True)
    disabled = fields.Boolean(required=True)
    signInLink = fields.String()  # noqa: N815


class UserListSchema(Schema):
    """Users, by name."""

    users = fields.List(fields.Nested(UserSchema), required=True)


class WantedLinkSchema(Said):
    """Whether password and second factor are forgotten, so that the person sets new ones."""

    reset = fields.Boolean(load_default=False)


class SignInLinkSchema(Schema):
    """A path of this control plane that signs one person in, once."""

    signInLink = fields.String(required=True)  # noqa: N815
    expiresAt = fields.String(required=True)  # noqa: N815


class NewTokenSchema(Said):
    """A new API token."""

    name = fields.String(required=True, validate=SHOWN_NAME, error_messages=MISSING)
    role = fields.Enum(Role, by_value=True, required=True, error_messages={**MISSING, "unknown": ROLE.error})
    days = WholeNumber(
        required=True,
        data_key="expiresInDays",
        validate=validate.Range(1, 365, error="must be 1-365"),
        error_messages=MISSING,
    )


class TokenSchema(Schema):
    """An API token. `secret` is shown once, when it is made."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=ROLE)
    created_by = fields.String(data_key="createdBy", required=True)
    created_at = Time(data_key="createdAt", required=True)
    expires_at = Time(data_key="expiresAt", required=True)
    last_used_at = Time(data_key="lastUsedAt", required=True, allow_none=True)
    revoked_at = Time(data_key="revokedAt", required=True, allow_none=True)
    secret = fields.String()


class TokenListSchema(Schema):
    """API tokens, newest first."""

    tokens = fields.List(fields.Nested(TokenSchema), required=True)


class TokenRevokedSchema(Schema):
    """It does not count any more."""

    revoked = fields.Boolean(required=True)
