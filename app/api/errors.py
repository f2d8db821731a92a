"""The one place where a failure becomes an HTTP answer. Views never catch; they let it rise."""

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Flask, Response, jsonify
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app import logs
from app.api.schemas.faults import by_field, sentence
from app.domain import errors
from app.domain.agents import errors as agent_errors
from app.domain.deploying.setup import SetupRefused
from app.domain.deploying.ssh import SshFailure
from app.domain.query import QueryError
from app.domain.upkeep.draining import DrainRunning
from app.domain.upkeep.lifecycle import NodeBusy, NodeNotFit

STATUS: dict[type[errors.MusterError], int] = {
    errors.InvalidInput: 400,
    errors.SignInRequired: 401,
    errors.CredentialRefused: 401,
    errors.WrongCredentials: 401,
    errors.TotpRequired: 401,
    errors.LinkNotValid: 401,
    errors.NotPermitted: 403,
    errors.ForeignCredential: 403,
    errors.ForgedRequest: 403,
    errors.NodeNotFound: 404,
    agent_errors.NodeNotManaged: 404,
    agent_errors.AgentNotFound: 404,
    agent_errors.QuestionNotFound: 404,
    agent_errors.AgentExists: 409,
    agent_errors.AgentNotAdoptable: 409,
    agent_errors.AgentBusy: 409,
    agent_errors.ActionRefused: 409,
    agent_errors.NoRoomForAgent: 409,
    errors.JobNotFound: 404,
    errors.ProgramNotBuilt: 404,
    errors.NoSuitableNode: 404,
    errors.JoinRefused: 403,
    errors.JoinTokenNotFound: 404,
    errors.CredentialNotFound: 404,
    errors.KnockNotFound: 404,
    errors.NodeConflict: 409,
    errors.UserNotFound: 404,
    errors.TokenNotFound: 404,
    errors.NodeTaken: 409,
    errors.NameTaken: 409,
    errors.LastAdmin: 409,
    errors.TotpConflict: 409,
    errors.NotConfigured: 409,
    errors.NodeRemoved: 410,
    errors.HostNotAllowed: 421,
    errors.TooManyRequests: 429,
    errors.DeployRunning: 409,
    SetupRefused: 403,
    DrainRunning: 409,
    NodeNotFit: 409,
    NodeBusy: 409,
    SshFailure: 502,
    errors.Unavailable: 503,
}
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Answer every failure as {"error": sentence, "code": …, "requestId": …, "fields"?: {…}}."""
    app.register_error_handler(errors.MusterError, _muster_error)
    app.register_error_handler(QueryError, _query_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(InterfaceError, _database_error)
    app.register_error_handler(PoolTimeout, _database_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, code: str, said: str, fields: Mapping[str, str] | None = None) -> Response:
    """One shape for every failure."""
    body: dict[str, Any] = {"error": said, "code": code, "requestId": logs.request_id()}
    if fields:
        body["fields"] = dict(fields)
    response = jsonify(body)
    response.status_code = status
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _muster_error(error: errors.MusterError) -> Response:
    response = answer(STATUS.get(type(error), 400), error.code, str(error), getattr(error, "fields", None))
    if error.more:
        response.set_data(orjson.dumps({**response.get_json(), **error.more}))
    if isinstance(error, errors.TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _query_error(error: QueryError) -> Response:
    return answer(400, "invalid_query", str(error), {error.parameter: str(error)})


def _database_error(error: Exception) -> Response:
    log.warning("the database failed a request: %s", type(error).__name__)
    return answer(503, "unavailable", "The database does not answer; try again in a few seconds")


def _http_error(error: HTTPException) -> Response:
    fields = _fields(getattr(error, "data", {}).get("messages", {}))
    if fields:
        said = "; ".join(f"{key} {fault}" for key, fault in fields.items())
        return answer(400, "invalid_input", f"Not accepted: {said}", fields)
    code = error.name.lower().replace(" ", "_")
    response = answer(error.code or 500, code, SENTENCES.get(error.code or 500, error.description or error.name))
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _unexpected(error: Exception) -> Response:
    log.error("a request failed unexpectedly", exc_info=error)
    return answer(
        500, "internal_error", "Something went wrong on the control plane; its log says what, beside this request's id"
    )


def _fields(messages: Mapping[str, Any]) -> dict[str, str]:
    """Flatten marshmallow's messages ({"json": {"port": ["…"]}}) to one sentence per field."""
    found: dict[str, str] = {}
    for place in messages.values():
        if isinstance(place, Mapping):
            found |= by_field(place)
        elif place:
            found["body"] = sentence(place)
    return found


SENTENCES = {
    403: "This request came from a page of another site",
    400: "The request could not be read: is the body valid JSON?",
    404: "There is nothing at this address",
    405: "This address does not take that method",
    408: "The body did not arrive in time",
    413: "The body is too large",
    415: "Send plain JSON with Content-Type: application/json and without Content-Encoding",
}
