"""Agents on the wire: what should run where."""

from marshmallow import Schema, fields

STATE_NOTE = {"description": "running, stopped, or paused."}


class AssignmentSchema(Schema):
    """One agent as its node is told of it."""

    agentId = fields.String(required=True)  # noqa: N815 - the wire's own keys, so that the document shows them
    name = fields.String(required=True)
    role = fields.String(allow_none=True, required=True)
    command = fields.List(
        fields.String(), allow_none=True, required=True, metadata={"description": "Null: the node's own command."}
    )
    env = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        metadata={"description": "The values are null for everybody but the node."},
    )
    wanted = fields.String(required=True, metadata=STATE_NOTE)
    epoch = fields.Integer(required=True)
    onNodeLoss = fields.String(required=True)  # noqa: N815
    leaseSeconds = fields.Integer(required=True)  # noqa: N815
    memoryWarnMb = fields.Integer(allow_none=True, required=True)  # noqa: N815
    memoryLimitMb = fields.Integer(allow_none=True, required=True)  # noqa: N815


class AssignmentsSchema(Schema):
    """All that a node should run. `revision` counts up with each change."""

    revision = fields.Integer(required=True)
    paused = fields.Raw(required=True, metadata={"description": "false, or since when and by whom all is paused."})
    agents = fields.List(fields.Nested(AssignmentSchema), required=True)
    pausedAgents = fields.Raw(required=True, metadata={"description": "`all`, or a list of ids."})  # noqa: N815
