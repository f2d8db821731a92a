"""JSON and streams over HTTP: parse, call one verb, answer."""

from flask import Flask
from flask_smorest import Api

from app.api import (
    admission,
    agents,
    audit,
    auth,
    connections,
    docs,
    downloads,
    draining,
    errors,
    gate,
    heartbeats,
    lifecycle,
    nodes,
    people,
    policy,
    probes,
    watching,
)
from app.api.deploying import orders as deploying
from app.api.deploying import setup
from app.api.gate import compression, limits, same_site, url_credential
from app.api.heartbeat_door import HeartbeatDoor
from app.api.jobs import jobs
from app.api.jobs import log_stream as job_stream
from app.api.schemas.error import ErrorSchema
from app.api.streaming import stream

BASE = "/api/engine/cluster"


class JsonApi(Api):  # type: ignore[misc]
    """The OpenAPI document and blueprints of flask-smorest, with the errors of our own protocol."""

    ERROR_SCHEMA = ErrorSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `app.api.errors`: one shape for every failure."""


def init_app(app: Flask) -> None:
    """Register every route of the API."""
    app.config.update(docs.OPENAPI)
    errors.init_app(app)
    app.wsgi_app = HeartbeatDoor(app)  # type: ignore[method-assign]
    app.wsgi_app = url_credential.UrlCredential(app.wsgi_app)  # type: ignore[method-assign]
    gate.init_app(app)
    limits.init_app(app)
    same_site.init_app(app)
    auth.init_app(app)
    compression.init_app(app)
    api = JsonApi(app)
    for noun in (nodes, heartbeats, connections, deploying, jobs, job_stream, lifecycle, draining, setup, stream):
        api.register_blueprint(noun.bp, url_prefix=BASE)
    admission.register(api, BASE)
    watching.register(api, BASE)
    people.register(api)
    agents.register(api, BASE)
    api.register_blueprint(probes.bp)
    api.register_blueprint(audit.bp)
    api.register_blueprint(downloads.bp)
    app.register_blueprint(docs.bp)
    stream.init_app(app)


__all__ = ["init_app", "policy"]
