"""Compress large JSON answers for clients that ask for it."""

import gzip

from flask import Flask, Response, request

SMALLEST = 1024  # bytes; below this the header costs more than it saves
FAST = 1


def init_app(app: Flask) -> None:
    """Compress after the view; streams are left alone, they must flow."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.is_streamed or response.mimetype != "application/json":
        return response
    if (response.content_length or 0) < SMALLEST or response.status_code != 200:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data(), FAST))
        response.headers["Content-Encoding"] = "gzip"
    return response
