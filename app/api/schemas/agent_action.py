"""Actions on agents, on the wire."""

from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.api.schemas.node import END, MISSING, WholeNumber
from app.api.schemas.search import Said
from app.domain.agents.actions import Action, Wish
from app.domain.nodes.heartbeat import AGENT_ID
from app.domain.nodes.registration import NODE_ID

MOST = 500  # agents that one call acts on
IS_A_NODE = validate.Regexp(f"^{NODE_ID.pattern}{END}", error="must be the id of a node")


def _agent_ids(ids: list[str]) -> None:
    if not 0 < len(ids) <= MOST or not all(map(AGENT_ID, ids)):
        raise ValidationError(f"must be 1-{MOST} ids of agents")


class ActionOnSchema(Said):
    """How to do it."""

    node_id = fields.String(
        load_default=None,
        allow_none=True,
        data_key="nodeId",
        validate=IS_A_NODE,
        metadata={"description": "Where to, for a move; left out: the best node."},
    )
    expires_in_minutes = WholeNumber(
        load_default=60,
        data_key="expiresInMinutes",
        validate=validate.Range(1, 1440, error="must be 1-1440"),
        metadata={"description": "How long it waits for a node that is away."},
    )

    @post_load
    def to_words(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Into the words of the domain."""
        return {"node_id": data["node_id"], "expiry": timedelta(minutes=data["expires_in_minutes"])}


class ManySchema(Said):
    """What to do with which agents: by their ids, all of a node, or all that match a filter."""

    action = fields.Enum(Action, by_value=True, required=True, error_messages=MISSING)
    agent_ids = fields.List(fields.String(), load_default=None, data_key="agentIds", validate=_agent_ids)
    node_id = fields.String(load_default=None, data_key="nodeId", validate=IS_A_NODE)
    q = fields.String(load_default=None, validate=validate.Length(1, 500, error="must be 1-500 characters"))
    expires_in_minutes = WholeNumber(
        load_default=60, data_key="expiresInMinutes", validate=validate.Range(1, 1440, error="must be 1-1440")
    )

    @validates_schema
    def one_way_to_choose(self, data: dict[str, Any], **_: object) -> None:
        """Two ways at once would leave it open which agents are meant."""
        if sum(data[key] is not None for key in ("agent_ids", "node_id", "q")) != 1:
            raise ValidationError("must be one of agentIds, nodeId and q", "agentIds")

    @post_load
    def to_wish(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Into the words of the domain."""
        expiry = timedelta(minutes=data.pop("expires_in_minutes"))
        return {**data, "wish": Wish(data.pop("action"), expiry=expiry)}


class AskedSchema(Schema):
    """The job that follows the action."""

    jobId = fields.UUID(required=True)  # noqa: N815


class AgentPartSchema(Schema):
    """The job about one agent."""

    agentId = fields.String(required=True)  # noqa: N815
    jobId = fields.UUID(required=True)  # noqa: N815


class LeftOutSchema(Schema):
    """An agent that nothing is done with, and why."""

    agentId = fields.String(required=True)  # noqa: N815
    reason = fields.String(required=True)


class WholeSchema(Schema):
    """The job that stands for all, and its parts."""

    jobId = fields.UUID(required=True)  # noqa: N815
    jobs = fields.List(fields.Nested(AgentPartSchema), required=True)
    leftOut = fields.List(fields.Nested(LeftOutSchema), required=True)  # noqa: N815
