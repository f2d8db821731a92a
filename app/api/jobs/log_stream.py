"""A job's log as it is written: the past first, then each line, then the end."""

import time
from collections.abc import Callable, Iterator
from threading import Event
from typing import cast
from uuid import UUID

from flask import Flask, Response, current_app, request

from app.api import auth
from app.api.jobs.wire import job_wire, line_wire
from app.api.json_body import JsonBlueprint
from app.api.streaming import frames
from app.api.streaming.stalled import cut_when_stalled
from app.api.streaming.stream import HEADERS
from app.domain.identity.permissions import Policy, allow
from app.extensions import settings
from app.services import jobs

LOOK_SECONDS = 0.2
PARTS_LOOK_SECONDS = 1.0  # many parts change often, and each word about them names all
LONGEST_SECONDS = 3600.0  # then the reader comes back with its last line number

bp = JsonBlueprint("job_stream", __name__, description="Logs of jobs as server-sent events")


@bp.route("/jobs/<uuid:job_id>/log/stream", methods=["GET"])
@bp.doc(
    summary="Follow a job's log",
    parameters=[{"in": "query", "name": "after", "schema": {"type": "integer"}}],
    responses={"200": {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
@allow(Policy.VIEWER)
def follow(job_id: UUID) -> Response:
    """Events `job` (when something about it changed), `lines` (with the last line number as id), `ping`, `end`."""
    jobs.get_job(job_id)
    came_from = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    after = int(came_from) if came_from.isdecimal() and len(came_from) < 10 else 0
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]
    keep_alive = settings().stream_keep_alive.total_seconds()
    app.extensions["stream_guard"].make_room(auth.proof())
    cut_when_stalled()
    body = _guarded(app, auth.proof(), lambda over: _events(app, job_id, after, keep_alive, over))
    return Response(body, mimetype="text/event-stream", headers=HEADERS)


def _guarded(app: Flask, proof: bytes | None, events: Callable[[Event], Iterator[bytes]]) -> Iterator[bytes]:
    over = Event()
    with app.extensions["stream_guard"].watching(proof, over.set):
        yield from events(over)


def _events(app: Flask, job_id: UUID, after: int, keep_alive: float, over: Event) -> Iterator[bytes]:
    yield frames.retry()
    shown = None
    said_at = started_at = time.monotonic()
    while not over.is_set() and time.monotonic() - started_at < LONGEST_SECONDS:
        # The state is read before the lines: whoever is told of the end has been told all lines.
        with app.app_context():
            job = jobs.get_job(job_id)
            lines = jobs.log_after(job_id, after)
        wire = job_wire(job)
        if wire != shown:
            yield frames.named("job", wire)
        if lines:
            after = lines[-1].number
            yield frames.named("lines", {"lines": [line_wire(line) for line in lines]}, str(after))
        if job.ended and not lines:
            yield frames.named("end", wire)
            return
        if wire != shown or lines:
            said_at = time.monotonic()
        elif time.monotonic() - said_at > keep_alive:
            said_at = time.monotonic()
            yield frames.named("ping", {})
        shown = wire
        time.sleep(0 if lines else PARTS_LOOK_SECONDS if job.parts else LOOK_SECONDS)
