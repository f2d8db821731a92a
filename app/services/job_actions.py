"""How each kind of job is carried out. No transaction is open while the network is used."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.jobs import TIME_LIMIT, JobKind, Outcome
from app.gateways import node_http
from app.services import commands

# Kept free at the end of a restart, so that its own outcome comes before the sweep's.
MARGIN = timedelta(seconds=15)
PAUSE = 0.2  # seconds between looks at a command
NUDGE_EVERY = 10.0


def perform(kind: str, job_id: UUID, node_id: str | None, target: dict[str, Any]) -> Outcome:
    """Do the work of a claimed job and say how it ended."""
    if kind == JobKind.RESTART_AGENTS and node_id is not None:
        return _restart_managed(job_id, node_id, target) if target["managed"] else _restart_direct(target)
    return _probe(target)


def _probe(target: dict[str, Any]) -> Outcome:
    reply = node_http.check_health(target["host"], target["port"])
    details: dict[str, Any] = {"latencyMs": reply.latency_ms, "steps": list(reply.steps)}
    if not reply.ok:
        return Outcome(False, reply.code, reply.error, details)
    # Only these two fields leave: whatever else an unknown host answers is none of our business.
    details |= {key: _line(reply.body[key]) for key in ("version", "agentId") if reply.body.get(key)}
    return Outcome(True, "ok", f"Answered in {reply.latency_ms} ms", details)


def _line(said: object) -> str:
    """What a stranger said as one line that can be stored and shown."""
    return "".join(filter(str.isprintable, str(said)[:128]))


def _restart_direct(target: dict[str, Any]) -> Outcome:
    reply = node_http.restart(target["host"], target["port"])
    if reply.ok:
        return Outcome(True, "ok", "The agents were told to restart", {"latencyMs": reply.latency_ms})
    sentence = reply.error
    if reply.code == "http_error":
        sentence = f"{reply.error}: the agent there cannot restart itself; install the Muster daemon on the node"
    return Outcome(False, reply.code, sentence, {"latencyMs": reply.latency_ms})


def _restart_managed(job_id: UUID, node_id: str, target: dict[str, Any]) -> Outcome:
    lifetime = TIME_LIMIT[JobKind.RESTART_AGENTS] - MARGIN
    command_id = commands.issue(job_id, node_id, "restart_agents", lifetime)
    deadline = time.monotonic() + lifetime.total_seconds()
    nudge_at = 0.0
    while time.monotonic() < deadline:
        if time.monotonic() >= nudge_at:
            node_http.nudge(target["host"], target["port"])  # only to be quick; the next heartbeat brings it anyway
            nudge_at = time.monotonic() + NUDGE_EVERY
        result = commands.result_of(command_id)
        if result is not None:
            ok, message = bool(result.ok), result.message or ""
            return Outcome(ok, "ok" if ok else "node_failed", message, {"agents": result.agents})
        time.sleep(PAUSE)
    commands.withdraw(command_id)
    return Outcome(False, "no_answer", f"{node_id} did not answer within {round(lifetime.total_seconds())} s")
