"""The audit log on the wire."""

from marshmallow import EXCLUDE, Schema, fields, validate

from app.domain.identity.actor import ActorKind
from app.domain.identity.audit import Result


class AuditQuerySchema(Schema):
    """A page of the log, newest first."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(
        load_default="",
        validate=validate.Length(max=200, error="may have at most 200 characters"),
        metadata={"description": "Words that all occur in who, what, where or the request's id."},
    )
    before = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2**63 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500, error="must be 1-500"))


class ActorSchema(Schema):
    """Who did it, or tried to."""

    kind = fields.String(required=True, validate=validate.OneOf(list(ActorKind)))
    id = fields.String(required=True)
    name = fields.String(required=True)


class AuditEntrySchema(Schema):
    """One change, or one refused attempt."""

    id = fields.Integer(required=True)
    at = fields.String(required=True)
    actor = fields.Nested(ActorSchema, required=True)
    address = fields.String(required=True)
    action = fields.String(required=True)
    target = fields.String(required=True)
    result = fields.String(required=True, validate=validate.OneOf(list(Result)))
    detail = fields.Dict(required=True)
    requestId = fields.String(required=True)  # noqa: N815


class AuditLogSchema(Schema):
    """A page of the log; `nextBefore` asks for the next one."""

    entries = fields.List(fields.Nested(AuditEntrySchema), required=True)
    nextBefore = fields.Integer(allow_none=True)  # noqa: N815
