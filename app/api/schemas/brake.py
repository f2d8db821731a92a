"""The fleet brake on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from app.api.schemas.draining import NOTE
from app.api.schemas.search import Said
from app.domain.nodes.registration import CAPABILITY
from app.domain.upkeep.brake import ALL


class NewBrakeSchema(Said):
    """What to pause, and why."""

    scope = fields.Raw(required=True, metadata={"description": '"all", or {"tag": "…"}: the agents with this tag'})
    note = fields.String(load_default="", validate=NOTE)

    @post_load
    def to_words(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Into the words of the domain. A tag None means all."""
        scope = data["scope"]
        tag = scope.get("tag") if isinstance(scope, dict) else None
        if scope != ALL and not (isinstance(tag, str) and CAPABILITY.fullmatch(tag)):
            raise ValidationError('must be "all", or an object with a tag', "scope")
        return {"tag": tag, "note": data["note"]}


class BrakeSchema(Schema):
    """The brake as it is now."""

    braked = fields.Boolean(required=True)
    scope = fields.Raw(required=True, allow_none=True, metadata={"description": '"all" or {"tag": "…"}'})
    note = fields.String(required=True)
    by = fields.String(required=True, allow_none=True)
    at = fields.String(required=True, allow_none=True)
    confirmed = fields.List(fields.String(), required=True, metadata={"description": "Nodes that have done it"})
    waiting = fields.List(fields.String(), required=True, metadata={"description": "Nodes that have not yet"})
    unreachable = fields.List(
        fields.String(), required=True, metadata={"description": "Nodes without a daemon that could be told"}
    )
