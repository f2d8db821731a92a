"""Finds the agents that an earlier daemon left running, so that no second copy is ever started."""

from __future__ import annotations

import time
from typing import Any, Mapping

from node_daemon import log
from node_daemon.agents import process
from node_daemon.agents.agent import SETTLED, Agent
from node_daemon.agents.life import Life, Patience
from node_daemon.agents.process import AgentProcess
from node_daemon.agents.spec import AgentSpec, parse
from node_daemon.clock import iso_now
from node_daemon.machine.readers import ProcessReader, ProcessRow


def records_of(saved: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a state file says of agents, by id. Empty when it says nothing that can be read."""
    records = saved.get("agents")
    return records if isinstance(records, dict) else {}


def recall(
    specs: Mapping[str, AgentSpec], records: Mapping[str, Any], processes: ProcessReader, patience: Patience
) -> tuple[dict[str, Agent], list[AgentProcess]]:
    """The agents that should run, with their living processes, and the processes of agents that should not."""
    agents = {agent_id: Agent(spec, Life(patience)) for agent_id, spec in specs.items()}
    unwanted: list[AgentProcess] = []
    for agent_id, record in records.items():
        found = living(record, processes) if isinstance(record, dict) else None
        if agent_id in agents and isinstance(record, dict):
            _restore(agents[agent_id], record, found)
        elif found is not None:
            unwanted.append(found)
    return agents, unwanted


def remembered(records: Mapping[str, Any]) -> dict[str, AgentSpec]:
    """How the agents of the last run were started."""
    specs: dict[str, AgentSpec] = {}
    for agent_id, record in records.items():
        try:
            specs[agent_id] = parse(record["spec"])
        except (TypeError, KeyError, ValueError):
            log.warn("an agent of the last run cannot be recalled", agent=agent_id)
    return specs


def _restore(agent: Agent, record: Mapping[str, Any], found: AgentProcess | None) -> None:
    restarts = record.get("restarts")
    agent.restarts = restarts if isinstance(restarts, int) else 0
    agent.wanted = record.get("wanted") is not False
    agent.exit_code, agent.exited_at = _number(record.get("exitCode")), _text(record.get("exitedAt"))
    if found is not None:
        agent.is_outdated = not _was_started_as(record, agent.spec)
        agent.mark, agent.was_started = str(record.get("mark") or ""), True
        agent.process, agent.since = found, time.monotonic() - SETTLED
        log.info("agent adopted", agent=agent.spec.id, pid=found.pid)


def _was_started_as(record: Mapping[str, Any], spec: AgentSpec) -> bool:
    try:
        return parse(record.get("spec")).starts_as(spec)
    except ValueError:
        return True  # it cannot be told: it goes on


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def living(record: Mapping[str, Any], processes: ProcessReader) -> AgentProcess | None:
    """The process that a record names, if it lives."""
    pid, identity = record.get("pid"), record.get("identity")
    started_at = str(record.get("startedAt") or iso_now())
    if isinstance(pid, int) and isinstance(identity, str):
        return AgentProcess(pid, identity, started_at) if process.is_same(processes.process(pid), identity) else None
    mark = record.get("mark")
    if not isinstance(mark, str) or not mark:
        return None
    # The earlier daemon died between the start and saving the pid.
    rows = [row for row in processes.started_with(f"{process.START_MARK}={mark}") if not row.is_zombie]
    first = min(rows, key=_age, default=None)
    return AgentProcess(first.pid, first.identity, started_at) if first else None


def _age(row: ProcessRow) -> tuple[int, str]:
    # Identities are start times behind a common prefix: the shorter, then the smaller text is the earlier one.
    return len(row.identity), row.identity
