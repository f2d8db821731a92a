"""What people say that an agent should be."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.api.schemas.node import END, MAX_LABELS, MISSING, PRINTABLE, SHORT, WholeNumber, capability_list
from app.api.schemas.search import Said
from app.domain.agents.spec import AgentSpec, Needs, OnNodeLoss, Wanted
from app.domain.nodes.heartbeat import AGENT_ID
from app.domain.nodes.registration import CAPABILITY, NODE_ID, split_capabilities

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
MAX_VARIABLES, LARGEST_ENV = 100, 32 * 1024
MAX_WORDS, LONGEST_WORD = 64, 4096
MAX_TAGS = 20
MEGABYTES = validate.Range(1, 2**31 - 1, error="must be 1-2147483647")


def _agent_id(value: str) -> None:
    if not AGENT_ID(value):
        raise ValidationError("must be 1-128 letters, digits and . _ : @ -, beginning with a letter or digit")


def _command(words: list[str]) -> None:
    if not 0 < len(words) <= MAX_WORDS or not all(0 < len(word) <= LONGEST_WORD and "\0" not in word for word in words):
        raise ValidationError(f"must be 1-{MAX_WORDS} words of 1-{LONGEST_WORD} characters, without NUL")


def _env(env: Mapping[str, str]) -> None:
    if len(env) > MAX_VARIABLES or not all(VARIABLE.fullmatch(name) for name in env):
        raise ValidationError(f"must be at most {MAX_VARIABLES} variables named by letters, digits and _")
    if any("\0" in value for value in env.values()) or sum(map(len, env.values())) > LARGEST_ENV:
        raise ValidationError(f"must have values without NUL, of at most {LARGEST_ENV} characters together")


def _tags(tags: list[str]) -> None:
    if len(tags) > MAX_TAGS or not all(CAPABILITY.fullmatch(tag) for tag in tags):
        raise ValidationError(f"must be at most {MAX_TAGS} tags of lower-case letters, digits and . _ + : / -")


def _labels(labels: Mapping[str, str]) -> None:
    if len(labels) > MAX_LABELS:
        raise ValidationError(f"must be at most {MAX_LABELS} labels")


class NeedsSchema(Schema):
    """What a node must have to take the agent."""

    capabilities = fields.List(fields.String(), load_default=list, validate=capability_list)
    memory_mb = WholeNumber(
        load_default=0, data_key="memoryMb", validate=validate.Range(0, 2**31 - 1, error="must be 0-2147483647")
    )
    cpu_weight = fields.Float(
        load_default=0.0,
        data_key="cpuWeight",
        allow_nan=False,
        validate=validate.Range(0, 1024, error="must be 0-1024"),
        metadata={"description": "Cores; 0: any."},
    )
    labels = fields.Dict(
        keys=fields.String(validate=SHORT), values=fields.String(validate=SHORT), load_default=dict, validate=_labels
    )

    @post_load
    def to_needs(self, data: dict[str, Any], **_: object) -> Needs:
        """Into the words of the domain."""
        return Needs(**{**data, "capabilities": frozenset(split_capabilities(data["capabilities"]))})


class ChangeAgentSchema(Said):
    """What may be changed of an agent."""

    name = fields.String(validate=PRINTABLE)
    role = fields.String(allow_none=True, validate=PRINTABLE)
    command = fields.List(
        fields.String(), allow_none=True, validate=_command, metadata={"description": "Null: AGENT_COMMAND."}
    )
    env = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        validate=_env,
        metadata={"description": "Kept sealed; later only the names are shown."},
    )
    needs = fields.Nested(NeedsSchema)
    tags = fields.List(fields.String(), validate=_tags)
    on_node_loss = fields.Enum(OnNodeLoss, by_value=True, data_key="onNodeLoss")
    lease_seconds = WholeNumber(data_key="leaseSeconds", validate=validate.Range(30, 600, error="must be 30-600"))
    may_overlap = fields.Boolean(
        data_key="mayOverlap", metadata={"description": "Whether two copies at once do no harm."}
    )
    memory_warn_mb = WholeNumber(allow_none=True, data_key="memoryWarnMb", validate=MEGABYTES)
    memory_limit_mb = WholeNumber(allow_none=True, data_key="memoryLimitMb", validate=MEGABYTES)

    @post_load
    def to_words(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Into the words of the domain."""
        return _words(data)


class NewAgentSchema(ChangeAgentSchema):
    """An agent that is to be."""

    agent_id = fields.String(required=True, data_key="agentId", validate=_agent_id, error_messages=MISSING)
    wanted = fields.Enum(Wanted, by_value=True)
    node_id = fields.String(
        load_default=None,
        allow_none=True,
        data_key="nodeId",
        validate=validate.Regexp(f"^{NODE_ID.pattern}{END}", error="must be the id of a node"),
        metadata={"description": "Left out: the best node."},
    )

    @post_load
    def to_words(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """The agent, and the node that was asked for."""
        node_id = data.pop("node_id")
        return {"spec": AgentSpec(**_words(data)), "node_id": node_id}


def _words(data: dict[str, Any]) -> dict[str, Any]:
    lists = {key: tuple(data[key]) for key in ("tags", "command") if data.get(key) is not None}
    return {**data, **lists}
