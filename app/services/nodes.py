"""Register, read and remove nodes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.errors import ForeignCredential, NodeConflict, NodeNotFound
from app.domain.identity.actor import Actor, ActorKind
from app.domain.nodes.boots import Call, judge_registration
from app.domain.nodes.events import NodeAnnouncement, NodeEvent
from app.domain.nodes.node import Json, Node, is_absent
from app.domain.nodes.registration import Registration, within
from app.domain.nodes.status import NodeStatus, StatusReason
from app.extensions import db, settings
from app.gateways import event_bus
from app.models import AgentActivity, ControlPlane, MetricBlock, NodeCommand, NodeRow, NodeTransition
from app.services import audit
from app.services.admission import credentials, misuse, refusals
from app.services.admission.refusals import TurnedAway
from app.services.agents.acts import releasing
from app.services.node_view import COLUMNS, Moment, stored
from app.services.presence import boots, conflicts
from app.services.presence.transitions import Entry, write_entries
from app.services.shared_reading import SharedReading
from app.services.transaction import transaction

PER_TURN = 250  # nodes that are read before others get a turn


@dataclass(frozen=True)
class Fleet:
    """All nodes at one moment. `mass_outage` is (since, nodes) while most of the fleet is suspiciously silent."""

    nodes: list[Node]
    mass_outage: tuple[datetime, int] | None


@dataclass(frozen=True)
class NodeDetails:
    """A node, and what is known of each of its agents."""

    node: Node
    agents: list[Json]


def register(by: Actor, registration: Registration) -> Node:
    """Make a machine a node, or update it. What the message leaves out stays as it is.

    Raises NodeConflict when another machine or daemon that is alive has this node id, and ForeignCredential when a node
    speaks for another one. Capabilities that a node's credential does not allow are dropped, with an entry about it.
    """
    _refuse_foreign(by, registration.node_id)
    _refuse_conflict(registration)
    allowed, dropped = within(registration, by.capabilities)
    with transaction() as after_commit:
        before = db.session.get(NodeRow, registration.node_id, with_for_update=True)
        moment = Moment.read()
        was = (before.status, before.host, before.port) if before else (NodeStatus.OFFLINE, None, None)
        row = _upsert(allowed, before, moment.now)
        if not registration.manual:
            _mark_seen(row, moment)
        node = moment.view(row)
        entries = _entries(node, was, dropped)
        write_entries(db.session(), entries)
        if entries or by.is_person:
            audit.record(by, "node.register", node.node_id, detail={"host": node.host, "port": node.port})
        after_commit(lambda: event_bus.publish([NodeAnnouncement(NodeEvent.REGISTER, node)]))
    return node


def list_nodes() -> Fleet:
    """Every node of the fleet, as it is now; who asks together shares one reading, so leave it as it is."""
    shared: SharedReading[Fleet] = current_app.extensions.setdefault("fleet_reading", SharedReading())
    return shared.get(_read_fleet)


def _read_fleet() -> Fleet:
    with transaction():
        moment = Moment.read()
        outage = db.session.execute(select(ControlPlane.mass_outage_since, ControlPlane.mass_outage_nodes)).one()
        nodes: list[Node] = []
        for rows in db.session.connection().execute(select(*COLUMNS)).partitions(PER_TURN):
            nodes += [moment.view(stored(row)) for row in rows]
            time.sleep(0)  # heartbeats get their turn: under gevent all requests share one thread
    return Fleet(nodes, (outage[0], outage[1]) if outage[0] else None)


def get_node(node_id: str) -> NodeDetails:
    """One node with its agents. Raises NodeNotFound."""
    with transaction():
        row = db.session.get(NodeRow, node_id, populate_existing=True)
        if row is None:
            raise NodeNotFound
        node = Moment.read().view(row)
        chosen = select(AgentActivity).where(AgentActivity.agent_id.in_(row.agent_reports))
        said = {activity.agent_id: activity for activity in db.session.scalars(chosen)}
        shown = [agent for agent in row.agent_reports if agent in node.agents or is_absent(row.agent_reports[agent])]
        agents = [_agent(agent, row.agent_reports[agent], said.get(agent)) for agent in sorted(shown)]
    return NodeDetails(node, agents)


def remove_node(by: Actor, node_id: str) -> None:
    """Forget a node and its history of usage; its timeline stays, and its credentials never count again.

    Its agents are placed nowhere from then on: what still runs on the machine is out of our reach.

    Raises NodeNotFound.
    """
    with transaction() as after_commit:
        releasing.release(db.session.connection(), node_id)
        row = db.session.get(NodeRow, node_id, with_for_update=True)
        if row is None:
            raise NodeNotFound
        node = Moment.read().view(row)._replace(status=NodeStatus.OFFLINE, reason=StatusReason.REMOVED)
        db.session.delete(row)
        db.session.execute(delete(NodeCommand).where(NodeCommand.node_id == node_id))
        db.session.execute(delete(MetricBlock).where(MetricBlock.node_id == node_id))
        entry = Entry(node_id, row.status, NodeStatus.OFFLINE, StatusReason.REMOVED, "Removed", node.agents)
        write_entries(db.session(), [entry])
        credentials.revoke_all(node_id, "removed")
        audit.record(by, "node.remove", node_id)
        after_commit(lambda: event_bus.publish([NodeAnnouncement(NodeEvent.OFFLINE, node, removed=True)]))


def timeline(node_id: str, before: int | None, limit: int) -> list[NodeTransition]:
    """The changes of a node's status, newest first, older than entry `before`. A removed node keeps its own."""
    chosen = select(NodeTransition).where(NodeTransition.node_id == node_id)
    if before is not None:
        chosen = chosen.where(NodeTransition.id < before)
    with transaction():
        found = list(db.session.scalars(chosen.order_by(NodeTransition.id.desc()).limit(limit)))
        if not found and db.session.get(NodeRow, node_id) is None:
            raise NodeNotFound
        db.session.expunge_all()
    return found


def _refuse_foreign(by: Actor, node_id: str) -> None:
    if by.kind is ActorKind.NODE and by.id != node_id:
        refusal = ForeignCredential(by.id, node_id)
        refusal.more = {"refusal": refusals.note_alone(TurnedAway(node_id, by.address, "foreign_credential"))}
        misuse.write_down(by, "node.register", node_id, refusal)
        raise refusal


def _refuse_conflict(said: Registration) -> None:
    """Mark the node, in a transaction of its own so that the mark outlives the refusal, and refuse."""
    with transaction():
        row = db.session.get(NodeRow, said.node_id, with_for_update=True)
        if row is None or (said.machine_id is None and said.boot_id is None):
            return
        now = Moment.read().now
        alive = row.last_heartbeat is not None and now - row.last_heartbeat < settings().offline_after
        ruling = judge_registration(boots.of_row(row), said.boot_id, said.previous_boot_ids, alive)
        foreign = alive and said.machine_id is not None and row.machine_id not in (None, said.machine_id)
        if foreign or ruling.conflict:
            conflicts.record(db.session.connection(), [row.node_id])
        if not foreign:
            boots.keep(db.session.connection(), row.node_id, ruling.after)
        if not foreign and ruling.call is not Call.REFUSE:
            return
        conflict = NodeConflict(row.node_id, row.host)
    raise conflict


def _upsert(registration: Registration, before: NodeRow | None, now: datetime) -> NodeRow:
    values = {key: value for key, value in _stored(registration).items() if value is not None}
    if before is None:
        values["boot_id"] = registration.boot_id
    if registration.agents is not None:
        values["agent_reports"] = _reports(registration, before.agent_reports if before else {}, now)
        values["agents_seen"] = len(values["agent_reports"])
    statement = insert(NodeRow).values({"name": registration.node_id, **values})
    changed: dict[Any, Any] = {getattr(NodeRow, key): value for key, value in values.items()}
    statement = statement.on_conflict_do_update(index_elements=[NodeRow.node_id], set_=changed)
    chosen = statement.returning(NodeRow)
    return db.session.scalars(chosen, execution_options={"populate_existing": True}).one()


def _stored(registration: Registration) -> dict[str, Any]:
    return {
        "node_id": registration.node_id,
        "name": registration.name,
        "host": registration.host,
        "port": registration.port,
        "platform": registration.platform,
        "arch": registration.arch,
        "cpu_count": registration.cpu_count,
        "memory_mb": registration.memory_mb,
        "version": registration.version,
        "capabilities": None if registration.capabilities is None else list(registration.capabilities),
        "extra": registration.metadata,
        "labels": registration.labels,
        "managed": registration.managed or None,
        "machine_id": registration.machine_id,
    }


def _reports(registration: Registration, present: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    agents = registration.agents or ()
    if registration.managed or len(agents) != 1:
        return {agent: present.get(agent, {}) for agent in agents}
    # One id without a daemon is an agent that registers the node it shares with others: they stay.
    return {**present, agents[0]: {"at": now.timestamp()}}


def _mark_seen(row: NodeRow, moment: Moment) -> None:
    row.last_heartbeat = moment.now
    node = moment.view(row)
    if row.status != node.status:
        row.status, row.status_reason, row.status_since = node.status, StatusReason.REGISTERED, moment.now
    db.session.flush()


def _entries(node: Node, was: tuple[str, str | None, int | None], dropped: tuple[str, ...]) -> list[Entry]:
    status, host, port = was
    now = node.status if node.last_heartbeat else status
    entries = []
    if host is None or status != now:
        entries.append(Entry(node.node_id, status, now, StatusReason.REGISTERED, "Registered", node.agents))
    if host is not None and (host, port) != (node.host, node.port):
        moved = f"Address changed from {host}:{port} to {node.host}:{node.port}"
        entries.append(Entry(node.node_id, now, now, StatusReason.ADDRESS_CHANGED, moved, node.agents))
    if dropped:
        sentence = f"Capabilities that its credential does not allow were left out: {', '.join(dropped)}"
        entries.append(Entry(node.node_id, now, now, StatusReason.CAPABILITIES_DROPPED, sentence, node.agents))
    return entries


def _agent(agent_id: str, report: Mapping[str, Any], said: AgentActivity | None) -> Json:
    known = {"agentId": agent_id, "name": agent_id, **{k: v for k, v in report.items() if k not in ("at", "absent")}}
    if said is not None:
        known |= {
            "status": said.status,
            "activeSessions": said.active_sessions,
            "clockedIn": said.clocked_in,
            "currentActivity": said.current_activity,
        }
    return known
