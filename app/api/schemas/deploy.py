"""Deploys over SSH, on the wire."""

import shlex
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.api.schemas.node import END, HOST_RULE, PORT, WholeNumber
from app.domain.deploying.request import AGENT_ID, MOST_AGENTS, AgentOrder, DeployOrder, node_id_for
from app.domain.registration import CAPABILITY, NODE_ID, split_capabilities
from app.domain.ssh import FINGERPRINT, USER, Login

TEXT = validate.Length(max=128)
LONGEST_SECRET = 16 * 1024


class HostKeyQuerySchema(Schema):
    """Whose host key."""

    host = fields.String(required=True, validate=HOST_RULE)
    port = WholeNumber(load_default=22, validate=PORT)


class HostKeySchema(Schema):
    """The host key that a machine shows now."""

    fingerprint = fields.String(required=True, metadata={"description": "As `ssh-keygen -lf` prints it."})
    known = fields.Boolean(required=True, metadata={"description": "It is the one that was confirmed before."})
    changed = fields.Boolean(required=True, metadata={"description": "Another one was confirmed before."})


class AgentOrderField(fields.Field[AgentOrder]):
    """An agent's id, or an object with its id, name, role and command."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> AgentOrder:
        del attr, data, kwargs
        said = {"id": value} if isinstance(value, str) else value
        if not isinstance(said, dict) or not isinstance(said.get("id"), str) or not AGENT_ID.fullmatch(said["id"]):
            raise ValidationError("must be ids of letters, digits, dot, dash and underscore")
        command = said.get("command") or ()
        words = shlex.split(command) if isinstance(command, str) else command
        if not all(isinstance(word, str) and "\x00" not in word for word in words):
            raise ValidationError("a command is a text or a list of texts")
        return AgentOrder(said["id"], str(said.get("name") or "")[:128], str(said.get("role") or "")[:64], tuple(words))


def _split_login(said: dict[str, Any]) -> Login:
    """Take what proves the user out of what was said. Raises ValidationError."""
    login = Login(**{key: said.pop(key) for key in ("private_key", "passphrase", "password")})
    if not login.private_key and not login.password:
        raise ValidationError("a private key or a password is needed", "privateKey")
    return login


class LoginSchema(Schema):
    """What proves the user. It is used for one deploy and never stored."""

    private_key = fields.String(load_default="", data_key="privateKey", validate=validate.Length(max=LONGEST_SECRET))
    passphrase = fields.String(load_default="", validate=validate.Length(max=1024))
    password = fields.String(load_default="", validate=validate.Length(max=1024))


class RetrySchema(LoginSchema):
    """The login again, since it was not kept; and the host key, if another one was confirmed."""

    fingerprint = fields.String(
        load_default="",
        validate=validate.Regexp(f"^({FINGERPRINT.pattern})?{END}", error="must be SHA256:… of its host key"),
    )

    @post_load
    def to_login(self, said: dict[str, Any], **_: object) -> tuple[Login, str]:
        """The login, and the fingerprint or "" for the former one."""
        return _split_login(said), said["fingerprint"]


class DeploySchema(LoginSchema):
    """A machine that shall become a node. The login is used for this deploy and never stored."""

    host = fields.String(required=True, validate=HOST_RULE)
    port = WholeNumber(load_default=22, validate=PORT)
    user = fields.String(
        load_default="root", validate=validate.Regexp(f"^{USER.pattern}{END}", error="must be a user name such as root")
    )
    fingerprint = fields.String(
        required=True,
        validate=validate.Regexp(f"^{FINGERPRINT.pattern}{END}", error="must be SHA256:… of its host key"),
    )
    node_id = fields.String(
        load_default="",
        data_key="nodeId",
        validate=validate.Regexp(f"^({NODE_ID.pattern})?{END}", error="must be 2-64 letters, digits, dots, dashes"),
    )
    name = fields.String(load_default="", validate=TEXT)
    worker_host = fields.String(load_default="", data_key="workerHost", validate=validate.Length(max=253))
    node_port = WholeNumber(load_default=3101, data_key="nodePort", validate=PORT)
    capabilities = fields.List(fields.String(), load_default=list, validate=validate.Length(max=100))
    agents = fields.List(AgentOrderField(), load_default=list, validate=validate.Length(max=MOST_AGENTS))

    @post_load
    def to_order(self, said: dict[str, Any], **_: object) -> tuple[DeployOrder, Login]:
        """What to do, and apart from it what proves the user."""
        login = _split_login(said)
        said["capabilities"] = split_capabilities(said["capabilities"])
        if any(not CAPABILITY.fullmatch(word) for word in said["capabilities"]):
            raise ValidationError("must be words such as gpu or browser", "capabilities")
        said["agents"] = tuple(said["agents"])
        if said["node_port"] + len(said["agents"]) > 65535:
            raise ValidationError("must leave a port behind it for each agent", "nodePort")
        said["node_id"] = said["node_id"] or node_id_for(said["name"] or said["host"])
        return DeployOrder(**said), login


class DeployAnswerSchema(Schema):
    """The deploy was taken on; its job tells how far it is."""

    message = fields.String(required=True)
    nodeId = fields.String(required=True)  # noqa: N815
    jobId = fields.UUID(required=True)  # noqa: N815
