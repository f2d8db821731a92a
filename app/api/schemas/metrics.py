"""History of usage, on the wire."""

from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from app.api.schemas.instant import InstantField
from app.domain.nodes.metrics import STEPS

POINTS = fields.List(fields.Float(allow_none=True), metadata={"description": "One per time; null is a gap."})


class MetricsQuerySchema(Schema):
    """Which time, and how fine. Without anything: the last 24 hours, a point per minute."""

    class Meta:
        unknown = EXCLUDE

    start = InstantField(data_key="from", load_default=None, metadata={"description": "Default: a day before `to`."})
    end = InstantField(data_key="to", load_default=None, metadata={"description": "Default: now."})
    step = fields.String(
        load_default="auto",
        validate=validate.OneOf(["auto", *map(str, STEPS)], error="must be auto, 60, 900 or 3600 (seconds)"),
        metadata={"description": "Seconds from point to point; auto: the finest that is kept for so long."},
    )

    @post_load
    def to_arguments(self, data: dict[str, Any], **_: object) -> dict[str, datetime | int | None]:
        """The step as a number; None lets the control plane choose."""
        return {**data, "step": None if data["step"] == "auto" else int(data["step"])}


class MetricsSchema(Schema):
    """Points of a node. Shares are from 0 to 1, load is the mean of one minute; each list is as long as `at`."""

    step = fields.Integer(required=True)
    start = fields.Integer(data_key="from", required=True)
    end = fields.Integer(data_key="to", required=True)
    at = fields.List(fields.Integer(), required=True, metadata={"description": "Epoch seconds."})
    cpu = POINTS
    memory = POINTS
    disk = POINTS
    load_ = fields.List(
        fields.Float(allow_none=True), data_key="load", metadata={"description": "One per time; null is a gap."}
    )


class FleetMetricsSchema(MetricsSchema):
    """Means over all nodes that reported."""

    nodes = fields.List(fields.Float(allow_none=True), metadata={"description": "How many nodes reported."})
