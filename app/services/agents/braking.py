"""The fleet brake: one row says what is paused, every node is told by the next revision of its list.

A node has confirmed when its daemon carries out that revision. What comes later (a new node, an agent that gets the
tag) is told by the sweep, or with its own change.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select, text

from app.domain.identity.actor import Actor
from app.domain.upkeep.brake import Brake, put_on
from app.extensions import db
from app.models import ControlPlane
from app.services import audit
from app.services.agents import nudging
from app.services.node_view import Moment
from app.services.transaction import transaction

MOST_NUDGES = 100  # more nodes hear of it with their next heartbeat

# Those with something that the brake holds: for all agents every node with a daemon, else where one has the tag.
_CONCERNED = """
n.managed AND (CAST(:tag AS text) IS NULL OR EXISTS (
    SELECT FROM agents a WHERE (a.node_id = n.node_id OR a.moving_to = n.node_id) AND a.tags @> ARRAY[:tag]::text[]))
"""
_TELL = text(f"""
WITH locked AS MATERIALIZED (
    SELECT n.node_id FROM cluster_nodes n WHERE {_CONCERNED} AND (:anew OR n.brake_revision IS NULL)
    ORDER BY n.node_id FOR UPDATE)
UPDATE cluster_nodes n SET assignments_revision = n.assignments_revision + 1,
    brake_revision = n.assignments_revision + 1
FROM locked WHERE n.node_id = locked.node_id RETURNING n.node_id
""")  # noqa: S608 - our own words
_TELL_OF_END = text("""
WITH locked AS MATERIALIZED (
    SELECT node_id FROM cluster_nodes WHERE brake_revision IS NOT NULL ORDER BY node_id FOR UPDATE)
UPDATE cluster_nodes n SET assignments_revision = n.assignments_revision + 1, brake_revision = NULL
FROM locked WHERE n.node_id = locked.node_id RETURNING n.node_id
""")
_ANSWERS = text(f"""
SELECT n.node_id, n.managed AND n.assignments_seen IS NOT NULL AS reachable,
    coalesce(n.assignments_seen >= n.brake_revision, false) AS confirmed
FROM cluster_nodes n WHERE {_CONCERNED} OR CAST(:tag AS text) IS NULL ORDER BY n.node_id
""")  # noqa: S608 - our own words


@dataclass(frozen=True)
class BrakeView:
    """The brake, if it is on, and which nodes have carried it out; `unreachable` have no daemon that could."""

    brake: Brake | None
    confirmed: Sequence[str] = ()
    waiting: Sequence[str] = ()
    unreachable: Sequence[str] = ()


def get_brake() -> BrakeView:
    """Whether the brake is on, and where."""
    with transaction():
        brake = current()
        if brake is None:
            return BrakeView(None)
        rows = db.session.execute(_ANSWERS, {"tag": brake.tag}).all()
    return BrakeView(
        brake,
        [row.node_id for row in rows if row.reachable and row.confirmed],
        [row.node_id for row in rows if row.reachable and not row.confirmed],
        [row.node_id for row in rows if not row.reachable],
    )


def brake(by: Actor, tag: str | None, note: str) -> BrakeView:
    """Pause all agents, or those with the tag; a brake that is on already gives way to this one."""
    with transaction() as after_commit:
        state = _lock()
        made = put_on(tag, note, by.name, Moment.read().now)
        state.brake = asdict(made)
        db.session.flush()
        former = db.session.scalars(_TELL_OF_END).all()
        told = db.session.scalars(_TELL, {"tag": tag, "anew": True}).all()
        audit.record(by, "brake.put-on", tag or "all agents", detail={"note": note, "nodes": len(told)})
        after_commit(lambda: _nudge({*former, *told}))
    return get_brake()


def release(by: Actor) -> BrakeView:
    """Take the brake off: what should run is started again. Does nothing when it is off."""
    with transaction() as after_commit:
        state = _lock()
        if state.brake is None:
            return BrakeView(None)
        state.brake = None
        db.session.flush()
        told = db.session.scalars(_TELL_OF_END).all()
        audit.record(by, "brake.take-off", "all agents", detail={"nodes": len(told)})
        after_commit(lambda: _nudge(told))
    return BrakeView(None)


def sweep() -> None:
    """Tell nodes of the brake that came to be concerned by it since it was put on."""
    with transaction() as after_commit:
        brake = current()
        if brake is not None:
            told = db.session.scalars(_TELL, {"tag": brake.tag, "anew": False}).all()
            after_commit(lambda: _nudge(told))


def current() -> Brake | None:
    """The brake if it is on, within the current transaction."""
    return Brake.from_stored(db.session.scalar(select(ControlPlane.brake)))


def _lock() -> ControlPlane:
    return db.session.get_one(ControlPlane, 1, with_for_update=True, populate_existing=True)


def _nudge(node_ids: Sequence[str] | set[str]) -> None:
    if len(node_ids) <= MOST_NUDGES:
        for node_id in sorted(node_ids):
            nudging.nudge(node_id)
