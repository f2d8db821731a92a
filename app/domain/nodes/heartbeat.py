"""What a heartbeat may say, and the fast check of it: this runs for every beat of every node."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from app.domain.agents.words import KEPT
from app.domain.errors import InvalidInput

AGENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}").fullmatch
MAX_AGENTS = 500
AGENT_STATES = frozenset({"starting", "running", "stopped", "crash_looping", "paused"})
Scope = Literal["node", "agent"]
Json = dict[str, Any]


@dataclass(frozen=True)
class ReportedIssue:
    """Something the daemon noticed that the control plane cannot compute, such as a crash-looping agent."""

    code: str
    message: str
    agent_id: str | None = None

    @property
    def key(self) -> str:
        """Unique among the issues of a node: the code, then the agent it is about."""
        return f"{self.code}:{self.agent_id or ''}"


@dataclass(frozen=True)
class CommandResult:
    """How a command ended on the node."""

    command_id: str
    ok: bool
    message: str
    agents: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One report for a node. Usage is a share from 0 to 1; None means not reported."""

    scope: Scope | None = None  # None: this beat says nothing about agents
    agents: Mapping[str, Json] = field(default_factory=dict)
    cpu_usage: float | None = None
    memory_usage: float | None = None
    disk_usage: float | None = None
    load_average: tuple[float, ...] | None = None
    clock: datetime | None = None
    version: str | None = None
    machine_id: str | None = None
    boot_id: str | None = None  # made at each start of the daemon
    number: int | None = None  # of this heartbeat since that start
    assignments: int | None = None  # the revision that the daemon carries out; 0: it has none yet
    issues: tuple[ReportedIssue, ...] = ()
    results: tuple[CommandResult, ...] = ()


def parse(raw: object) -> Heartbeat:
    """Check a decoded JSON body. Unknown keys are ignored: a newer daemon may know more than we do.

    Raises InvalidInput that names every offending field.
    """
    if not isinstance(raw, dict):
        raise InvalidInput("A heartbeat must be a JSON object")
    faults: dict[str, str] = {}
    values: Json = {}
    for key, (name, check) in _FIELDS.items():
        value = raw.get(key)
        if value is not None:
            try:
                values[name] = check(value)
            except ValueError as fault:
                faults[key] = str(fault)
    scope = raw.get("scope")
    if scope not in (None, "node", "agent"):
        faults["scope"] = 'must be "node" or "agent"'
    if faults:
        named = "; ".join(f"{key} {fault}" for key, fault in faults.items())
        raise InvalidInput(f"Heartbeat not accepted: {named}", faults)
    ids = values.pop("agent_ids", None)
    details = values.pop("details", {})
    if ids is not None:
        # Existing agents name only themselves: a list of exactly one is that agent's own report.
        values["scope"] = scope or ("agent" if len(ids) == 1 else "node")
        values["agents"] = {agent: details.pop(agent, {}) for agent in ids}
        if values["scope"] == "node":  # its daemon also tells of agents that are stopped or crash-looping
            values["agents"] |= {agent: {**told, "absent": True} for agent, told in details.items()}
    return Heartbeat(**values)


def _share(value: object) -> float:
    if type(value) not in _NUMBER or not 0 <= value <= 1:  # type: ignore[operator]
        raise ValueError("must be a number from 0 to 1")
    return float(value)  # type: ignore[arg-type]


def _agent_ids(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > MAX_AGENTS:
        raise ValueError(f"must be a list of at most {MAX_AGENTS} agent ids")
    for agent in value:
        if not isinstance(agent, str) or not AGENT_ID(agent):
            raise ValueError("must hold agent ids of 1-128 letters, digits and . _ : @ -")
    return value


def _load(value: object) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != 3 or not all(map(_is_load, value)):
        raise ValueError("must be three numbers: the load of 1, 5 and 15 minutes")
    return tuple(map(float, value))


def _is_load(value: object) -> bool:
    return type(value) in _NUMBER and 0 <= value < 1e6  # type: ignore[operator]


def _clock(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ValueError("must be an ISO 8601 time with a zone, such as 2026-11-23T15:04:30Z")
    return time


def text(longest: int) -> Callable[[object], str]:
    """A check for one line of printable text of at most `longest` characters."""

    def check(value: object) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
            raise ValueError(f"must be 1-{longest} printable characters")
        return value

    return check


def _number(value: object) -> int:
    if type(value) is not int or not 0 < value < 2**63:
        raise ValueError("must be a whole number from 1")
    return value


def _revision(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("must be a whole number from 0")
    return value


_code, _agent, _issue_text, _result_text = text(64), text(128), text(300), text(500)


def _details(value: object) -> dict[str, Json]:
    if not isinstance(value, list) or len(value) > MAX_AGENTS or not all(map(_is_object, value)):
        raise ValueError(f"must be a list of at most {MAX_AGENTS} objects")
    return dict(zip(_agent_ids([item.get("agentId") for item in value]), map(_detail, value), strict=True))


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _detail(item: Json) -> Json:
    """Keep only known keys of a known type: an agent's environment must never travel this way."""
    kept: Json = {}
    # One plain loop: most of a heartbeat is in here, and generators took three times as long.
    for key, said in item.items():
        kind = type(said)
        if kind in _DETAIL_TYPES.get(key, ()):
            if kind is str and (len(said) > 200 or not said.isprintable()):
                raise ValueError("must hold printable texts of at most 200 characters")
            kept[key] = said
        elif kind is dict and key in KEPT and (words := KEPT[key](said)) is not None:
            kept[key] = words
    if kept.get("state", "running") not in AGENT_STATES:
        raise ValueError(f"must hold states among {', '.join(sorted(AGENT_STATES))}")
    return kept


def _issues(value: object) -> tuple[ReportedIssue, ...]:
    if not isinstance(value, list) or len(value) > 100 or not all(isinstance(item, dict) for item in value):
        raise ValueError("must be a list of at most 100 objects")
    return tuple(
        ReportedIssue(_code(i.get("code")), _issue_text(i.get("message")), i.get("agentId") and _agent(i["agentId"]))
        for i in value
    )


def _results(value: object) -> tuple[CommandResult, ...]:
    if not isinstance(value, list) or len(value) > 100 or not all(isinstance(item, dict) for item in value):
        raise ValueError("must be a list of at most 100 objects")
    return tuple(
        CommandResult(
            _code(item.get("id")),
            item.get("ok") is True,
            _result_text(item.get("message")),
            tuple(_details(item.get("agents") or []).values()),
        )
        for item in value
    )


_NUMBER = (int, float)
_DETAIL_TYPES: dict[str, tuple[type, ...]] = {
    "agentId": (str,),
    "name": (str,),
    "role": (str,),
    "state": (str,),
    "cpuUsage": (int, float),
    "memoryMb": (int, float),
    "restarts": (int,),
    "startedAt": (str,),
    "pid": (int,),
    "epoch": (int,),
    "exitCode": (int,),
    "exitedAt": (str,),
}
_FIELDS: dict[str, tuple[str, Callable[[object], Any]]] = {
    "agents": ("agent_ids", _agent_ids),
    "cpuUsage": ("cpu_usage", _share),
    "memoryUsage": ("memory_usage", _share),
    "diskUsage": ("disk_usage", _share),
    "loadAverage": ("load_average", _load),
    "clock": ("clock", _clock),
    "version": ("version", text(64)),
    "machineId": ("machine_id", text(64)),
    "bootId": ("boot_id", text(64)),
    "beatNumber": ("number", _number),
    "assignments": ("assignments", _revision),
    "agentDetails": ("details", _details),
    "issues": ("issues", _issues),
    "commandResults": ("results", _results),
}
