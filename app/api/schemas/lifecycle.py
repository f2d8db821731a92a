"""Upgrade and uninstall of daemons, on the wire."""

from marshmallow import EXCLUDE, Schema, fields, validate

from app.api.schemas.node import END, WholeNumber
from app.domain.nodes.registration import NODE_ID

MOST_NODES = 1000


class DaemonProgramSchema(Schema):
    """The daemon's program that this control plane hands out."""

    version = fields.String(required=True)
    sha256 = fields.String(required=True, metadata={"description": "A node with another `metadata.build` is older"})
    size = fields.Integer(required=True, metadata={"description": "Bytes"})


class TakenOnSchema(Schema):
    """The work was taken on; its job tells how far it is."""

    message = fields.String(required=True)
    nodeId = fields.String(required=True)  # noqa: N815
    jobId = fields.UUID(required=True)  # noqa: N815


class RolloutSchema(Schema):
    """Which daemons to upgrade, and how carefully."""

    nodes = fields.List(
        fields.String(validate=validate.Regexp(f"^{NODE_ID.pattern}{END}")),
        load_default=None,
        validate=validate.Length(1, MOST_NODES),
        metadata={"description": "Node ids; left out: every node that can be upgraded"},
    )
    canary = WholeNumber(load_default=1, validate=validate.Range(1, 100), metadata={"description": "How many go first"})
    watch_seconds = WholeNumber(
        load_default=60,
        data_key="watchSeconds",
        validate=validate.Range(0, 3600),
        metadata={"description": "How long the first ones are watched before the others follow"},
    )
    at_once = WholeNumber(load_default=10, data_key="atOnce", validate=validate.Range(1, 50))


class RolloutAnswerSchema(Schema):
    """The nodes of the rollout, and why others are left out."""

    jobId = fields.UUID(required=True)  # noqa: N815
    nodes = fields.List(fields.String(), required=True)
    leftOut = fields.Dict(keys=fields.String(), values=fields.String(), required=True)  # noqa: N815


class UninstalledSchema(Schema):
    """What a node could not remove of itself."""

    class Meta:
        unknown = EXCLUDE

    left = fields.List(
        fields.String(validate=validate.Length(max=300)), load_default=list, validate=validate.Length(max=20)
    )
