"""Signing in and out."""

from typing import Any

from flask import Response, request

from app.api import auth
from app.api.json_body import JsonBlueprint
from app.api.json_response import json_response
from app.api.schemas.people import (
    EndedSchema,
    LinkSchema,
    PersonSchema,
    SessionSchema,
    SignedOutSchema,
    SignInSchema,
)
from app.domain.identity import secret
from app.domain.identity.permissions import Policy, allow
from app.domain.identity.person import Person
from app.domain.nodes.node import Json
from app.extensions import settings
from app.services.people import sessions, sign_in
from app.services.people.sessions import SignedIn, Visit
from app.services.people.sign_in import Attempt

bp = JsonBlueprint("session", __name__, description="Signing in")


@bp.route("/session", methods=["GET"])
@bp.alt_response(200, schema=SessionSchema)
@allow(Policy.PUBLIC)
def read_session() -> Response:
    """Who is signed in, and what a page sends with every change."""
    return json_response(_shown(sessions.whoami(auth.actor()), auth.session_secret()))


@bp.route("/session", methods=["POST"])
@bp.arguments(SignInSchema)
@bp.alt_response(200, schema=SessionSchema)
@allow(Policy.PUBLIC)
def begin_session(said: dict[str, Any]) -> Response:
    """Sign in. At most 5 tries a minute per account and 20 per address."""
    return _with_cookie(sign_in.sign_in(auth.stranger(), Attempt(**said), _visit()))


@bp.route("/session/link", methods=["POST"])
@bp.arguments(LinkSchema)
@bp.alt_response(200, schema=SessionSchema)
@allow(Policy.PUBLIC)
def begin_session_by_link(said: dict[str, Any]) -> Response:
    """Sign in with a link, which counts once."""
    return _with_cookie(sign_in.sign_in_by_link(auth.stranger(), said["token"], _visit()))


@bp.route("/session", methods=["DELETE"])
@bp.alt_response(200, schema=SignedOutSchema)
@allow(Policy.VIEWER)
def end_session() -> Response:
    """Sign out."""
    sessions.sign_out(auth.actor(), auth.session_secret())
    return _without_cookie({"signedIn": False})


@bp.route("/sessions", methods=["DELETE"])
@bp.alt_response(200, schema=EndedSchema)
@allow(Policy.VIEWER)
def end_sessions() -> Response:
    """Sign out everywhere."""
    return _without_cookie({"ended": sessions.sign_out_everywhere(auth.actor())})


def _visit() -> Visit:
    return Visit(request.headers.get("User-Agent", ""), auth.session_secret())


def _shown(person: Person | None, session_secret: str) -> Json:
    known = {"signedIn": person is not None, "auth": "on" if settings().cluster_auth else "off"}
    if person is None:
        return known
    csrf_token = secret.csrf_token(session_secret) if session_secret else ""
    return {**known, "user": PersonSchema().dump(person), "csrfToken": csrf_token}


def _with_cookie(signed_in: SignedIn) -> Response:
    response = json_response(_shown(signed_in.person, signed_in.secret))
    response.set_cookie(auth.COOKIE, signed_in.secret, max_age=settings().session_life, **_cookie_rules())
    return response


def _without_cookie(body: Json) -> Response:
    response = json_response(body)
    response.delete_cookie(auth.COOKIE, **_cookie_rules())
    return response


def _cookie_rules() -> dict[str, Any]:
    secure = request.is_secure or settings().public_url.startswith("https:")
    return {"path": "/", "httponly": True, "samesite": "Lax", "secure": secure}
