"""A deploy is done when the node itself has been heard, with every agent seen running."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.deploying.request import DeployOrder
from app.domain.deploying.ssh import SshFailure, SshFault
from app.extensions import db
from app.models import NodeRow
from app.services.transaction import transaction

WAIT_SECONDS = 60.0
FIRST_LOOK, LONGEST_PAUSE = 0.1, 1.0  # seconds between looks: fifty that wait must not keep the database busy


def wait_for_node(order: DeployOrder, since: datetime, heed: Callable[[], None]) -> list[dict[str, Any]]:
    """Wait for a heartbeat after `since` in which every ordered agent runs; what was seen. Raises SshFailure."""
    deadline = time.monotonic() + WAIT_SECONDS
    pause = FIRST_LOOK
    while True:
        heard, running = _look(order.node_id, since)
        wanted = {agent.id for agent in order.agents}
        if heard and wanted <= running.keys():
            return [running[agent_id] for agent_id in sorted(wanted)]
        if time.monotonic() > deadline:
            raise SshFailure(SshFault.NOT_REGISTERED, _missing(order, heard, wanted - running.keys()))
        heed()
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _look(node_id: str, since: datetime) -> tuple[bool, dict[str, dict[str, Any]]]:
    # A daemon that has only registered named its agents without their states; what stands there is from before it.
    has_beaten = (NodeRow.last_heartbeat > since) & (NodeRow.beat_number > 0)
    seen = select(NodeRow.agent_reports).where(NodeRow.node_id == node_id, has_beaten)
    with transaction():
        reports = db.session.scalar(seen)
    if reports is None:
        return False, {}
    running = {
        agent_id: {"agentId": agent_id, "pid": report.get("pid"), "startedAt": report.get("startedAt")}
        for agent_id, report in reports.items()
        if report.get("state") == "running"
    }
    return True, running


def _missing(order: DeployOrder, heard: bool, agents: set[str]) -> str:
    if not heard:
        return f"The daemon runs, but {order.node_id} did not register within {WAIT_SECONDS:.0f} s"
    return f"{order.node_id} is online, but these agents do not run: {', '.join(sorted(agents))}"
