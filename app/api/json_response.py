"""JSON answers made with orjson; large ones with an ETag, so that an unchanged list costs a 304."""

import hashlib

import orjson
from flask import Response, request


def json_response(body: object, status: int = 200) -> Response:
    """An answer with a JSON body."""
    return Response(orjson.dumps(body), status, mimetype="application/json")


def json_with_etag(body: object) -> Response:
    """A 200 with an ETag, or a 304 when the client has this very body already."""
    raw = orjson.dumps(body)
    response = Response(raw, 200, mimetype="application/json")
    response.set_etag(hashlib.blake2b(raw, digest_size=12).hexdigest(), weak=True)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
