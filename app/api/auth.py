"""Who is asking, and whether the policy of the route lets them in. The only place that reads credentials."""

import hmac
from urllib.parse import urlencode

from flask import Flask, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from app import logs
from app.api.gate import turned_away
from app.api.gate.url_credential import CREDENTIAL
from app.api.gate.wsgi import Environ
from app.api.policy import Policies, policies_of
from app.domain.errors import ForgedRequest, NodeRemoved, NotPermitted, SignInRequired
from app.domain.identity import secret
from app.domain.identity.access import admit
from app.domain.identity.actor import Actor, ActorKind
from app.domain.identity.permissions import FOR_NODES, Policy, Role
from app.domain.identity.person import guesser
from app.domain.identity.secret import SecretKind
from app.extensions import settings
from app.gateways import rate_counter
from app.services import audit, identity

ACTOR = "muster.actor"  # the key under which a request keeps who asks
COOKIE = "muster_session"
CSRF_HEADER = "X-CSRF-Token"
SIGN_IN_PAGE = "/sign-in"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Sent every 30 s, or every second, by machines that may not read the answer: a row for each would bury the log.
NOT_AUDITED = frozenset({"heartbeats.heartbeat", "agents.agent_status", "agent-logs.take_lines", "waiting.say"})
# Asks by POST because the question is too long for an address, and changes nothing.
ASKS_BY_POST = frozenset({"flower.table"})
NOT_VALID = "This credential is not valid, or not any more"

_FINDERS = {
    SecretKind.API_TOKEN: identity.from_api_token,
    SecretKind.NODE_CREDENTIAL: identity.from_node_credential,
}


def init_app(app: Flask) -> None:
    """Check the policy of every route before its view runs."""
    app.before_request(_check)


def actor() -> Actor:
    """Who is asking; found once per request. Raises SignInRequired for a token that is not valid."""
    if ACTOR not in request.environ:
        request.environ[ACTOR] = _identify()
    found: Actor = request.environ[ACTOR]
    return found


def stranger() -> Actor:
    """Whoever asks, before anything has been proven: for routes whose verb proves it."""
    return _from_here(Actor(ActorKind.NOBODY))


def note_refusal(reason: str) -> None:
    """Leave a row in the audit log about a change that was refused before its view ran.

    Of somebody we do not know, one row a minute for the same address, route and reason: nothing deletes rows there.
    """
    if _only_reads() or request.endpoint in NOT_AUDITED:
        return
    by, action = _whoever(), f"{request.method} {request.url_rule or ''}"
    if by.id or rate_counter.counter().allows(1, "refused", guesser(by.address), action, reason):
        audit.record_refusal(by, action, request.path, reason)


def presented_secret() -> str:
    """The token or credential that came with the request, in its header or in front of its path; or an empty string."""
    return secret_in(request.environ)


def secret_in(environ: Environ) -> str:
    """The same for a request that has not become one of Flask's yet."""
    scheme, _, value = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    in_path: str = environ.get(CREDENTIAL, "")
    return value.strip() if scheme.lower() == "bearer" else in_path


def session_secret() -> str:
    """The secret of the browser's session, or an empty string."""
    return request.cookies.get(COOKIE, "")


def proof() -> bytes | None:
    """The fingerprint of what a stream came with, to be looked up again while it is open; None with sign-in off."""
    if not settings().cluster_auth:
        return None
    return secret.fingerprint(presented_secret() or session_secret())


def _check() -> BaseResponse | None:
    if request.endpoint is None:
        return None
    policies = policies_of(current_app, request.endpoint)
    if Policy.PUBLIC in policies or Policy.NODE_IN_BATCH in policies or not settings().cluster_auth:
        return None
    try:
        _admit(policies)
    except (SignInRequired, NodeRemoved) as refusal:
        if _is_visit():
            return redirect(f"{SIGN_IN_PAGE}?{urlencode({'next': _own_address()})}")
        raise (turned_away.explain(refusal) if policies & FOR_NODES else refusal) from None
    return None


def _is_visit() -> bool:
    """Whether a person opens a page in a browser: it is better to show where to sign in than an error in JSON."""
    prefers_pages = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
    return request.method == "GET" and prefers_pages and not presented_secret()


def _own_address() -> str:
    """The path to come back to; of this site whatever was asked for, as a second slash would name another one."""
    query = request.query_string.decode(errors="replace")
    return f"/{request.path.lstrip('/')}{'?' if query else ''}{query}"


def _admit(policies: Policies) -> None:
    try:
        admit(policies, actor(), (request.view_args or {}).get("node_id"))
        if not policies <= FOR_NODES:
            _refuse_forgery()
    except (NotPermitted, ForgedRequest, SignInRequired, NodeRemoved) as refusal:
        note_refusal(str(refusal))
        raise


def _only_reads() -> bool:
    return request.method in READING or request.endpoint in ASKS_BY_POST


def _whoever() -> Actor:
    try:
        return actor()
    except (SignInRequired, NodeRemoved):
        return stranger()


def _refuse_forgery() -> None:
    """A change that came with a cookie must also carry what only our own page knows."""
    if _only_reads() or actor().kind is not ActorKind.USER:
        return
    expected = secret.csrf_token(session_secret())
    if not hmac.compare_digest(expected.encode(), request.headers.get(CSRF_HEADER, "").encode()):
        raise ForgedRequest


def _identify() -> Actor:
    found = _everybody() if not settings().cluster_auth else _by_secret() or _by_session() or Actor(ActorKind.NOBODY)
    return _from_here(found)


def _everybody() -> Actor:
    return Actor(ActorKind.USER, name="anybody (sign-in is off)", role=Role.ADMIN)


def _by_secret() -> Actor | None:
    presented = presented_secret()
    if not presented:
        return None
    finder = next((_FINDERS[kind] for kind in _FINDERS if secret.is_of(kind, presented)), None)
    found = finder(presented) if finder else None
    if found is None:
        raise SignInRequired(NOT_VALID)
    return found


def _by_session() -> Actor | None:
    presented = session_secret()
    return identity.from_session(presented) if presented else None


def _from_here(found: Actor) -> Actor:
    return found.at(request.remote_addr or "", logs.request_id())
