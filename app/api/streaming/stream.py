"""The live stream: a snapshot or what was missed, then every change as it happens."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

from flask import Flask, Response, current_app, request

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.streaming import frames
from app.api.streaming import guard as stream_guard
from app.api.streaming.hub import Hub, View, Viewer
from app.api.streaming.stalled import cut_when_stalled
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import Node
from app.gateways.event_feed import BEGINNING, EventFeed, Gap
from app.services import nodes
from app.services.build import build_id

bp = JsonBlueprint("stream", __name__, description="Live changes as server-sent events")
LONGEST_LINE_NUMBER = 9  # digits
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def init_app(app: Flask) -> None:
    """Make the hub of this process; it connects with its first viewer."""
    made = app.extensions["settings"]
    hub = Hub(EventFeed(made.redis_url), made.stream_keep_alive.total_seconds(), build_id())
    app.extensions["stream_hub"] = hub
    app.extensions["vitals"].count_streams = lambda: len(hub.viewers)
    stream_guard.init_app(app)


@bp.route("/stream", methods=["GET"])
@bp.doc(
    summary="Follow the fleet live",
    parameters=[{"in": "query", "name": "view", "schema": {"type": "string", "enum": ["whole", "patch"]}}],
    responses={"200": {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
@allow(Policy.VIEWER)
def stream() -> Response:
    """A snapshot, or what was missed since Last-Event-ID; then each change. `view=patch` sends thin patches."""
    view = View.PATCH if request.args.get("view") == "patch" else View.WHOLE
    viewer = Viewer(view, _cutter(request.environ.get("gunicorn.socket")))
    came_from = request.headers.get("Last-Event-ID") or request.args.get("position", "")
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]
    app.extensions["stream_guard"].make_room(auth.proof())
    cut_when_stalled()
    body = _guarded(app, viewer, auth.proof(), came_from)
    return Response(body, mimetype="text/event-stream", headers=HEADERS)


def _guarded(app: Flask, viewer: Viewer, proof: bytes | None, came_from: str) -> Iterator[bytes]:
    with app.extensions["stream_guard"].watching(proof, viewer.cut):
        yield from _messages(app, viewer, came_from)


def _messages(app: Flask, viewer: Viewer, came_from: str) -> Iterator[bytes]:
    hub: Hub = app.extensions["stream_hub"]
    yield frames.retry()
    # Listen before looking, so that nothing falls between the beginning and the first live event.
    position = hub.attach(viewer)
    try:
        yield from _beginning(app, hub, viewer.view, came_from, position)
        # A page that comes back learns here that a newer build is running.
        if not hub.live or viewer.view is View.PATCH:
            yield hub.link_message(viewer.view)
        while (chunk := viewer.take()) is not None:
            yield chunk
    finally:
        hub.detach(viewer)


def _beginning(app: Flask, hub: Hub, view: View, came_from: str, position: str | None) -> Iterator[bytes]:
    try:
        yield _replay(hub, view, came_from, position)
    except Gap:
        if view is View.PATCH:
            event = "reset" if came_from else "server"
            told = {"type": event, "live": hub.live, "build": hub.build}
            yield frames.named(event, told, position or frames.UNFINISHED)
        else:
            yield from _snapshot(app, hub, position)


def _snapshot(app: Flask, hub: Hub, position: str | None) -> Iterator[bytes]:
    """Every node; taken once for all viewers that come together, and then brought up to date for each."""
    shared = hub.snapshots.take(position, lambda: _all_nodes(app))
    try:
        newer = b"" if shared.position == position else _replay(hub, View.WHOLE, shared.position or "", position)
    except Gap:
        shared, newer = hub.snapshots.take_fresh(position, lambda: _all_nodes(app)), b""
    yield from shared.chunks
    yield newer


def _all_nodes(app: Flask) -> list[Node]:
    with app.app_context():
        return nodes.list_nodes().nodes


def _replay(hub: Hub, view: View, came_from: str, position: str | None) -> bytes:
    """What was missed since `came_from` ("<entry>.<line>" or "<entry>"). Raises Gap when that cannot be told."""
    entry_id, _, line = came_from.partition(".")
    if position is None or position == BEGINNING or not _is_entry(entry_id) or len(line) > LONGEST_LINE_NUMBER:
        raise Gap
    first, *rest = hub.missed(entry_id, position)
    if view is View.PATCH:
        return frames.patched(rest)
    head = frames.whole(first, int(line)) if line.isdecimal() else b""
    return head + b"".join(map(frames.whole, rest))


def _is_entry(entry_id: str) -> bool:
    milliseconds, _, sequence = entry_id.partition("-")
    return milliseconds.isdecimal() and sequence.isdecimal() and len(entry_id) < 40


def _cutter(connection: Any) -> Any:
    def cut() -> None:
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    return cut
