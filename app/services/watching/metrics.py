"""Keep and read the history of usage of each node, and of the fleet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, text

from app.domain.errors import NodeNotFound
from app.domain.nodes import metrics
from app.domain.nodes.metrics import FLEET, KEPT, MINUTE, QUARTER, SCALE, SHARES, Block, Window
from app.extensions import db, settings
from app.models import MetricBlock, NodeRow
from app.services.transaction import transaction

LEAST_FRESH = timedelta(minutes=1)  # a node that was heard within this time has a point
HEALED_QUARTERS = 4  # so far back a roll-up looks for what an earlier one missed
FIGURES = (*SHARES, "load", "nodes")

# Both write one slot of one block per node. A new block gets an array that ends with that slot, so that the
# bounds of arrays always begin at 1; in a block that is there, Postgres fills what was skipped with nulls.
_STORE = """
INSERT INTO metric_blocks AS b (node_id, step, start, cpu, memory, disk, load, nodes)
SELECT node_id, :step, :start,
    array_fill(NULL::smallint, ARRAY[:slot - 1]) || round(cpu)::smallint,
    array_fill(NULL::smallint, ARRAY[:slot - 1]) || round(memory)::smallint,
    array_fill(NULL::smallint, ARRAY[:slot - 1]) || round(disk)::smallint,
    array_fill(NULL::real, ARRAY[:slot - 1]) || load::real,
    CASE WHEN nodes IS NOT NULL THEN array_fill(NULL::integer, ARRAY[:slot - 1]) || nodes::integer END
FROM points ORDER BY node_id
ON CONFLICT (node_id, step, start) DO UPDATE SET
    cpu[:slot] = excluded.cpu[:slot], memory[:slot] = excluded.memory[:slot], disk[:slot] = excluded.disk[:slot],
    load[:slot] = excluded.load[:slot],
    -- A slice, because a slice that is null changes nothing: nodes have no such figure.
    nodes[:slot : :slot] = excluded.nodes[:slot : :slot]
"""
_SAMPLE = text(f"""
WITH heard AS (
    SELECT node_id, cpu_usage * {SCALE} AS cpu, memory_usage * {SCALE} AS memory, disk_usage * {SCALE} AS disk,
        load_average[1] AS load
    FROM cluster_nodes WHERE last_heartbeat >= :heard_since),
points AS (
    SELECT *, NULL::integer AS nodes FROM heard UNION ALL
    SELECT '{FLEET}', avg(cpu), avg(memory), avg(disk), avg(load), count(*) FROM heard HAVING count(*) > 0)
{_STORE}""")  # noqa: S608 - our own constants
_ROLL_UP = text(f"""
WITH points AS (
    SELECT m.node_id, p.* FROM metric_blocks m, LATERAL (
        SELECT avg(cpu) AS cpu, avg(memory) AS memory, avg(disk) AS disk, avg(load) AS load, avg(nodes) AS nodes,
            count(*) FILTER (WHERE coalesce(cpu, memory, disk, load, nodes) IS NOT NULL) AS known
        FROM unnest(m.cpu[:from_ : :to], m.memory[:from_ : :to], m.disk[:from_ : :to], m.load[:from_ : :to],
            m.nodes[:from_ : :to]) AS minute(cpu, memory, disk, load, nodes)) p
    WHERE m.step = {MINUTE} AND m.start = :minutes_start AND p.known > 0)
{_STORE}""")  # noqa: S608 - our own constants


# One statement rolls up all nodes and the fleet, so where the fleet has its point all have theirs.
_ROLLED_UP = text(
    "SELECT nodes[:slot] IS NOT NULL FROM metric_blocks WHERE node_id = :fleet AND step = :step AND start = :start"
)


@dataclass(frozen=True)
class History:
    """The points of a window, by figure: shares from 0 to 1, the load of one minute, for the fleet also nodes."""

    window: Window
    figures: dict[str, list[float | None]]


def sample(now: datetime | None = None) -> None:
    """Keep what each node last said, if that is fresh, as its point of this minute. Harmless when doubled."""
    with transaction():
        now = now or _now()
        start, slot = metrics.place(metrics.nearest_minute(now), MINUTE)
        fresh = max(LEAST_FRESH, 2 * settings().heartbeat_interval)
        where = {"step": MINUTE, "start": start, "slot": slot, "heard_since": now - fresh}
        db.session.execute(_SAMPLE, where)


def roll_up(now: datetime | None = None) -> None:
    """Keep the mean of each quarter of an hour that is over and not kept yet. Harmless when doubled."""
    with transaction():
        now = now or _now()
    for quarter in metrics.finished_quarters(now, HEALED_QUARTERS):
        start, slot = metrics.place(quarter, QUARTER)
        minutes_start, from_ = metrics.place(quarter, MINUTE)
        minutes = {"minutes_start": minutes_start, "from_": from_, "to": from_ + QUARTER // MINUTE - 1}
        point = {"step": QUARTER, "start": start, "slot": slot}
        with transaction():
            if not db.session.scalar(_ROLLED_UP, {"fleet": FLEET, **point}):
                db.session.execute(_ROLL_UP, {**point, **minutes})


def history(node_id: str, start: datetime | None, end: datetime | None, step: int | None) -> History:
    """The history of a node, or of the fleet (FLEET).

    Raises NodeNotFound, and InvalidInput for a window that makes no sense.
    """
    with transaction():
        wanted = metrics.window(_now(), start, end, step)
        if node_id != FLEET and db.session.get(NodeRow, node_id) is None:
            raise NodeNotFound
        blocks = _blocks(node_id, wanted)
    figures = FIGURES if node_id == FLEET else FIGURES[:-1]
    return History(wanted, {figure: metrics.values(wanted, blocks, figure) for figure in figures})


def forget_old() -> int:
    """Delete blocks that are wholly too old, within the caller's transaction. Returns how many."""
    forgotten = 0
    for kept in KEPT.values():
        oldest = func.now() - kept.for_ - timedelta(seconds=kept.block)
        old = delete(MetricBlock).where(MetricBlock.step == kept.step, MetricBlock.start < oldest)
        forgotten += cast("CursorResult[Any]", db.session.execute(old)).rowcount
    return forgotten


def _now() -> datetime:
    now: datetime = db.session.execute(select(func.now())).scalar_one()
    return now


def _blocks(node_id: str, wanted: Window) -> list[Block]:
    earliest = func.to_timestamp(wanted.first - KEPT[wanted.stored_step].block)
    chosen = select(MetricBlock).where(
        MetricBlock.node_id == node_id,
        MetricBlock.step == wanted.stored_step,
        MetricBlock.start > earliest,
        MetricBlock.start <= func.to_timestamp(wanted.last + wanted.step),
    )
    return [Block(int(row.start.timestamp()), _readable(row)) for row in db.session.scalars(chosen)]


def _readable(row: Any) -> dict[str, Sequence[float | None]]:
    shares = {figure: [v if v is None else v / SCALE for v in getattr(row, figure)] for figure in SHARES}
    return {**shares, "load": row.load, "nodes": row.nodes or []}
