"""Setups by a script or an offline bundle, on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.api.schemas.deploy import RUNTIME, TEXT, AgentOrderField
from app.api.schemas.instant import Time
from app.api.schemas.node import END, HOST_RULE, PORT, WholeNumber
from app.domain.deploying.request import MOST_AGENTS, DeployOrder, Source, node_id_for
from app.domain.deploying.runtime import Platform
from app.domain.deploying.setup import LARGEST_RECEIPTS
from app.domain.nodes.registration import CAPABILITY, NODE_ID, split_capabilities


class SetupSchema(Schema):
    """A machine whose owner will run the script there."""

    node_id = fields.String(
        load_default="",
        data_key="nodeId",
        validate=validate.Regexp(f"^({NODE_ID.pattern})?{END}", error="must be 2-64 letters, digits, dots, dashes"),
    )
    name = fields.String(load_default="", validate=TEXT)
    worker_host = fields.String(
        load_default="localhost",
        data_key="workerHost",
        validate=HOST_RULE,
        metadata={"description": "How the control plane reaches the node; left out: not at all, which is enough"},
    )
    node_port = WholeNumber(load_default=3101, data_key="nodePort", validate=PORT)
    capabilities = fields.List(fields.String(), load_default=list, validate=validate.Length(max=100))
    agents = fields.List(AgentOrderField(), load_default=list, validate=validate.Length(max=MOST_AGENTS))
    runtime_from = fields.Enum(
        Source, by_value=True, load_default=Source.AUTO, data_key="runtime", metadata={"description": RUNTIME}
    )
    replace = fields.Boolean(load_default=False, metadata={"description": "Take the place of the node with this id"})
    minutes = WholeNumber(load_default=15, data_key="expiresInMinutes", validate=validate.Range(1, 1440))

    @post_load
    def to_order(self, said: dict[str, Any], **_: object) -> dict[str, Any]:
        """The order, and beside it what the token is for."""
        capabilities = split_capabilities(said.pop("capabilities"))
        if any(not CAPABILITY.fullmatch(word) for word in capabilities):
            raise ValidationError("must be words such as gpu or browser", "capabilities")
        node_id, name = said.pop("node_id"), said.pop("name")
        if not node_id and not name:
            raise ValidationError("a name or an id is needed", "name")
        agents, node_port, host = tuple(said.pop("agents")), said.pop("node_port"), said.pop("worker_host")
        if node_port + len(agents) > 65535:
            raise ValidationError("must leave a port behind it for each agent", "nodePort")
        node_id, source = node_id or node_id_for(name), said.pop("runtime_from", Source.AUTO)
        order = DeployOrder(host, "", "", node_id, 0, name, host, node_port, capabilities, agents, runtime_from=source)
        return {"order": order, **said}


class BundleSchema(SetupSchema):
    """A machine without a way to us."""

    class Meta:
        exclude = ("runtime_from",)

    platform = fields.Enum(
        Platform,
        by_value=True,
        load_default=None,
        metadata={"description": "Needed when agents run from the package of this deployment"},
    )
    with_token = fields.Boolean(
        load_default=True,
        data_key="withToken",
        metadata={"description": "Without: nothing in it is secret, and the machine joins with a token of its own"},
    )


class SetupMadeSchema(Schema):
    """The line and the script, shown this once."""

    nodeId = fields.String(required=True)  # noqa: N815
    jobId = fields.UUID(required=True, metadata={"description": "Its job, once the script has begun"})  # noqa: N815
    joinTokenId = fields.UUID(required=True)  # noqa: N815
    command = fields.String(required=True)
    script = fields.String(required=True)
    expiresAt = Time(required=True)  # noqa: N815


class ReceiptQuerySchema(Schema):
    """Where the piece begins."""

    offset = fields.Integer(required=True, validate=validate.Range(0, LARGEST_RECEIPTS))
