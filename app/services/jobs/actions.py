"""How each kind of job is carried out. No transaction is open while the network is used."""

from typing import Any

from app.domain.jobs import JobKind, Outcome
from app.gateways import node_http
from app.models import Job
from app.services import commands


def perform(job: Job) -> Outcome | None:
    """Do the work of a claimed job and say how it ended; None if its end comes with a heartbeat of the node."""
    target = job.target
    if job.kind == JobKind.RESTART_AGENTS and job.node_id is not None:
        if not target["managed"]:
            return _restart_direct(target)
        commands.issue(job.id, job.node_id, "restart_agents", job.deadline)
        node_http.nudge(target["host"], target["port"])  # only to be quick: the next heartbeat brings it anyway
        return None
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
