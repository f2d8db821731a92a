"""Agents on the wire: what should run where."""

from marshmallow import Schema, fields

from app.api.schemas.node import NodeSchema
from app.api.schemas.watching import AgentSchema, NeedsOfSchema
from app.domain.agents.spec import OnNodeLoss, Origin, Wanted

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


class OtherSchema(Schema):
    """A node that was not chosen, and why, in words that follow its name."""

    nodeId = fields.String(required=True)  # noqa: N815
    reason = fields.String(required=True)
    score = fields.Float(metadata={"description": "Left out when it cannot take the agent."})


class PlacementSchema(Schema):
    """Why an agent goes where it goes; score is 0-100, higher is better."""

    score = fields.Float(required=True)
    others = fields.List(fields.Nested(OtherSchema), required=True)


class BestNodeSchema(NodeSchema):
    """The best node, with its score and why others lost: the next best first, then those that cannot."""

    score = fields.Float(required=True)
    others = fields.List(fields.Nested(OtherSchema), required=True)


class AgentRowSchema(Schema):
    """What an agent should be. Of its environment only the names are shown."""

    agentId = fields.String(required=True)  # noqa: N815
    name = fields.String(required=True)
    role = fields.String(allow_none=True, required=True)
    origin = fields.Enum(Origin, by_value=True, required=True)
    command = fields.List(fields.String(), allow_none=True, required=True)
    envNames = fields.List(fields.String(), required=True)  # noqa: N815
    needs = fields.Nested(NeedsOfSchema, required=True)
    tags = fields.List(fields.String(), required=True)
    onNodeLoss = fields.Enum(OnNodeLoss, by_value=True, required=True)  # noqa: N815
    leaseSeconds = fields.Integer(required=True)  # noqa: N815
    mayOverlap = fields.Boolean(required=True)  # noqa: N815
    memoryWarnMb = fields.Integer(allow_none=True, required=True)  # noqa: N815
    memoryLimitMb = fields.Integer(allow_none=True, required=True)  # noqa: N815
    wanted = fields.Enum(Wanted, by_value=True, required=True)
    nodeId = fields.String(allow_none=True, required=True)  # noqa: N815
    movingTo = fields.String(allow_none=True, required=True)  # noqa: N815
    epoch = fields.Integer(required=True, metadata={"description": "Goes up with every change of its node."})
    placedAt = fields.String(allow_none=True, required=True)  # noqa: N815
    changedAt = fields.String(required=True)  # noqa: N815
    createdAt = fields.String(required=True)  # noqa: N815
    createdBy = fields.String(required=True)  # noqa: N815


class PlacementOfAgentSchema(PlacementSchema):
    """Where a new agent goes, and why."""

    nodeId = fields.String(required=True)  # noqa: N815


class PlacedAgentSchema(AgentRowSchema):
    """A new agent, and why it goes where it goes."""

    placement = fields.Nested(PlacementOfAgentSchema, required=True)


class SeenAgentSchema(AgentSchema):
    """A copy of an agent on one node, as that node last told."""

    pid = fields.Integer(allow_none=True)
    epoch = fields.Integer()
    exitCode = fields.Integer(metadata={"description": "Of its last end."})  # noqa: N815
    exitedAt = fields.String()  # noqa: N815


class AgentEventSchema(Schema):
    """One line of an agent's history."""

    id = fields.Integer(required=True)
    at = fields.String(required=True)
    kind = fields.String(required=True)
    nodeId = fields.String(allow_none=True, required=True)  # noqa: N815
    message = fields.String(required=True)


class AgentWithHistorySchema(Schema):
    """One agent with all that is known; `agent` is null when nobody registered or adopted it."""

    agentId = fields.String(required=True)  # noqa: N815
    managed = fields.Boolean(required=True)
    agent = fields.Nested(AgentRowSchema, allow_none=True, required=True)
    seen = fields.List(fields.Nested(SeenAgentSchema), required=True)
    history = fields.List(fields.Nested(AgentEventSchema), required=True)
