"""Heartbeats, jobs and what agents say, on the wire."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from app.api.schemas.node import HOST_RULE, MISSING, PORT, WholeNumber

SHARE = validate.Range(0, 1, error="must be a number from 0 to 1")


class HeartbeatSchema(Schema):
    """One report for a node; every key is optional. `app.domain.nodes.heartbeat` checks it, this documents it."""

    class Meta:
        unknown = EXCLUDE

    scope = fields.String(
        validate=validate.OneOf(["node", "agent"]),
        metadata={"description": "node: `agents` is the whole list. agent: this agent reports itself."},
    )
    agents = fields.List(fields.String())
    cpuUsage = fields.Float(validate=SHARE)  # noqa: N815
    memoryUsage = fields.Float(validate=SHARE)  # noqa: N815
    diskUsage = fields.Float(validate=SHARE)  # noqa: N815
    loadAverage = fields.List(fields.Float(), validate=validate.Length(equal=3))  # noqa: N815
    clock = fields.AwareDateTime(metadata={"description": "The node's own wall clock."})
    version = fields.String(metadata={"description": "Version of the daemon."})
    machineId = fields.String()  # noqa: N815
    bootId = fields.String(metadata={"description": "Made at each start of the daemon."})  # noqa: N815
    beatNumber = fields.Integer(metadata={"description": "Counts up from 1 since that start."})  # noqa: N815
    assignments = fields.Integer(metadata={"description": "The revision of its assignments that the node carries out."})
    agentDetails = fields.List(fields.Dict())  # noqa: N815
    issues = fields.List(fields.Dict())
    commandResults = fields.List(fields.Dict())  # noqa: N815


class HeartbeatAnswerSchema(Schema):
    """The server sets the pace and may hand out commands."""

    ok = fields.Boolean(required=True)
    heartbeatIntervalMs = fields.Integer(required=True)  # noqa: N815
    commands = fields.List(fields.Dict())
    renew = fields.Boolean(metadata={"description": "Time to renew the node's credential."})
    assignments = fields.Integer(metadata={"description": "The newest revision, when it is another one: fetch it."})
    ignored = fields.Boolean(metadata={"description": "It came late and changed nothing; the next one will."})


class AddressSchema(Schema):
    """Where a node may be reached."""

    class Meta:
        unknown = EXCLUDE

    host = fields.String(required=True, validate=HOST_RULE, error_messages=MISSING)
    port = WholeNumber(required=True, validate=PORT, error_messages={**MISSING, "invalid": "must be 1-65535"})


class ActionAnswerSchema(Schema):
    """How an action ended, or the id of the job that still works on it."""

    ok = fields.Boolean()
    success = fields.Boolean()
    message = fields.String()
    error = fields.String()
    code = fields.String()
    latencyMs = fields.Integer()  # noqa: N815
    version = fields.String()
    agentId = fields.String()  # noqa: N815
    jobId = fields.UUID()  # noqa: N815


class ActivitySchema(Schema):
    """What an existing agent posts about itself every 30 s."""

    class Meta:
        unknown = EXCLUDE

    status = fields.String(load_default="online", validate=validate.OneOf(["idle", "online", "offline", "error"]))
    active_sessions = fields.Integer(load_default=0, data_key="activeSessions", validate=validate.Range(0, 1_000_000))
    clocked_in = fields.Boolean(load_default=False, data_key="clockedIn")
    current_activity = fields.Raw(load_default=None, allow_none=True, data_key="currentActivity")

    @post_load
    def to_activity(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """The activity is a text or an object with one; keep a line of it."""
        said = data["current_activity"]
        said = said.get("detail") or said.get("type") if isinstance(said, dict) else said
        line = "".join(filter(str.isprintable, str(said or "")[:300]))
        data["current_activity"] = line or None
        return data


class OkSchema(Schema):
    """Done."""

    ok = fields.Boolean()


class RemovedSchema(Schema):
    """The node is gone."""

    removed = fields.Boolean()
