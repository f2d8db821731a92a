"""What a heartbeat that was written says about its node: issues, status, and what else has to be written."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.domain.nodes.health import Limits, assess, signals
from app.domain.nodes.heartbeat import Heartbeat
from app.domain.nodes.node import Node, is_absent
from app.domain.nodes.status import NodeStatus, StatusReason
from app.extensions import settings
from app.services.node_view import Moment, dump_strains, load_strains
from app.services.presence.transitions import Change
from config import Settings

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def judge(rows: Sequence[Any], beats: Sequence[Heartbeat]) -> list[tuple[Node, Change | None]]:
    """The node after each written heartbeat, in the order of rows (`i` is the place among `beats`)."""
    if not rows:
        return []
    moment = Moment(rows[0].now, LONG_AGO, settings().offline_after)
    limits = _limits(settings())
    return [_heard(row, beats[row.i], moment, limits) for row in rows]


def _limits(said: Settings) -> Limits:
    return Limits(
        min_version=said.min_daemon_version,
        cpu=said.issue_cpu_percent / 100,
        memory=said.issue_memory_percent / 100,
        disk=said.issue_disk_percent / 100,
        pressure_beats=said.issue_beats,
        clock=said.issue_clock_off,
        not_advancing=said.agent_not_advancing,
    )


def _heard(row: Any, beat: Heartbeat, moment: Moment, limits: Limits) -> tuple[Node, Change | None]:
    """The node after this heartbeat, and what else has to be written because of it (mostly nothing)."""
    before = load_strains(row.strains) if row.strains else {}
    strains = assess(before, signals(beat, moment.now, limits), moment.now, beat.scope == "node")
    node = moment.view(row, strains)
    present = set(node.agents)
    reports = {a: report for a, report in row.agent_reports.items() if a in present or is_absent(report)}
    forgotten = len(reports) < len(row.agent_reports)
    counted = len(present) == row.agents_seen
    if strains == before and node.status == row.status and counted and not forgotten:
        return node, None
    told = dump_strains(strains)
    return node, Change(row.node_id, row.status, node.status, _reason(row, node), told, reports, len(present))


def _reason(row: Any, node: Node) -> StatusReason:
    if node.status is NodeStatus.DEGRADED:
        return StatusReason.ISSUES
    return StatusReason.ISSUES_CLEARED if row.status == NodeStatus.DEGRADED else StatusReason.HEARTBEAT
