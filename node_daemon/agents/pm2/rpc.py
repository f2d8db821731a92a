"""Speaks with a running PM2 over its socket. Nothing here ever starts one."""

from __future__ import annotations

import json
import socket
import struct
import time
from pathlib import Path
from typing import Any, List

FRAMING = 1  # the version of its messages that we know
LARGEST_PART = 64 * 2**20


class NotRunning(Exception):
    """No PM2 listens there."""


class UnknownFraming(Exception):
    """A PM2 listens, but speaks another version."""


class Refused(Exception):
    """PM2 could not do it; its words may hold anything and are dropped."""


def call(home: Path, method: str, *args: Any, timeout: float = 5.0) -> List[Any]:
    """Call a method of the PM2 with this home; what it answers. Raises NotRunning, UnknownFraming, Refused."""
    request = f"muster:{time.monotonic_ns()}"
    deadline = time.monotonic() + timeout
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(home / "rpc.sock"))
        except OSError as error:
            raise NotRunning(error.strerror or "no answer") from None
        try:
            connection.sendall(frame({"type": "call", "method": method, "args": list(args)}, request))
            while True:
                parts = _message(connection, deadline)
                if parts and parts[-1] == request:
                    break
        except (OSError, struct.error) as error:
            raise Refused(f"PM2 did not answer {method}: {type(error).__name__}") from None
    answer = parts[0] if isinstance(parts[0], dict) else {}
    if answer.get("error"):
        raise Refused(f"PM2 refused {method}")
    found = answer.get("args")
    return found if isinstance(found, list) else []


def frame(*parts: Any) -> bytes:
    """One message: a byte with the version and the number of parts, each part with its length before it."""
    out = bytes([FRAMING << 4 | len(parts)])
    for part in parts:
        data = ("s:" + part if isinstance(part, str) else "j:" + json.dumps(part)).encode()
        out += struct.pack(">I", len(data)) + data
    return out


def _message(connection: socket.socket, deadline: float) -> List[Any]:
    head = _exact(connection, 1, deadline)[0]
    if head >> 4 != FRAMING:
        raise UnknownFraming(f"version {head >> 4}")
    parts: List[Any] = []
    for _ in range(head & 15):
        size: int = struct.unpack(">I", _exact(connection, 4, deadline))[0]
        if size > LARGEST_PART:
            raise UnknownFraming("a part of impossible length")
        data = _exact(connection, size, deadline)
        try:
            parts.append(json.loads(data[2:]) if data[:2] == b"j:" else data[2:].decode("utf-8", "replace"))
        except ValueError:
            raise UnknownFraming("a part that is not JSON") from None
    return parts


def _exact(connection: socket.socket, count: int, deadline: float) -> bytes:
    data = bytearray()
    while len(data) < count:
        if time.monotonic() > deadline:
            raise OSError("too late")
        piece = connection.recv(min(65536, count - len(data)))
        if not piece:
            raise OSError("hung up")
        data += piece
    return bytes(data)
