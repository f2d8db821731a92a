"""Health of the control plane, on the wire."""

from marshmallow import Schema, fields


class AliveSchema(Schema):
    """The process is up."""

    status = fields.String(required=True)
    version = fields.String(required=True)
    build = fields.String(required=True)


class CheckSchema(Schema):
    """One part, and what is known of it."""

    ok = fields.Boolean(required=True)
    detail = fields.String(required=True, allow_none=True)


class ReadySchema(Schema):
    """Whether every part answers, and what is missing."""

    ready = fields.Boolean(required=True)
    missing = fields.List(fields.String(), required=True)
    checks = fields.Dict(keys=fields.String(), values=fields.Nested(CheckSchema), required=True)
