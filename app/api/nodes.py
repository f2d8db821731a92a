"""Nodes: register, list, read, remove, timeline."""

import time
from datetime import datetime
from typing import Any

from flask import Response

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response, json_with_etag
from app.api.page import Pager
from app.api.schemas.action import RemovedSchema
from app.api.schemas.node import (
    NodeDetailsSchema,
    NodeListQuerySchema,
    NodeListSchema,
    NodeSchema,
    RegistrationSchema,
    TimelineQuerySchema,
    TimelineSchema,
    TransitionSchema,
)
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import Json, Node, iso, stats, to_wire
from app.domain.nodes.order import NODE_ORDERS
from app.domain.nodes.query import NODES
from app.domain.nodes.registration import Registration
from app.services import nodes

bp = JsonBlueprint("nodes", __name__, description="Worker nodes")
PAGER = Pager(NODES, NODE_ORDERS)
PER_TURN = 1000  # nodes that are told of before others get a turn: some 6 ms


@bp.route("/register", methods=["POST"])
@bp.arguments(RegistrationSchema)
@bp.alt_response(200, schema=NodeSchema)
@allow(Policy.NODE, Policy.OPERATOR)
def register(registration: Registration) -> Response:
    """Make a machine a node, or update it; what is left out stays as it is."""
    return json_response(to_wire(nodes.register(auth.actor(), registration)))


@bp.route("/nodes", methods=["GET"])
@bp.arguments(NodeListQuerySchema, location="query")
@bp.alt_response(200, schema=NodeListSchema)
@allow(Policy.VIEWER)
def list_nodes(wanted: dict[str, Any]) -> Response:
    """The fleet with its totals; filtered, sorted and paged on request."""
    fleet = nodes.list_nodes()
    chosen = PAGER.page(fleet.nodes, wanted["q"], wanted["sort"], wanted["limit"], wanted["cursor"])
    return json_with_etag(
        {
            "nodes": _wire(chosen.items),
            "stats": stats(fleet.nodes),
            "matched": chosen.matched,
            "nextCursor": chosen.next_cursor,
            "notices": _notices(fleet.mass_outage),
        }
    )


@bp.route("/nodes/<node_id>", methods=["GET"])
@bp.alt_response(200, schema=NodeDetailsSchema)
@allow(Policy.VIEWER)
def get_node(node_id: str) -> Response:
    """One node, with what is known of each of its agents."""
    found = nodes.get_node(node_id)
    return json_with_etag({**to_wire(found.node), "agentDetails": found.agents})


@bp.route("/nodes/<node_id>", methods=["DELETE"])
@bp.alt_response(200, schema=RemovedSchema)
@allow(Policy.OPERATOR)
def remove_node(node_id: str) -> Response:
    """Forget a node. A machine that goes on sending heartbeats is told to register again."""
    nodes.remove_node(auth.actor(), node_id)
    return json_response({"removed": True})


@bp.route("/nodes/<node_id>/transitions", methods=["GET"])
@bp.arguments(TimelineQuerySchema, location="query")
@bp.alt_response(200, schema=TimelineSchema)
@allow(Policy.VIEWER)
def timeline(wanted: dict[str, Any], node_id: str) -> Response:
    """Every change of a node's status with its reason, newest first."""
    entries = nodes.timeline(node_id, wanted["before"], wanted["limit"])
    shown = [{**TransitionSchema().dump(entry), "at": iso(entry.at)} for entry in entries]
    full = len(entries) == wanted["limit"]
    return json_response({"transitions": shown, "nextBefore": entries[-1].id if full else None})


def _wire(chosen: list[Node]) -> list[Json]:
    shown: list[Json] = []
    for start in range(0, len(chosen), PER_TURN):
        shown += map(to_wire, chosen[start : start + PER_TURN])
        time.sleep(0)  # others get a turn
    return shown


def _notices(mass_outage: tuple[datetime, int] | None) -> list[dict[str, str]]:
    if mass_outage is None:
        return []
    since, count = mass_outage
    sentence = f"{count} nodes went silent within a minute: probably the control plane's own network, not the nodes"
    return [{"code": "mass_outage", "message": sentence, "since": iso(since)}]
