"""agents.json: which agents this node should run."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Mapping
from urllib.parse import quote

from node_daemon.errors import SettingsError

AGENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}")

URL_VARIABLE = "MUSTER_AGENT_URL"
SECRET_NAME = re.compile(r"pass|pwd|secret|token|key|credential|auth", re.IGNORECASE)
PLAIN = re.compile(r"[A-Za-z_ .-]*|[0-9.:]*|[./~][\w./~ -]*|https?://[^@?#]*")  # words, numbers, paths, addresses


@dataclass(frozen=True)
class AgentSpec:
    """How to start one agent. The environment may hold secrets: it never leaves the node."""

    id: str
    name: str
    role: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None

    def starts_as(self, other: AgentSpec) -> bool:
        """Whether a process of the other one is as good as one of this."""
        return (self.command, dict(self.env), self.cwd) == (other.command, dict(other.env), other.cwd)

    def secrets(self, inherited: Mapping[str, str]) -> tuple[str, ...]:
        """Values that others shall not read: all of its own that are no plain words, and those whose name says so."""
        own = {value for value in self.env.values() if not PLAIN.fullmatch(value)}
        every = {**inherited, **self.env}
        return tuple(own | {value for name, value in every.items() if SECRET_NAME.search(name)})

    def own_url(self, agents_url: str) -> dict[str, str]:
        """The variable that tells the agent where it can say something of itself."""
        return {URL_VARIABLE: agents_url + quote(self.id, safe="")} if agents_url else {}

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def load(path: Path) -> dict[str, AgentSpec] | None:
    """The agents of the file by id, or None when there is no such file.

    Raises SettingsError with the place and the fault; no value of `env` enters the message.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _fault(path, f"cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise _fault(path, f"is not JSON: {str(error)[:100]}") from None
    entries = found.get("agents") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise _fault(path, 'must hold {"agents": [...]}')
    specs: dict[str, AgentSpec] = {}
    for number, entry in enumerate(entries, 1):
        try:
            spec = parse(entry)
        except ValueError as error:
            raise _fault(path, f"agent number {number}: {error}") from None
        if spec.id in specs:
            raise _fault(path, f"agent number {number}: the id {spec.id} is used twice")
        specs[spec.id] = spec
    return specs


def parse(entry: object) -> AgentSpec:
    """One agent. Raises ValueError with what is wrong."""
    if not isinstance(entry, dict):
        raise ValueError("must be an object")
    agent_id = entry.get("id")
    if not isinstance(agent_id, str) or not AGENT_ID.fullmatch(agent_id):
        raise ValueError("id must be 1-128 letters, digits or . - _ : @ and start with a letter or digit")
    cwd = entry.get("cwd")
    if cwd is not None and not _is_text(cwd):
        raise ValueError("cwd must be a folder or null")
    return AgentSpec(
        id=agent_id,
        name=_text(entry, "name", agent_id),
        role=_text(entry, "role", ""),
        command=_command(entry.get("command")),
        env=_env(entry.get("env") or {}),
        cwd=cwd,
    )


def _fault(path: Path, what: str) -> SettingsError:
    return SettingsError(f"WORKER_AGENTS_FILE {path} {what}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\0" not in value


def _text(entry: Mapping[str, Any], key: str, default: str) -> str:
    value = entry.get(key)
    if value is None:
        return default
    if not isinstance(value, str) or len(value) > 200 or not value.isprintable():
        raise ValueError(f"{key} must be one line of at most 200 printable characters")
    return value


def _command(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not value or not all(_is_text(part) for part in value):
        raise ValueError("command must be a list with the program and its arguments")
    return tuple(value)


def _env(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(_is_text(key) and isinstance(value[key], str) for key in value):
        raise ValueError("env must be an object whose values are texts")
    if any("=" in key for key in value) or any("\0" in text for text in value.values()):
        raise ValueError("env holds a name or value that no environment may hold")
    return dict(value)
