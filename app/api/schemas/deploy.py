"""Deploys over SSH, on the wire."""

import shlex
from dataclasses import replace
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.api.schemas.node import END, HOST_RULE, PORT, WholeNumber
from app.domain.deploying.files import quoted
from app.domain.deploying.request import (
    AGENT_ID,
    MOST_AGENTS,
    AgentOrder,
    Bastion,
    DeployOrder,
    Retry,
    Source,
    node_id_for,
)
from app.domain.deploying.ssh import FINGERPRINT, USER, Login, SshTarget
from app.domain.errors import InvalidInput
from app.domain.nodes.registration import CAPABILITY, HOST, NODE_ID, split_capabilities

FINGERPRINT_RULE = validate.Regexp(f"^({FINGERPRINT.pattern})?{END}", error="must be SHA256:… of its host key")
WORKER_HOST_RULE = validate.Regexp(f"^({HOST.pattern})?{END}", error="must be an IP address or a hostname")
USER_RULE = validate.Regexp(f"^{USER.pattern}{END}", error="must be a user name such as root")
NO_LOGIN = "a private key or a password is needed"
RUNTIME = (
    "Where Node.js, PM2 and the agent package come from. `bundle`: sent along. `machine`: by npm, with the machine's "
    "own Node.js. `packages`: the same, after its package manager brought Node.js. `auto`: `bundle` where there is "
    "one, else `machine`"
)
LONGEST_SECRET = 16 * 1024
MOST_LOOKS = 32  # at host keys, in one request


def settable(value: str) -> None:
    """Raises ValidationError for a text that the node's environment file could not hold."""
    try:
        quoted("it", value)
    except InvalidInput as refusal:
        raise ValidationError(str(refusal).removeprefix("it ")) from None


TEXT = validate.And(validate.Length(max=128), settable)


def split_login(said: dict[str, Any]) -> Login:
    """Take what proves the user out of what was said."""
    return Login(**{key: said.pop(key) for key in ("private_key", "passphrase", "password")})


def expect_login(login: Login) -> Login:
    """Raises ValidationError for a login that proves nothing."""
    if not login.is_there:
        raise ValidationError(NO_LOGIN, "privateKey")
    return login


def targets_of(addresses: list[dict[str, Any]], said: dict[str, Any]) -> tuple[list[SshTarget], Login]:
    """Machines whose host keys are wanted, behind a jump host or not, and the login there."""
    login = split_login(said)
    bastion, own = said["bastion"] or (None, None)
    if bastion:
        login = expect_login(own or login)
    via = bastion and bastion.target
    return [SshTarget(one["host"], "", one["port"], bastion=via) for one in addresses], login


class LoginSchema(Schema):
    """What proves the user. It is used for one deploy and never stored."""

    private_key = fields.String(load_default="", data_key="privateKey", validate=validate.Length(max=LONGEST_SECRET))
    passphrase = fields.String(load_default="", validate=validate.Length(max=1024))
    password = fields.String(load_default="", validate=validate.Length(max=1024))


class BastionSchema(LoginSchema):
    """A jump host: the machine is reached from there. Without a login of its own, that of the machine is used."""

    host = fields.String(required=True, validate=HOST_RULE)
    port = WholeNumber(load_default=22, validate=PORT)
    user = fields.String(load_default="root", validate=USER_RULE)
    fingerprint = fields.String(required=True, validate=FINGERPRINT_RULE)

    @post_load
    def to_bastion(self, said: dict[str, Any], **_: object) -> tuple[Bastion, Login | None]:
        """Where it is, and its own login if it has one."""
        login = split_login(said)
        if not said["fingerprint"]:
            raise ValidationError("is required: look at the host key first, and confirm it", "fingerprint")
        return Bastion(**said), login if login.is_there else None


class SshAddressSchema(Schema):
    """Where an SSH server is."""

    host = fields.String(required=True, validate=HOST_RULE)
    port = WholeNumber(load_default=22, validate=PORT)


class HostKeyQuerySchema(LoginSchema, SshAddressSchema):
    """Whose host key. Only a jump host on the way needs a login."""

    bastion = fields.Nested(BastionSchema, load_default=None)

    @post_load
    def to_targets(self, said: dict[str, Any], **_: object) -> tuple[list[SshTarget], Login]:
        """The machine, and what proves the user on the jump host."""
        return targets_of([said], said)


class HostKeysQuerySchema(LoginSchema):
    """Whose host keys."""

    hosts = fields.List(
        fields.Nested(SshAddressSchema),
        required=True,
        validate=validate.Length(1, MOST_LOOKS, error=f"must be 1-{MOST_LOOKS}"),
    )
    bastion = fields.Nested(BastionSchema, load_default=None)

    @post_load
    def to_targets(self, said: dict[str, Any], **_: object) -> tuple[list[SshTarget], Login]:
        """The machines, and what proves the user on the jump host."""
        return targets_of(said["hosts"], said)


class HostKeySchema(Schema):
    """The host key that a machine shows now."""

    fingerprint = fields.String(required=True, metadata={"description": "As `ssh-keygen -lf` prints it."})
    known = fields.Boolean(required=True, metadata={"description": "It is the one that was confirmed before."})
    changed = fields.Boolean(required=True, metadata={"description": "Another one was confirmed before."})


class FingerprintsField(fields.Dict):
    """Host keys that were confirmed, by `host:port`."""

    def __init__(self) -> None:
        note = "Confirmed host keys by `host:port`; one that was confirmed before need not be named"
        values = fields.String(validate=FINGERPRINT_RULE)
        super().__init__(fields.String(), values, load_default=dict, metadata={"description": note})


class HostKeySeenSchema(SshAddressSchema, HostKeySchema):
    """The same of one of many machines, or why it shows none."""

    port = WholeNumber(required=True)
    error = fields.String(metadata={"description": "Why there is no fingerprint"})
    code = fields.String()
    advice = fields.String()


class HostKeysSchema(Schema):
    """The host keys of machines, in the order in which they were asked for."""

    keys = fields.List(fields.Nested(HostKeySeenSchema), required=True)


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        raise ValidationError("a command is missing the end of a quotation") from None


class AgentOrderField(fields.Field[AgentOrder]):
    """An agent's id, or an object with its id, name, role and command."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> AgentOrder:
        del attr, data, kwargs
        said = {"id": value} if isinstance(value, str) else value
        if not isinstance(said, dict) or not isinstance(said.get("id"), str) or not AGENT_ID.fullmatch(said["id"]):
            raise ValidationError("must be ids of letters, digits, dot, dash and underscore")
        command = said.get("command") or ()
        words = _split(command) if isinstance(command, str) else command
        if not all(isinstance(word, str) and "\x00" not in word for word in words):
            raise ValidationError("a command is a text or a list of texts")
        return AgentOrder(said["id"], str(said.get("name") or "")[:128], str(said.get("role") or "")[:64], tuple(words))


class RetrySchema(LoginSchema):
    """The login again, since it was not kept; and the host key, if another one was confirmed."""

    fingerprint = fields.String(load_default="", validate=FINGERPRINT_RULE)
    fingerprints = FingerprintsField()
    bastion = fields.Nested(
        LoginSchema, load_default=None, metadata={"description": "The login of the jump host, if it has one of its own"}
    )

    @post_load
    def to_retry(self, said: dict[str, Any], **_: object) -> Retry:
        """The login, and the host keys that are not the former ones."""
        login = expect_login(split_login(said))
        if said["bastion"]:
            login = replace(login, bastion=expect_login(split_login(said["bastion"])))
        return Retry(login, said["fingerprint"], said["fingerprints"])


class MachineSchema(LoginSchema):
    """A machine that shall become a node. The login is used for this deploy and never stored."""

    host = fields.String(required=True, validate=HOST_RULE)
    port = WholeNumber(load_default=22, validate=PORT)
    user = fields.String(load_default="root", validate=USER_RULE)
    fingerprint = fields.String(load_default="", validate=FINGERPRINT_RULE)
    bastion = fields.Nested(BastionSchema, load_default=None)
    node_id = fields.String(
        load_default="",
        data_key="nodeId",
        validate=validate.Regexp(f"^({NODE_ID.pattern})?{END}", error="must be 2-64 letters, digits, dots, dashes"),
    )
    name = fields.String(load_default="", validate=TEXT)
    worker_host = fields.String(load_default="", data_key="workerHost", validate=WORKER_HOST_RULE)
    node_port = WholeNumber(load_default=3101, data_key="nodePort", validate=PORT)
    capabilities = fields.List(fields.String(), load_default=list, validate=validate.Length(max=100))
    agents = fields.List(AgentOrderField(), load_default=list, validate=validate.Length(max=MOST_AGENTS))
    runtime_from = fields.Enum(
        Source, by_value=True, load_default=Source.AUTO, data_key="runtime", metadata={"description": RUNTIME}
    )

    @post_load
    def to_order(self, said: dict[str, Any], **_: object) -> tuple[DeployOrder, Login]:
        """What to do, and apart from it what proves the user, if anything was said that does."""
        login = split_login(said)
        if said["bastion"]:
            said["bastion"], own = said["bastion"]
            login = replace(login, bastion=own)
        said["capabilities"] = split_capabilities(said["capabilities"])
        if any(not CAPABILITY.fullmatch(word) for word in said["capabilities"]):
            raise ValidationError("must be words such as gpu or browser", "capabilities")
        said["agents"] = tuple(said["agents"])
        if said["node_port"] + len(said["agents"]) > 65535:
            raise ValidationError("must leave a port behind it for each agent", "nodePort")
        said["node_id"] = said["node_id"] or node_id_for(said["name"] or said["host"])
        return DeployOrder(**said), login


class DeployedSchema(Schema):
    """One of many machines and its job."""

    host = fields.String(required=True)
    nodeId = fields.String(required=True)  # noqa: N815
    jobId = fields.UUID(required=True)  # noqa: N815


class DeployAnswerSchema(Schema):
    """The deploy was taken on; its job tells how far it is. For many machines it is that of the whole."""

    message = fields.String(required=True)
    jobId = fields.UUID(required=True)  # noqa: N815
    nodeId = fields.String(metadata={"description": "Of one machine"})  # noqa: N815
    jobs = fields.List(fields.Nested(DeployedSchema), metadata={"description": "Of many machines"})
