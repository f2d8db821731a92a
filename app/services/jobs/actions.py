"""How each kind of job is carried out. No transaction is open while the network is used."""

from typing import Any

from app.domain.jobs import JobKind, Outcome
from app.extensions import settings
from app.gateways import node_http
from app.models import Job
from app.services import commands

# A daemon does these; the command has the name of the job's kind.
BY_COMMAND = (JobKind.RESTART_AGENTS, JobKind.UPGRADE, JobKind.UNINSTALL)


def perform(job: Job) -> Outcome | None:
    """Do the work of a claimed job and say how it ended; None if its end comes with a heartbeat of the node."""
    target = job.target
    if job.kind not in BY_COMMAND or job.node_id is None:
        return _probe(target)
    if job.kind == JobKind.RESTART_AGENTS and not target["managed"]:
        return _restart_direct(target)
    commands.issue(job.id, job.node_id, job.kind, job.deadline, arguments=_arguments(job))
    node_http.nudge(target["host"], target["port"])  # only to be quick: the next heartbeat brings it anyway
    return None


def _arguments(job: Job) -> dict[str, Any]:
    if job.kind != JobKind.UPGRADE:
        return {}
    return {"sha256": job.target["sha256"], "deadlineSeconds": settings().upgrade_deadline.total_seconds()}


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
