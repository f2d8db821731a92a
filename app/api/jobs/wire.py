"""Jobs and their log lines in the wire's keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.jobs import JobState
from app.domain.nodes.node import Json, iso
from app.services.jobs import JobView, LogLine, PartView, StepView

# What of a job's target is shown: enough to ask again.
_TARGET_KEYS = {
    "port": "port",
    "user": "user",
    "name": "name",
    "fingerprint": "fingerprint",
    "worker_host": "workerHost",
    "node_port": "nodePort",
    "capabilities": "capabilities",
    "action": "action",
    "from": "from",
    "to": "to",
    "version": "version",
    "origin": "origin",
    "bastion": "bastion",
    "runtime_from": "runtime",
}


def job_wire(job: JobView) -> Json:
    """A job; its target's secrets are nowhere in it, since they are nowhere in the row."""
    return {
        "id": str(job.id),
        "kind": job.kind,
        "state": job.state,
        "nodeId": job.node_id,
        "agentId": job.agent_id,
        "host": job.target.get("host"),
        "about": job.target.get("about"),
        "target": _target(job.target),
        "askedBy": job.asked_by,
        "createdAt": iso(job.created_at),
        "startedAt": _time(job.started_at),
        "finishedAt": _time(job.finished_at),
        "cancelAsked": job.cancel_asked,
        "code": job.code,
        "message": job.message,
        "advice": job.advice,
        "result": job.result,
        "parentId": str(job.parent_id) if job.parent_id else None,
        "attempt": job.attempt,
        "logLines": job.log_lines,
        "logDropped": job.log_dropped,
        "steps": [_step(step) for step in job.steps],
        "parts": None if job.part_counts is None else _counts(job.part_counts),
        "children": [_part(part) for part in job.parts],
    }


def line_wire(line: LogLine) -> Json:
    """A line of a log."""
    return {"number": line.number, "at": iso(line.at), "step": line.step, "text": line.text}


def _target(target: dict[str, Any]) -> Json:
    shown = {name: target[key] for key, name in _TARGET_KEYS.items() if key in target}
    return shown | ({"agents": [agent["id"] for agent in target["agents"]]} if "agents" in target else {})


def _step(step: StepView) -> Json:
    return {
        "name": step.name,
        "title": step.title,
        "state": step.state,
        "message": step.message,
        "startedAt": _time(step.started_at),
        "finishedAt": _time(step.finished_at),
    }


def _counts(counts: Mapping[str, int]) -> Json:
    return {"total": sum(counts.values()), **{str(state): counts.get(state, 0) for state in JobState}}


def _part(part: PartView) -> Json:
    return {
        "id": str(part.id),
        "nodeId": part.node_id,
        "agentId": part.agent_id,
        "host": part.target.get("host"),
        "target": _target(part.target),
        "state": part.state,
        "code": part.code,
        "message": part.message,
        "advice": part.advice,
        "startedAt": _time(part.started_at),
        "finishedAt": _time(part.finished_at),
        "step": part.step,
        "stepsOver": part.steps_over,
        "steps": part.steps,
    }


def _time(at: datetime | None) -> str | None:
    return iso(at) if at else None
