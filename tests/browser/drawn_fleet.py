"""A fleet, a node and a job that never change, answered in place of the API, for pictures that can be compared."""

import json
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import BrowserContext, Route

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
JOB = "8c1f0a52-6c0e-4b4e-9d5f-0a1b2c3d4e5f"
NODES = (
    ("hetzner-03", "offline", None, None, 8),
    ("gpu-rig-02", "degraded", 0.86, 0.94, 32),
    ("aws-01", "online", 0.59, 0.62, 16),
    ("aws-02", "online", 0.47, 0.58, 16),
    ("gcp-01", "online", 0.4, 0.52, 8),
    ("mac-studio-lab", "online", 0.21, 0.4, 24),
)
AGENTS = (("Support triage", "Support", 0.22, 3100), ("Front desk", "Voice", 0.31, 6400), ("Reader", "", 0.09, 2200))


def answer_for(context: BrowserContext) -> None:
    """Let this browser see the fleet; its stream stays the server's, which has nothing to tell."""
    nodes = [_node(*one) for one in NODES]
    answers = {
        r"/cluster/nodes$": {"nodes": nodes, "stats": {}, "notices": []},
        r"/cluster/nodes/gpu-rig-02$": nodes[1] | {"agentDetails": [_agent(*one) for one in AGENTS]},
        r"/metrics(\?|$)": _metrics(),
        r"/cluster/events": {"events": [_event(*one) for one in enumerate(NODES)], "nextBefore": None},
        r"/cluster/jobs\?": {"jobs": [], "nextBefore": None},
        rf"/jobs/{JOB}$": _job(),
    }
    for pattern, body in answers.items():
        context.route(re.compile(pattern), _answering("application/json", json.dumps(body)))
    told = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in _log())
    context.route(re.compile(r"/log/stream"), _answering("text/event-stream", told))


def _answering(kind: str, body: str) -> Any:
    def answer(route: Route) -> None:
        route.fulfill(content_type=kind, body=body)

    return answer


def _at(**ago: float) -> str:
    return (NOW - timedelta(**ago)).isoformat().replace("+00:00", ".000Z")


def _node(name: str, status: str, cpu: float | None, memory: float | None, cpus: int) -> dict[str, Any]:
    issue = {"code": "memory_pressure", "message": "Memory above 90 %", "since": _at(minutes=6)}
    return {
        "nodeId": name,
        "name": name,
        "host": "10.0.0.9",
        "port": 3101,
        "url": "http://10.0.0.9:3101",
        "platform": "linux",
        "arch": "x64",
        "cpuCount": cpus,
        "memoryMb": cpus * 4096,
        "version": "0.1.0",
        "agents": [f"{name}-a", f"{name}-b"],
        "capabilities": ["browser", "docker"],
        "status": status,
        "statusReason": {"offline": "silent", "degraded": "issues"}.get(status, "heartbeat"),
        "registeredAt": _at(days=21),
        "lastHeartbeat": _at(minutes=12) if status == "offline" else _at(seconds=8),
        "metadata": {} if cpu is None else {"cpuUsage": cpu, "memoryUsage": memory},
        "seen": True,
        "issues": [issue] if status == "degraded" else [],
        "diskUsage": 0.41,
        "loadAverage": [2.0, 1.9, 1.8],
        "labels": {},
        "schedulable": True,
        "cordon": None,
        "managed": True,
    }


def _agent(name: str, role: str, cpu: float, memory: int) -> dict[str, Any]:
    said = {"agentId": name.lower().replace(" ", "-"), "name": name, "role": role, "state": "running", "pid": 4711}
    return said | {"cpuUsage": cpu, "memoryMb": memory, "restarts": 0, "startedAt": _at(hours=30)}


def _metrics() -> dict[str, Any]:
    first = int(NOW.timestamp()) - 3600
    at = list(range(first, first + 3601, 60))
    wave = [round(0.5 + 0.3 * math.sin(minute / 9), 4) for minute in range(61)]
    gap = [None if 20 <= minute < 26 else value for minute, value in enumerate(wave)]
    told = {"step": 60, "from": at[0], "to": at[-1], "at": at}
    return told | {"cpu": gap, "memory": [0.6] * 61, "disk": [0.4] * 61, "load": [2.0] * 61}


def _event(number: int, node: tuple[str, str, float | None, float | None, int]) -> dict[str, Any]:
    name, status, *_ = node
    reason, message = {"offline": ("silent", "No heartbeat for 90 s"), "degraded": ("issues", "Memory above 90 %")}.get(
        status, ("registered", "Registered")
    )
    change = {"id": 100 - number, "at": _at(minutes=6 * (number + 1)), "from": "online", "to": status}
    return change | {"reason": reason, "message": message, "nodeId": name, "nodeName": name, "agents": []}


def _job() -> dict[str, Any]:
    steps = ("Connect over SSH", "Check the machine", "Install the daemon", "Start the daemon and its agents")
    states = ("succeeded", "succeeded", "failed", "skipped")
    told = [
        {
            "name": f"s{place}",
            "title": title,
            "state": state,
            "message": "The disk is full" if state == "failed" else "",
        }
        | {"startedAt": _at(seconds=90 - place * 20), "finishedAt": _at(seconds=71 - place * 20)}
        for place, (title, state) in enumerate(zip(steps, states, strict=True))
    ]
    return {
        "id": JOB,
        "kind": "deploy",
        "state": "failed",
        "nodeId": "gpu-rig-03",
        "host": "10.0.0.33",
        "target": {"port": 22, "user": "deploy", "agents": ["reader"], "capabilities": ["gpu"]},
        "askedBy": "Mara",
        "createdAt": _at(seconds=92),
        "startedAt": _at(seconds=90),
        "finishedAt": _at(seconds=30),
        "cancelAsked": False,
        "code": "disk_full",
        "message": "The disk of the machine is full",
        "advice": "Free some space, then retry",
        "result": {},
        "parentId": None,
        "attempt": 1,
        "logLines": 12,
        "logDropped": 0,
        "steps": told,
    }


def _log() -> list[tuple[str, Any]]:
    texts = ["$ df -h /", *(f"unpacking part {number} of 9" for number in range(1, 10)), "warning: little space"]
    texts.append("error: no space left on device")
    lines = [
        {"number": number, "at": _at(seconds=50 - number), "step": "s2", "text": text}
        for number, text in enumerate(texts, 1)
    ]
    return [("job", _job()), ("lines", {"lines": lines}), ("end", _job())]
