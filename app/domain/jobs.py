"""What a job is: its kinds, its states, its deadline."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    """Remote work that a person or a script asks for."""

    TEST_CONNECTION = "test_connection"
    PING = "ping"
    RESTART_AGENTS = "restart_agents"


class JobState(StrEnum):
    """Every job ends in one of the last two."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


OPEN = (JobState.QUEUED, JobState.RUNNING)
ENDED = (JobState.SUCCEEDED, JobState.FAILED)
# From being asked for to a certain end. A restart may wait for a node's next heartbeat.
TIME_LIMIT = {
    JobKind.TEST_CONNECTION: timedelta(seconds=30),
    JobKind.PING: timedelta(seconds=30),
    JobKind.RESTART_AGENTS: timedelta(seconds=120),
}


@dataclass(frozen=True)
class Outcome:
    """How a job ended. The sentence is for people; the code is stable."""

    ok: bool
    code: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)
