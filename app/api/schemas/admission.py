"""Join tokens, joining, credentials, refusals and the waiting room on the wire."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.api.schemas.instant import Time
from app.api.schemas.node import END, MISSING, PRINTABLE, SHORT, WholeNumber, capability_list
from app.api.schemas.search import Said
from app.domain.identity.joining import NAME_PATTERN, JoinRequest
from app.domain.nodes.registration import NODE_ID, split_capabilities
from app.services.admission.join_tokens import Wanted

HASH = validate.Regexp(f"^[0-9a-f]{{64}}{END}", error="must be a SHA-256 in 64 lower-case hex digits")


class JoinSchema(Said):
    """A machine asks to become a node. It made its secret itself and sends only the secret's hash."""

    node_id = fields.String(
        required=True,
        data_key="nodeId",
        validate=validate.Regexp(
            f"^{NODE_ID.pattern}{END}", error="must be 2-64 letters, digits and . - _, beginning with a letter or digit"
        ),
        error_messages=MISSING,
    )
    join_token = fields.String(
        load_default="",
        data_key="joinToken",
        validate=validate.Length(0, 200, error="must be at most 200 characters"),
    )
    secret_hash = fields.String(required=True, data_key="secretHash", validate=HASH, error_messages=MISSING)
    machine_id = fields.String(allow_none=True, data_key="machineId", validate=SHORT)
    capabilities = fields.List(fields.String(), load_default=list, validate=capability_list)
    name = fields.String(load_default="", validate=PRINTABLE)
    platform = fields.String(load_default="", validate=SHORT)

    @post_load
    def to_request(self, data: dict[str, Any], **_: object) -> JoinRequest:
        """Into the words of the domain; the machine's clock is read from the Date header."""
        data["secret_hash"] = bytes.fromhex(data["secret_hash"])
        data["capabilities"] = split_capabilities(data["capabilities"])
        return JoinRequest(**data, clock=_clock())


class RenewSchema(Said):
    """A node asks for its next credential."""

    secret_hash = fields.String(required=True, data_key="secretHash", validate=HASH, error_messages=MISSING)


class JoinedSchema(Schema):
    """A node's credential."""

    node_id = fields.String(data_key="nodeId", required=True)
    credential_id = fields.UUID(data_key="credentialId", required=True)
    expires_at = Time(data_key="expiresAt", required=True, allow_none=True)


class NewJoinTokenSchema(Said):
    """What a new join token shall allow."""

    name_pattern = fields.String(
        load_default="*",
        data_key="namePattern",
        validate=validate.Regexp(
            f"^{NAME_PATTERN.pattern}{END}", error="must be a node id, or a pattern of one with * and ?"
        ),
    )
    capabilities = fields.List(fields.String(), load_default=None, allow_none=True, validate=capability_list)
    uses = WholeNumber(load_default=1, validate=validate.Range(1, 1000, error="must be 1-1000"))
    expires_in_minutes = WholeNumber(
        load_default=15, data_key="expiresInMinutes", validate=validate.Range(1, 1440, error="must be 1-1440")
    )
    note = fields.String(load_default="", validate=PRINTABLE)
    replace = fields.Boolean(
        load_default=False, metadata={"description": "It may take the place of the one node that namePattern names."}
    )

    @validates_schema
    def one_node(self, data: dict[str, Any], **_: object) -> None:
        """Taking a node's place is for one node, named in full."""
        if data.get("replace") and set("*?") & set(data.get("name_pattern", "*")):
            raise ValidationError("must be one node id when replace is set", "namePattern")

    @post_load
    def to_wanted(self, data: dict[str, Any], **_: object) -> Wanted:
        """Into the words of the service."""
        if data["capabilities"] is not None:
            data["capabilities"] = split_capabilities(data["capabilities"])
        return Wanted(**data)


class JoinTokenSchema(Schema):
    """A join token. `secret` and `command` are shown once, when it is made."""

    id = fields.UUID(required=True)
    note = fields.String(required=True)
    name_pattern = fields.String(data_key="namePattern", required=True)
    replace = fields.Boolean(required=True)
    capabilities = fields.List(fields.String(), required=True, allow_none=True)
    uses = fields.Integer(required=True)
    uses_left = fields.Integer(data_key="usesLeft", required=True)
    created_by = fields.String(data_key="createdBy", required=True)
    created_at = Time(data_key="createdAt", required=True)
    expires_at = Time(data_key="expiresAt", required=True)
    revoked_at = Time(data_key="revokedAt", required=True, allow_none=True)
    nodes = fields.List(fields.String(), required=True)
    secret = fields.String()
    command = fields.String()


class JoinTokenListSchema(Schema):
    """Join tokens, newest first."""

    joinTokens = fields.List(fields.Nested(JoinTokenSchema), required=True)  # noqa: N815


class RevokedSchema(Schema):
    """It does not count any more."""

    revoked = fields.Boolean(required=True)


class RevokedCredentialsSchema(Schema):
    """How many credentials do not count any more."""

    revoked = fields.Integer(required=True)


class NewCredentialSchema(Said):
    """A credential for agents that can only be told a URL."""

    kind = fields.String(load_default="url", validate=validate.OneOf(["url"], error="must be url"))


class CredentialSchema(Schema):
    """A credential of a node. `secret` and `enterpriseUrl` are shown once, when it is made."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    capabilities = fields.List(fields.String(), allow_none=True)
    created_at = Time(data_key="createdAt", required=True)
    expires_at = Time(data_key="expiresAt", required=True, allow_none=True)
    last_used_at = Time(data_key="lastUsedAt", required=True, allow_none=True)
    revoked_at = Time(data_key="revokedAt", required=True, allow_none=True)
    revoked_because = fields.String(data_key="revokedBecause", allow_none=True)
    secret = fields.String()
    enterprise_url = fields.String(data_key="enterpriseUrl")


class CredentialListSchema(Schema):
    """Credentials of a node, newest first."""

    credentials = fields.List(fields.Nested(CredentialSchema), required=True)


class RefusalSchema(Schema):
    """A machine that was turned away."""

    code = fields.String(required=True)
    cause = fields.String(required=True)
    sentence = fields.String(required=True)
    node_id = fields.String(data_key="nodeId", required=True)
    address = fields.String(required=True)
    first = Time(required=True)
    last = Time(required=True)
    count = fields.Integer(required=True)
    knock = fields.Boolean(required=True)


class RefusalListSchema(Schema):
    """Refusals, newest first."""

    refusals = fields.List(fields.Nested(RefusalSchema), required=True)


class KnockSchema(Schema):
    """A machine that waits to be let in."""

    id = fields.UUID(required=True)
    node_id = fields.String(data_key="nodeId", required=True)
    name = fields.String(required=True)
    address = fields.String(required=True)
    platform = fields.String(required=True)
    capabilities = fields.List(fields.String(), required=True)
    first_at = Time(data_key="firstAt", required=True)
    last_at = Time(data_key="lastAt", required=True)
    code = fields.String(required=True)


class RoomSchema(Schema):
    """The waiting room."""

    is_open = fields.Boolean(data_key="open", required=True)
    until = Time(required=True, allow_none=True)
    knocks = fields.List(fields.Nested(KnockSchema), required=True)


class OpenRoomSchema(Said):
    """For how long to open it; 0 closes it."""

    open_for_minutes = WholeNumber(
        required=True, data_key="openForMinutes", validate=validate.Range(0, 1440, error="must be 0-1440")
    )


class AdmittedSchema(Schema):
    """The machine is in with its next knock."""

    admitted = fields.Boolean(required=True)


def _clock() -> datetime | None:
    try:
        said = parsedate_to_datetime(request.headers.get("Date", ""))
    except ValueError:
        return None
    return said if said.tzinfo else None
