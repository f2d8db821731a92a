"""A stream whose reader takes nothing is ended by the kernel: a quiet fleet would not fill its queue for hours."""

import socket
from typing import Any

from flask import current_app, request

KEEP_ALIVES = 2  # of which nothing was taken


def cut_when_stalled() -> None:
    """End the connection of this request once its other end has taken none of what waits for so long.

    What waits does so in buffers of the kernel, a megabyte and more each. Where there is no such option (macOS),
    or no gunicorn, only the hub's own limit counts.
    """
    connection: Any = request.environ.get("gunicorn.socket")
    if connection is None or not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    patience = KEEP_ALIVES * current_app.extensions["settings"].stream_keep_alive
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(patience.total_seconds() * 1000))
