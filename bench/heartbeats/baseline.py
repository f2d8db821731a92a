"""What ours is compared with, on the same gunicorn: nothing at all, a bare Flask request, and the naive heartbeat."""

from __future__ import annotations

import json
import os
from typing import Any

import orjson
import redis
from flask import Flask, Response, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

ANSWER = b'{"ok":true,"heartbeatIntervalMs":30000}'

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
client = redis.Redis.from_url(os.environ["REDIS_URL"])

_BEAT = text(
    "UPDATE cluster_nodes SET last_heartbeat = now(), cpu_usage = :cpu, memory_usage = :memory,"
    " agent_reports = CAST(:agents AS jsonb) WHERE node_id = :node_id RETURNING *"
)


class _Nothing:
    """Stands for the parts that docker/gunicorn.conf.py starts and stops."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


class _Empty:
    """Stands in front of Flask: what a request takes of gunicorn alone. Its body is read and thrown away."""

    def __init__(self, following: Any) -> None:
        self._following = following

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not environ["PATH_INFO"].startswith("/empty/"):
            return self._following(environ, start_response)
        environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))])
        return [ANSWER]


app.extensions.update(pulse=_Nothing(), stream_hub=_Nothing())
app.wsgi_app = _Empty(app.wsgi_app)  # type: ignore[method-assign]


@app.post("/bare/<node_id>")
def bare(node_id: str) -> Response:  # noqa: ARG001 - the route is as long as the real one
    """The limit: the body is decoded, a constant is answered."""
    orjson.loads(request.get_data(cache=False))
    return Response(ANSWER, mimetype="application/json")


@app.post("/naive/<node_id>")
def naive(node_id: str) -> dict[str, Any]:
    """One UPDATE, one commit and one publish per beat."""
    beat = request.get_json()
    agents = {agent["agentId"]: agent for agent in beat["agentDetails"]}
    values = {"cpu": beat["cpuUsage"], "memory": beat["memoryUsage"], "agents": json.dumps(agents), "node_id": node_id}
    row = db.session.execute(_BEAT, values).mappings().one()
    db.session.commit()
    client.publish("bench:naive", json.dumps(dict(row), default=str))
    return {"ok": True, "heartbeatIntervalMs": 30000}
