"""The part of the daemon's port that is for agents on this machine only."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any, Dict, Tuple
from urllib.parse import unquote

from node_daemon.agent_words import said
from node_daemon.agent_words.words import AgentWords
from node_daemon.agents.supervisor import UnknownAgent

ROUTE = re.compile(r"/agents/([^/]+)/(state|answer)")
Answer = Tuple[int, Dict[str, Any]]


def is_local(peer: str, host: str | None) -> bool:
    """Whether a request comes from this machine and was meant for it: a page that was told that it is, is not."""
    name = (host or "").rpartition(":")[0] if re.fullmatch(r".*:\d+", host or "") else host or ""
    return is_loopback(peer) and (name.lower() in ("", "localhost") or is_loopback(name.strip("[]")))


def is_loopback(text: str) -> bool:
    """Whether it is the address of a machine for itself."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def answered(words: AgentWords, verb: str, path: str, body: bytes) -> Answer:
    """Status and body for a request of an agent; `path` matches ROUTE."""
    found = ROUTE.fullmatch(path)
    if found is None:
        return 404, {"error": "use /agents/<id>/state or /agents/<id>/answer"}
    agent_id, what = unquote(found.group(1)), found.group(2)
    wanted = "POST" if what == "state" else "GET"
    if verb != wanted:
        return 405, {"error": f"use {wanted}"}
    try:
        if what == "answer":
            return 200, {"answer": words.fetch_answer(agent_id)}
        words.say(agent_id, said.read(_decoded(body)))
    except UnknownAgent as error:
        return 404, {"error": str(error)}
    except ValueError as error:
        return 400, {"error": str(error)}
    return 200, {"ok": True}


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON") from None
