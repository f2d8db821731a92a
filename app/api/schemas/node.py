"""Nodes on the wire."""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from app.domain.nodes.heartbeat import AGENT_ID, MAX_AGENTS
from app.domain.nodes.registration import (
    CAPABILITY,
    HOST,
    MAX_CAPABILITIES,
    NODE_ID,
    Registration,
    split_capabilities,
)

PRINTABLE = validate.And(
    validate.Length(0, 128, error="must be at most 128 characters"),
    validate.Predicate("isprintable", error="must hold printable characters only"),
)
SHORT = validate.And(
    validate.Length(0, 64, error="must be at most 64 characters"),
    validate.Predicate("isprintable", error="must hold printable characters only"),
)
PORT = validate.Range(1, 65535, error="must be 1-65535")
# `$` alone would allow a line feed at the end; \Z would be no pattern for readers of the OpenAPI document.
END = r"(?!\n)$"
HOST_RULE = validate.Regexp(f"^{HOST.pattern}{END}", error="must be an IP address or a hostname")
MISSING: dict[str, Any] = {"required": "is required", "null": "is required", "invalid": "is of the wrong type"}
LARGEST_METADATA = 4096
MAX_LABELS = 50
NUL = re.compile(rb"(?<!\\)(\\\\)*\\u0000")  # in JSON; Postgres cannot store it


def capability_list(raw: list[str]) -> None:
    words = split_capabilities(raw)
    if len(words) > MAX_CAPABILITIES or not all(CAPABILITY.fullmatch(word) for word in words):
        raise ValidationError(f"must hold at most {MAX_CAPABILITIES} tags of letters, digits and . _ + : / -")


def _agent_list(raw: list[str]) -> None:
    if len(raw) > MAX_AGENTS or not all(AGENT_ID(agent) for agent in raw):
        raise ValidationError(f"must hold at most {MAX_AGENTS} agent ids of letters, digits and . _ : @ -")


def _few(raw: Mapping[str, Any]) -> None:
    if len(raw) > MAX_LABELS:
        raise ValidationError(f"must be at most {MAX_LABELS} labels")


def _small(raw: Mapping[str, Any]) -> None:
    try:
        text = orjson.dumps(raw)
    except TypeError as fault:
        raise ValidationError("must not be nested that deeply") from fault
    if len(text) > LARGEST_METADATA:
        raise ValidationError(f"must be at most {LARGEST_METADATA} bytes of JSON")
    if NUL.search(text):
        raise ValidationError("must not hold the character NUL")


class WholeNumber(fields.Integer):
    """An integer, or a text of one; 3101.5 is refused instead of cut."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and not value.is_integer():
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class RegistrationSchema(Schema):
    """What a machine, or a person, sends to make it a node."""

    class Meta:
        # Existing agents and newer daemons may send keys that we do not know.
        unknown = EXCLUDE

    node_id = fields.String(
        required=True,
        data_key="nodeId",
        validate=validate.Regexp(
            f"^{NODE_ID.pattern}{END}", error="must be 2-64 letters, digits and . - _, beginning with a letter or digit"
        ),
        error_messages=MISSING,
    )
    host = fields.String(required=True, validate=HOST_RULE, error_messages=MISSING)
    port = WholeNumber(required=True, validate=PORT, error_messages={**MISSING, "invalid": "must be 1-65535"})
    name = fields.String(allow_none=True, validate=PRINTABLE)
    platform = fields.String(allow_none=True, validate=SHORT)
    arch = fields.String(allow_none=True, validate=SHORT)
    cpu_count = WholeNumber(
        allow_none=True, data_key="cpuCount", validate=validate.Range(0, 100_000, error="must be 0-100000")
    )
    memory_mb = WholeNumber(
        allow_none=True, data_key="memoryMb", validate=validate.Range(0, 2**31 - 1, error="must be 0-2147483647")
    )
    version = fields.String(allow_none=True, validate=SHORT)
    agents = fields.List(fields.String(), allow_none=True, validate=_agent_list)
    capabilities = fields.List(fields.String(), allow_none=True, validate=capability_list)
    metadata = fields.Dict(keys=fields.String(), allow_none=True, validate=_small)
    labels = fields.Dict(
        keys=fields.String(validate=SHORT), values=fields.String(validate=SHORT), allow_none=True, validate=_few
    )
    managed = fields.Boolean(load_default=False, metadata={"description": "A Muster daemon runs there."})
    manual = fields.Boolean(
        load_default=False, metadata={"description": "Typed by a person: the machine has not been heard yet."}
    )
    machine_id = fields.String(allow_none=True, data_key="machineId", validate=SHORT)
    boot_id = fields.String(allow_none=True, data_key="bootId", validate=SHORT)
    previous_boot_ids = fields.List(
        fields.String(validate=SHORT),
        allow_none=True,
        data_key="previousBootIds",
        validate=validate.Length(0, 10, error="must be at most 10 boot ids"),
    )

    @post_load
    def to_registration(self, data: dict[str, Any], **_: object) -> Registration:
        """Into the words of the domain. Empty strings count as left out: existing clients send them."""
        said = {key: value for key, value in data.items() if value not in ("", None)}
        for key, read in (("agents", tuple), ("previous_boot_ids", tuple), ("capabilities", split_capabilities)):
            if key in said:
                said[key] = read(said[key])
        return Registration(**said)


class IssueSchema(Schema):
    """One reason why a node is degraded."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    since = fields.String(required=True)


class CordonSchema(Schema):
    """Why a node takes no new agents."""

    note = fields.String(required=True)
    until = fields.String(allow_none=True, required=True, metadata={"description": "When it ends by itself."})
    by = fields.String(required=True)
    since = fields.String(required=True)


class NodeSchema(Schema):
    """The node object of the cluster protocol, with our keys beside its own."""

    nodeId = fields.String(required=True)  # noqa: N815 - the wire's own keys, so that the document shows them
    name = fields.String(required=True)
    host = fields.String(required=True)
    port = fields.Integer(required=True)
    url = fields.String(required=True)
    platform = fields.String(required=True)
    arch = fields.String(required=True)
    cpuCount = fields.Integer(required=True)  # noqa: N815
    memoryMb = fields.Integer(required=True)  # noqa: N815
    version = fields.String(required=True)
    agents = fields.List(fields.String(), required=True)
    capabilities = fields.List(fields.String(), required=True)
    status = fields.String(required=True, validate=validate.OneOf(["online", "degraded", "offline"]))
    registeredAt = fields.String(required=True)  # noqa: N815
    lastHeartbeat = fields.String(  # noqa: N815
        required=True, metadata={"description": "ISO 8601 in UTC; empty for a node that was never seen."}
    )
    metadata = fields.Dict(required=True)
    statusReason = fields.String(required=True)  # noqa: N815
    seen = fields.Boolean(required=True)
    issues = fields.List(fields.Nested(IssueSchema), required=True)
    diskUsage = fields.Float(allow_none=True, required=True)  # noqa: N815
    loadAverage = fields.List(fields.Float(), allow_none=True, required=True)  # noqa: N815
    labels = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    schedulable = fields.Boolean(required=True)
    cordon = fields.Nested(CordonSchema, allow_none=True, required=True)
    managed = fields.Boolean(required=True)


class AgentDetailsSchema(Schema):
    """What is known of one agent of a node; a figure that was never reported is left out."""

    agentId = fields.String(required=True)  # noqa: N815
    name = fields.String(required=True)
    role = fields.String(allow_none=True)
    state = fields.String()
    cpuUsage = fields.Float(allow_none=True)  # noqa: N815
    memoryMb = fields.Float(allow_none=True)  # noqa: N815
    restarts = fields.Integer()
    startedAt = fields.String(allow_none=True)  # noqa: N815
    pid = fields.Integer(allow_none=True)
    status = fields.String(metadata={"description": "What the agent itself said last."})
    activeSessions = fields.Integer()  # noqa: N815
    clockedIn = fields.Boolean()  # noqa: N815
    currentActivity = fields.String(allow_none=True)  # noqa: N815


class NodeDetailsSchema(NodeSchema):
    """A node with what is known of each agent."""

    agentDetails = fields.List(fields.Nested(AgentDetailsSchema), required=True)  # noqa: N815


class StatsSchema(Schema):
    """Totals of the fleet. CPUs, memory and agents count on nodes that are up."""

    totalNodes = fields.Integer()  # noqa: N815
    onlineNodes = fields.Integer()  # noqa: N815
    degradedNodes = fields.Integer()  # noqa: N815
    offlineNodes = fields.Integer()  # noqa: N815
    totalAgents = fields.Integer()  # noqa: N815
    totalCpus = fields.Integer()  # noqa: N815
    totalMemoryMb = fields.Integer()  # noqa: N815


class NoticeSchema(Schema):
    """Something about the fleet as a whole."""

    code = fields.String()
    message = fields.String()
    since = fields.String()


class NodeListSchema(Schema):
    """The fleet, or the part of it that was asked for."""

    nodes = fields.List(fields.Nested(NodeSchema), required=True)
    stats = fields.Nested(StatsSchema, required=True)
    matched = fields.Integer(metadata={"description": "How many nodes match the filter, over all pages."})
    nextCursor = fields.String(allow_none=True)  # noqa: N815
    notices = fields.List(fields.Nested(NoticeSchema))


class NodeListQuerySchema(Schema):
    """Filter, order and page of a list of nodes. Without any of them the whole fleet is answered."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(
        load_default="",
        metadata={"description": "Filter, for example `cap:gpu cpu:>80 -platform:darwin`; all terms must match."},
    )
    sort = fields.String(load_default="registered", metadata={"description": "status, name, cpu, mem, … or -name"})
    limit = fields.Integer(allow_none=True, load_default=None, validate=validate.Range(1, 1000, error="must be 1-1000"))
    cursor = fields.String(allow_none=True, load_default=None)


class TransitionSchema(Schema):
    """One line of a node's timeline."""

    id = fields.Integer()
    at = fields.String()
    from_status = fields.String(data_key="from")
    to_status = fields.String(data_key="to")
    reason = fields.String()
    message = fields.String()
    agents = fields.List(fields.String())


class TimelineQuerySchema(Schema):
    """A page of a timeline, newest first."""

    before = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 2**63 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500, error="must be 1-500"))


class TimelineSchema(Schema):
    """A page of a timeline; `nextBefore` asks for the next one."""

    transitions = fields.List(fields.Nested(TransitionSchema), required=True)
    nextBefore = fields.Integer(allow_none=True)  # noqa: N815
