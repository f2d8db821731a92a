"""Cordon, drain and impact, on the wire."""

from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.api.schemas.instant import InstantField
from app.api.schemas.node import MISSING, WholeNumber
from app.api.schemas.search import Said
from app.domain.upkeep.impact import Blow

NOTE = validate.And(
    validate.Length(0, 200, error="must be at most 200 characters"),
    validate.Predicate("isprintable", error="must be one line of printable characters"),
)


class NewCordonSchema(Said):
    """Why, and until when."""

    note = fields.String(load_default="", validate=NOTE)
    until = InstantField(
        load_default=None, allow_none=True, metadata={"description": "Left out: until somebody ends it"}
    )


class NewDrainSchema(Said):
    """Until when agents that cannot be moved are waited for, and why."""

    deadline_seconds = WholeNumber(
        load_default=600,
        data_key="deadlineSeconds",
        validate=validate.Range(10, 86400, error="must be 10-86400"),
        metadata={"description": "What was not moved by then stays where it is."},
    )
    note = fields.String(load_default="", validate=NOTE)

    @post_load
    def to_words(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Into the words of the domain."""
        return {"within": timedelta(seconds=data["deadline_seconds"]), "note": data["note"]}


class ImpactQuerySchema(Said):
    """Which step is asked about."""

    action = fields.Enum(Blow, by_value=True, required=True, error_messages=MISSING)


class HitSchema(Schema):
    """An agent that would be hit."""

    agentId = fields.String(required=True)  # noqa: N815
    name = fields.String(required=True)
    goesTo = fields.String(  # noqa: N815
        allow_none=True, required=True, metadata={"description": "The node that it would run on afterwards"}
    )
    reason = fields.String(required=True, metadata={"description": "What happens to it, in words after its name"})


class ImpactSchema(Schema):
    """What a step would hit."""

    agents = fields.List(fields.Nested(HitSchema), required=True)
    hit = fields.Integer(required=True)
    fitNowhere = fields.Integer(  # noqa: N815
        required=True, metadata={"description": "How many should go elsewhere and no node can take"}
    )
