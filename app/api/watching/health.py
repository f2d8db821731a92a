"""How the control plane itself is, with figures; /healthz and /readyz answer machines."""

from typing import Any

from flask import Response

from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.health import ControlPlaneHealthSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import Json, iso
from app.services import readiness
from app.services.build import VERSION, build_id
from app.services.watching import condition
from app.services.watching.condition import Answer, Condition

bp = JsonBlueprint("health", __name__, description="Health of the control plane")


@bp.route("/health", methods=["GET"])
@bp.alt_response(200, schema=ControlPlaneHealthSchema)
@allow(Policy.VIEWER)
def health() -> Response:
    """Database, Redis, Celery, beat, streams and heartbeats of all processes; 200 also when a part is not well."""
    found = condition.look()
    shown = {
        "missing": found.missing,
        "database": _answer(found.database),
        "redis": _answer(found.redis),
        "celery": _celery(found),
        "beat": _beat(found),
        "streams": _streams(found),
        "heartbeats": _heartbeats(found),
        "processes": [_process(process) for process in found.processes],
    }
    return json_response({**shown, "version": VERSION, "build": build_id(), "schema": found.schema})


def _answer(answer: Answer) -> Json:
    return {"ok": answer.ok, "ms": answer.ms and round(answer.ms, 2), "version": answer.version}


def _celery(found: Condition) -> Json:
    up = sum(worker.ok for worker in found.workers)
    last = max((worker.last_task_at for worker in found.workers if worker.last_task_at), default=None)
    workers = [
        {
            "workerId": worker.worker_id,
            "ok": worker.ok,
            "startedAt": iso(worker.started_at),
            "seenAt": iso(worker.seen_at),
            "lastTaskAt": worker.last_task_at and iso(worker.last_task_at),
        }
        for worker in found.workers
    ]
    return {"ok": up > 0, "workers": up, "lastTaskAt": last and iso(last), "processes": workers}


def _beat(found: Condition) -> Json:
    if found.now is None or found.last_tick is None:
        return {"ok": False, "lastTick": None, "agoSeconds": None}
    ago = found.now - found.last_tick
    return {
        "ok": ago <= readiness.tick_patience(),
        "lastTick": iso(found.last_tick),
        "agoSeconds": round(ago.total_seconds(), 1),
    }


def _streams(found: Condition) -> Json:
    processes = [{"processId": p.process_id, "clients": p.stream_clients} for p in found.processes if p.ok]
    return {"clients": sum(p["clients"] for p in processes), "processes": processes}


def _heartbeats(found: Condition) -> Json:
    tally = found.tally
    return {
        "perSecond": round(found.beats_per_second, 2),
        "batchSize": round(tally.heartbeats / tally.batches, 2) if tally.batches else None,
        "lagMs": round(tally.waited_seconds / tally.heartbeats * 1000, 2) if tally.heartbeats else None,
    }


def _process(process: Any) -> Json:
    return {
        "processId": process.process_id,
        "ok": process.ok,
        "startedAt": iso(process.started_at),
        "acceptingAt": iso(process.accepting_at),
    }
