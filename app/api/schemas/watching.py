"""The fleet's timeline and its agents, on the wire."""

from marshmallow import EXCLUDE, Schema, fields, validate

from app.api.schemas.node import END, TransitionSchema
from app.domain.agents.spec import OnNodeLoss, Wanted
from app.domain.nodes.registration import NODE_ID

STATES = (
    "running, starting, stopped, paused, crash_looping; unknown: its node is offline; missing: its node should run it "
    "and does not report it; unplaced: it has no node."
)


class EventSchema(TransitionSchema):
    """One change of a node's status."""

    node_id = fields.String(data_key="nodeId")
    node_name = fields.String(data_key="nodeName", metadata={"description": "Its id, when it was removed."})


class EventsQuerySchema(Schema):
    """A page of the fleet's timeline, newest first."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(
        load_default="",
        metadata={"description": "Words that must all be there: node, status, reason, message, agents. `-word`: not."},
    )
    node = fields.String(
        load_default=None, validate=validate.Regexp(f"^{NODE_ID.pattern}{END}", error="must be the id of a node")
    )
    before = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2**63 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500, error="must be 1-500"))


class EventsSchema(Schema):
    """A page of events; while `nextBefore` is there more may follow, even after an empty page."""

    events = fields.List(fields.Nested(EventSchema), required=True)
    nextBefore = fields.Integer(allow_none=True)  # noqa: N815


class NeedsOfSchema(Schema):
    """What a node must have to take the agent; CPU in cores."""

    capabilities = fields.List(fields.String(), required=True)
    memoryMb = fields.Integer(required=True)  # noqa: N815
    cpuWeight = fields.Float(required=True)  # noqa: N815
    labels = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ExitSchema(Schema):
    """How the last process of an agent ended; a negative code is a signal."""

    code = fields.Integer(allow_none=True, required=True)
    at = fields.String(allow_none=True, required=True)


class AgentSchema(Schema):
    """An agent on one node; null is what was never reported."""

    agentId = fields.String(required=True)  # noqa: N815
    name = fields.String(required=True)
    role = fields.String(allow_none=True)
    state = fields.String(metadata={"description": STATES})
    lastState = fields.String(metadata={"description": "What was reported last."})  # noqa: N815
    nodeId = fields.String(required=True, metadata={"description": "Empty: placed nowhere."})  # noqa: N815
    nodeName = fields.String(required=True)  # noqa: N815
    nodeStatus = fields.String(required=True)  # noqa: N815
    cpuUsage = fields.Float(allow_none=True)  # noqa: N815
    memoryMb = fields.Float(allow_none=True)  # noqa: N815
    restarts = fields.Integer(allow_none=True)
    startedAt = fields.String(allow_none=True)  # noqa: N815
    status = fields.String(allow_none=True, metadata={"description": "What the agent says of itself."})
    currentActivity = fields.String(allow_none=True)  # noqa: N815
    exit = fields.Nested(ExitSchema, allow_none=True)
    waiting = fields.Dict(allow_none=True, metadata={"description": "What it asks a human: question, link, since."})
    progress = fields.Dict(allow_none=True, metadata={"description": "The last step forward: text, percent, at."})
    managed = fields.Boolean(required=True, metadata={"description": "Somebody registered or adopted it."})
    wanted = fields.Enum(Wanted, by_value=True, allow_none=True)
    epoch = fields.Integer(allow_none=True, metadata={"description": "Goes up with every change of its node."})
    needs = fields.Nested(NeedsOfSchema, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    onNodeLoss = fields.Enum(OnNodeLoss, by_value=True, allow_none=True)  # noqa: N815
    movingTo = fields.String(allow_none=True)  # noqa: N815


class AgentsQuerySchema(Schema):
    """Filter, order and page of the list of agents."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(
        load_default="",
        metadata={"description": "Filter, for example `state:crash node:mac -role:test`; all terms must match."},
    )
    sort = fields.String(
        load_default="state", metadata={"description": "state, name, node, cpu, mem, restarts, started, or -name"}
    )
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000, error="must be 1-1000"))
    cursor = fields.String(allow_none=True, load_default=None)


class AgentsSchema(Schema):
    """A page of agents."""

    agents = fields.List(fields.Nested(AgentSchema), required=True)
    matched = fields.Integer(metadata={"description": "How many agents match the filter, over all pages."})
    nextCursor = fields.String(allow_none=True)  # noqa: N815
