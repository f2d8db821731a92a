"""The bytes on the wire: requests made beforehand, answers read back, markers found in a stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

OURS = "/api/engine/cluster/heartbeat/"
STREAM = "/api/engine/cluster/stream"
BARE = "/bare/"
EMPTY = "/empty/"
NAIVE = "/naive/"

# A beat carries its number as its CPU usage, from 0.100000 on: six digits, and never high enough to open an issue.
FIRST_MARK = 100_000
MOST_MARKS = 700_000
MARK = re.compile(rb'"cpu(?:Usage)?":(0\.\d+)')
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def node_id(number: int) -> str:
    """The id of a node of the measured fleet; the first is number 1."""
    return f"bench-{number:05d}"


def daemon_beat(number: int, mark: int) -> bytes:
    """What our daemon sends for a node with two agents. Its clock is now, so it holds for half a minute."""
    agents = [f"agent-{number:05d}-{which}" for which in (1, 2)]
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return _json(
        {
            "scope": "node",
            "machineId": f"machine-{number:05d}",
            "agents": agents,
            "cpuUsage": _usage(mark),
            "memoryUsage": 0.6213,
            "diskUsage": 0.4072,
            "loadAverage": [0.52, 0.48, 0.5],
            "uptimeSeconds": 86_400,
            "clock": now,
            "version": "0.1.0",
            "agentDetails": [_detail(agent, now) for agent in agents],
            "issues": [],
            "commandResults": [],
        }
    )


def small_beat(number: int, mark: int) -> bytes:
    """What an existing agent sends: itself and two shares."""
    return _json({"agents": [f"agent-{number:05d}-1"], "cpuUsage": _usage(mark), "memoryUsage": 0.6213})


def credential(node: str) -> str:
    """The secret of a node of the measured fleet, which its beats carry where identity is on."""
    return f"mnc_{node}{'-' * 32}"


def post(path: str, body: bytes, keep: bool, secret: str | None = None) -> bytes:
    """A whole request; `keep` asks to keep the connection open."""
    authorization = f"Authorization: Bearer {secret}\r\n" if secret else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept-Encoding: identity\r\n"
        f"Content-Type: application/json\r\nConnection: {'keep-alive' if keep else 'close'}\r\n"
        f"{authorization}Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def follow(view: str, position: str) -> bytes:
    """The request of a viewer; with a position it is sent what came after that instead of the whole fleet."""
    query = "&".join([*(["view=patch"] if view == "patch" else []), *([f"position={position}"] if position else [])])
    return (
        f"GET {STREAM}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: text/event-stream\r\n\r\n"
    ).encode()


def read_answer(received: bytes) -> int | None:
    """The status of a whole answer; None while bytes are missing, 0 for what is not one answer with a length."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return None
    length = _LENGTH.search(received, 0, head + 2)
    if length is None or not received.startswith(b"HTTP/1.1 "):
        return 0
    missing = head + 4 + int(length[1]) - len(received)
    if missing > 0:
        return None
    return int(received[9:12]) if missing == 0 else 0


def arrivals(chunks: Iterable[tuple[float, bytes]]) -> dict[int, float]:
    """When the event of each marked beat was there completely, from what a viewer read at which time."""
    found: dict[int, float] = {}
    rest = b""
    for at, chunk in chunks:
        text = rest + chunk
        end = text.rfind(b"\n\n") + 1
        for usage in MARK.findall(text, 0, end):
            found.setdefault(round(float(usage) * 1_000_000) - FIRST_MARK, at)
        rest = text[end:]
    return found


def _usage(mark: int) -> float:
    return (FIRST_MARK + mark % MOST_MARKS) / 1_000_000


def _detail(agent: str, now: str) -> dict[str, object]:
    return {
        "agentId": agent,
        "name": agent,
        "role": "assistant",
        "state": "running",
        "cpuUsage": 0.021,
        "memoryMb": 182,
        "restarts": 0,
        "startedAt": now,
        "pid": 4321,
    }


def _json(body: dict[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
