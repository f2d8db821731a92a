"""Deploys of one machine or many, on the wire."""

from collections.abc import Mapping
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.api.schemas.deploy import FingerprintsField, MachineSchema, expect_login
from app.api.schemas.faults import by_field
from app.api.schemas.node import HOST_RULE
from app.domain.deploying.machine_list import read_machines
from app.domain.deploying.rows import MOST_MACHINES, Asked, Row

LISTS = {"hosts", "csv"}
# What one machine has of its own; everything else may stand once, beside the list.
OWN = {"host", "name", "nodeId", "fingerprint"}
SHOWN = {"host", "port", "user", "name", "nodeId"}
LOGIN = {"privateKey", "passphrase", "password"}


class DeploySchema(MachineSchema):
    """One machine, or many: `hosts` or `csv` instead of `host`. Logins are used for their deploys and never stored."""

    host = fields.String(validate=HOST_RULE)
    hosts = fields.List(
        fields.Dict(keys=fields.String()),
        validate=validate.Length(1, MOST_MACHINES, error=f"must be 1-{MOST_MACHINES} machines"),
        metadata={"description": "Each with the keys of one machine; what it leaves out is taken from beside the list"},
    )
    csv = fields.String(
        metadata={"description": "The same as CSV: a heading of such keys, or host, port, user, name, agents without"}
    )
    fingerprints = FingerprintsField()

    @post_load(pass_original=True)
    def to_order(self, said: dict[str, Any], original: Mapping[str, Any], **_: object) -> Asked:
        """One row, or those of the list."""
        given = original.keys() & (LISTS | {"host"})
        if len(given) != 1:
            raise ValidationError("give one of host, hosts and csv", "host")
        if given == {"host"}:
            return Asked((_only(original),))
        listed = said["hosts"] if given == {"hosts"} else read_machines(said["csv"])
        if len(listed) > MOST_MACHINES:
            raise ValidationError(f"must be 1-{MOST_MACHINES} machines", "csv")
        common = {key: value for key, value in original.items() if key not in OWN | LISTS | {"fingerprints"}}
        rows = (_row(number, common, one, said["fingerprints"]) for number, one in enumerate(listed, 1))
        return Asked(tuple(rows), many=True)


def _only(original: Mapping[str, Any]) -> Row:
    order, login = MachineSchema().load({key: value for key, value in original.items() if key != "fingerprints"})
    if not order.fingerprint:
        raise ValidationError("is required: look at the host key first, and confirm it", "fingerprint")
    return Row(1, order, expect_login(login))


def _row(number: int, common: dict[str, Any], said: dict[str, Any], fingerprints: dict[str, str]) -> Row:
    shared = {key: value for key, value in common.items() if key not in LOGIN} if LOGIN & said.keys() else common
    address = f"{str(said.get('host', '')).lower()}:{said.get('port') or common.get('port', 22)}"
    known = {"fingerprint": fingerprints[address]} if address in fingerprints else {}
    try:
        order, login = MachineSchema().load({**shared, **known, **said})
    except ValidationError as refusal:
        words = {key: str(value)[:253] for key, value in {**shared, **said}.items() if key in SHOWN}
        return Row(number, None, faults=by_field(cast("dict[str, Any]", refusal.messages)), said=words)
    return Row(number, order, login)


class MachineViewSchema(Schema):
    """A row of a list as it was read, and what is wrong with it by field."""

    row = fields.Integer(required=True, metadata={"description": "Counted from 1"})
    host = fields.String(required=True)
    port = fields.String(required=True)
    user = fields.String(required=True)
    name = fields.String(required=True)
    nodeId = fields.String(required=True)  # noqa: N815
    agents = fields.List(fields.String(), required=True)
    capabilities = fields.List(fields.String(), required=True)
    fingerprint = fields.String(required=True, metadata={"description": "Named, or confirmed before; empty if neither"})
    login = fields.Boolean(required=True, metadata={"description": "The row, or what stands beside the list, has one"})
    faults = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class MachineListSchema(Schema):
    """The rows of a list, none of them started."""

    machines = fields.List(fields.Nested(MachineViewSchema), required=True)
