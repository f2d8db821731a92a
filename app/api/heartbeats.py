"""Heartbeats: the one route that every node calls every 30 s, so it is kept lean."""

import orjson
from flask import Response, request

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.schemas.action import HeartbeatAnswerSchema, HeartbeatSchema
from app.domain.errors import InvalidInput
from app.domain.heartbeat import Heartbeat, parse
from app.domain.permissions import Policy, allow
from app.services import heartbeats

LARGEST_BODY = 16 * 1024
EMPTY = Heartbeat()

bp = JsonBlueprint("heartbeats", __name__, description="Heartbeats")


@bp.route("/heartbeat/<node_id>", methods=["POST"])
@bp.doc(  # all in one: each decorator of the documentation is one more call around this view
    requestBody={"content": {"application/json": {"schema": HeartbeatSchema}}},
    responses={"200": {"description": "OK", "content": {"application/json": {"schema": HeartbeatAnswerSchema}}}},
)
@allow(Policy.NODE_IN_BATCH)
def heartbeat(node_id: str) -> Response:
    """Report for a node. An empty body is valid. The answer sets the pace and may carry commands."""
    answer = heartbeats.accept(node_id, _read(), auth.presented_secret(), request.remote_addr or "")
    body: dict[str, object] = {"ok": True, "heartbeatIntervalMs": answer.interval_ms}
    if answer.commands:
        body["commands"] = answer.commands
    if answer.renew:
        body["renew"] = True
    if answer.ignored:
        body["ignored"] = True
    return Response(orjson.dumps(body), mimetype="application/json")


def _read() -> Heartbeat:
    # Not request.get_data: for a body of a few hundred bytes its limited stream costs three times as much.
    try:
        raw = request.environ["wsgi.input"].read(LARGEST_BODY + 1)
    except OSError as fault:
        raise InvalidInput("The heartbeat did not arrive as a whole") from fault
    if len(raw) > LARGEST_BODY:
        raise InvalidInput(f"A heartbeat may have at most {LARGEST_BODY} bytes")
    if not raw:
        return EMPTY
    try:
        return parse(orjson.loads(raw))
    except orjson.JSONDecodeError as fault:
        raise InvalidInput("The heartbeat is not valid JSON") from fault
