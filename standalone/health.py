"""Whether everything answers: asked while starting, and now and then afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standalone import web_client
from standalone.process import Process
from standalone.supervisor import Say

LOOK_SECONDS = 15.0
CELERY_PATIENCE_SECONDS = 120.0  # so long without a tick although all runs: its consumer has stalled


@dataclass(frozen=True)
class Check:
    """One thing that must be so before Muster counts as started."""

    name: str
    passes: Callable[[], bool]


def web_answers(base_url: str) -> Check:
    return Check("web", lambda: web_client.status_of(f"{base_url}/healthz") == 200)


def all_ready(base_url: str, started_at: datetime) -> Check:
    """Database, Redis, schema and Celery, with a tick that is newer than this start."""
    return Check("Celery and beat", lambda: is_ready(web_client.json_of(f"{base_url}/readyz"), started_at))


def flower_answers(address: str) -> Check:
    return Check("Flower", lambda: web_client.status_of(address) in (200, 401))


def node_heard(port: int) -> Check:
    """Asked of the daemon: the list of nodes is for those who are signed in."""
    return Check("local node", lambda: web_client.json_of(f"http://127.0.0.1:{port}/health").get("heard") is True)


def is_ready(answer: dict[str, Any], started_at: datetime) -> bool:
    """Whether `/readyz` says that all is well and that Celery ticked since `started_at` (aware)."""
    celery = answer.get("checks", {}).get("celery", {})
    tick = celery.get("lastTick") or celery.get("detail")
    return answer.get("ready") is True and bool(tick) and parse_time(str(tick)) >= started_at


def parse_time(text: str) -> datetime:
    """An ISO time as the API writes it; a time that cannot be read is infinitely old."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def explain(checks: list[Check], base_url: str, logs: Path) -> str:
    """Why the start is given up, with what `/readyz` says is missing."""
    missing = web_client.json_of(f"{base_url}/readyz").get("missing") or []
    text = f"Muster is not ready: no answer from {', '.join(check.name for check in checks)}."
    return " ".join([text, *(str(sentence) for sentence in missing), f"The logs are in {logs}."])


class HealthWatch:
    """Says when the running system stops being ready and when it is again; ends a Celery worker that has stalled."""

    def __init__(self, base_url: str, celery: Process, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = f"{base_url}/readyz"
        self._celery = celery
        self._say = say
        self._clock = clock
        self._missing: tuple[str, ...] = ()
        self._celery_silent_since: float | None = None
        self._next_look = clock() + LOOK_SECONDS

    def look(self) -> None:
        """Ask, at most every 15 s."""
        if self._clock() < self._next_look:
            return
        self.judge(web_client.json_of(self._url))
        self._next_look = self._clock() + LOOK_SECONDS

    def judge(self, answer: dict[str, Any]) -> None:
        """Draw the conclusions from one answer of `/readyz` (empty: web did not answer)."""
        missing = tuple(answer.get("missing", ())) if answer else ("web does not answer",)
        if missing != self._missing:
            self._say(f"not ready: {'; '.join(missing)}" if missing else "ready again")
        self._missing = missing
        self._watch_celery(answer.get("checks", {}))

    def _watch_celery(self, checks: dict[str, Any]) -> None:
        """Only Celery silent, everything it needs well, for two minutes: end it, so that it is started again."""
        failing = {name for name, check in checks.items() if not check.get("ok")}
        if failing != {"celery"}:
            self._celery_silent_since = None
        elif self._celery_silent_since is None:
            self._celery_silent_since = self._clock()
        elif self._clock() - self._celery_silent_since > CELERY_PATIENCE_SECONDS:
            self._say("Celery has stalled; its worker is started again")
            self._celery_silent_since = None
            self._celery.ask_to_stop()
