"""What the daemon says to the control plane: pure functions from what is known to JSON-ready messages."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Container, Iterable, Mapping, Sequence

from node_daemon import __version__
from node_daemon.agents.supervisor import CRASH_LOOPING, RUNNING, AgentStatus, Restarted
from node_daemon.clock import iso_now
from node_daemon.machine.sample import AgentLoad, Sample, memory_mb
from node_daemon.settings import Settings, this_arch

LARGEST_HEARTBEAT = 16_000  # bytes, unless the ids of the agents need more: the control plane refuses more than 32 kB
LARGEST_IDS, BESIDE_IDS = 24_000, 8_000  # bytes of all ids, and what everything else may take beside them
MOST_AGENTS, MOST_ISSUES, MOST_RESULTS = 500, 100, 20  # of one heartbeat; results that wait come with the next
MOST_STARTED = 50  # agents named in one result, so that every result fits into a heartbeat


def registration(settings: Settings, machine_id: str, agents: Iterable[AgentStatus], build: str = "") -> dict[str, Any]:
    """The message of POST /register. `build` is the checksum of the program that runs, if it is a worker.pyz."""
    return {
        "nodeId": settings.node_id,
        "name": settings.name,
        "host": settings.host,
        "port": settings.port,
        "platform": sys.platform,
        "arch": this_arch(),
        "cpuCount": os.cpu_count() or 0,
        "memoryMb": memory_mb(),
        "version": __version__,
        "agents": running_ids(agents),
        "capabilities": list(settings.capabilities),
        "managed": True,
        "machineId": machine_id,
        "metadata": {"build": build} if build else {},
    }


def heartbeat(
    machine_id: str,
    sample: Sample,
    agents: Iterable[AgentStatus],
    results: Iterable[Mapping[str, Any]],
    extras: Mapping[str, Mapping[str, Any]] | None = None,
    issues: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The message of POST /heartbeat, cut to what the control plane takes.

    `extras` holds by agent what there is to tell of it beside its process; `issues` what else is wrong.
    """
    statuses = list(agents)
    ids = running_ids(statuses, {one for one, told in (extras or {}).items() if "epoch" in told})
    message = {
        "scope": "node",
        "machineId": machine_id,
        "agents": ids,
        "cpuUsage": sample.cpu_usage,
        "memoryUsage": sample.memory_usage,
        "diskUsage": sample.disk_usage,
        "loadAverage": list(sample.load_average),
        "uptimeSeconds": sample.uptime_seconds,
        "clock": iso_now(),
        "version": __version__,
        "agentDetails": [
            {**_detail(one, sample.agents.get(one.pid or 0, AgentLoad())), **(extras or {}).get(one.id, {})}
            for one in _telling_first(statuses, extras or {})[:MOST_AGENTS]
        ],
        "issues": [
            *_left_out(statuses, ids),
            *issues,
            *(_issue(one) for one in statuses if one.state == CRASH_LOOPING),
        ][:MOST_ISSUES],
        "commandResults": list(results)[:MOST_RESULTS],
    }
    return fitted(message, max(LARGEST_HEARTBEAT, size(ids) + BESIDE_IDS))


def running_ids(agents: Iterable[AgentStatus], assigned: Container[str] = ()) -> list[str]:
    """As many as a message may name. Those that the control plane assigned come first: one left out counts as gone."""
    running = sorted((one.id for one in agents if one.is_running), key=lambda agent_id: agent_id not in assigned)
    kept, room = [], LARGEST_IDS
    for agent_id in running[:MOST_AGENTS]:
        room -= len(f'"{agent_id}",')
        if room >= 0:
            kept.append(agent_id)
    return kept


def result(command_id: str, ok: bool, message: str, outcome: Restarted | None = None) -> dict[str, Any]:
    """What came of a command."""
    agents = started_agents(outcome)[:MOST_STARTED] if outcome else []
    # One line of printable text: a heartbeat with anything else in it would be refused as a whole.
    line = "".join(letter if letter.isprintable() else "?" for letter in message)[:500]
    return {"id": command_id, "ok": ok, "message": line, "agents": agents}


def started_agents(outcome: Restarted) -> list[dict[str, Any]]:
    return [{"agentId": one.id, "pid": one.pid, "startedAt": one.started_at} for one in outcome.started]


def fitted(message: dict[str, Any], largest: int) -> dict[str, Any]:
    """The message with its longest lists shortened until it is at most `largest` bytes.

    Details go first: of all agents what is told beside their process, then whole ones from the end. Then results (they
    are kept and come with a later beat), then issues. The ids of the agents stay.
    """
    fitting = dict(message)
    for keys in (("progress",), ("exitCode", "exitedAt"), ("waiting",)):
        if size(fitting) > largest:
            fitting["agentDetails"] = [_without(keys, one) for one in fitting["agentDetails"]]
    for key in ("agentDetails", "commandResults", "issues"):
        while fitting[key] and size(fitting) > largest:
            fitting[key] = fitting[key][: len(fitting[key]) * 3 // 4]
    return fitting


def _without(keys: Iterable[str], detail: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in detail.items() if key not in keys}


def _telling_first(statuses: Iterable[AgentStatus], extras: Mapping[str, Mapping[str, Any]]) -> list[AgentStatus]:
    """Where not all fit: those that wait for somebody, then those that do not run, then what was started last."""
    newest_first = sorted(statuses, key=lambda one: one.started_at or "", reverse=True)
    return sorted(newest_first, key=lambda one: ("waiting" not in extras.get(one.id, {}), one.state == RUNNING))


def size(message: Any) -> int:
    """Bytes on the wire."""
    return len(json.dumps(message, separators=(",", ":")).encode())


def _detail(agent: AgentStatus, load: AgentLoad) -> dict[str, Any]:
    return {
        "agentId": agent.id,
        "name": agent.name,
        "role": agent.role,
        "state": agent.state,
        "cpuUsage": load.cpu_usage,
        "memoryMb": load.memory_mb,
        "restarts": agent.restarts,
        "startedAt": agent.started_at,
        "pid": agent.pid,
        **({"exitedAt": agent.exited_at} if agent.exited_at else {}),
        **({"exitCode": agent.exit_code} if agent.exit_code is not None else {}),
    }


def _left_out(agents: Iterable[AgentStatus], ids: Sequence[str]) -> list[dict[str, Any]]:
    running = sum(one.is_running for one in agents)
    if running == len(ids):
        return []
    message = (
        f"{running - len(ids)} of {running} agents are in no heartbeat, which can tell of {len(ids)}: run fewer here"
    )
    return [{"code": "agents_left_out", "message": message}]


def _issue(agent: AgentStatus) -> dict[str, Any]:
    message = f"Agent {agent.id} was restarted 5 times in 2 minutes"
    if agent.is_given_up:
        message = f"Agent {agent.id} died again and again and is not tried any more: restart it when it is repaired"
    return {"code": "agent_crash_loop", "message": message, "agentId": agent.id}
