"""What a job is: its kinds, its states and steps, its deadline and its lease."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    """Remote work that a person or a script asks for."""

    TEST_CONNECTION = "test_connection"
    PING = "ping"
    RESTART_AGENTS = "restart_agents"
    DEPLOY = "deploy"
    UPGRADE = "upgrade"
    ROLLOUT = "rollout"
    UNINSTALL = "uninstall"
    DEPLOY_MANY = "deploy_many"
    START_AGENT = "start_agent"
    STOP_AGENT = "stop_agent"
    RESTART_AGENT = "restart_agent"
    MOVE_AGENT = "move_agent"
    AGENT_LOGS = "agent_logs"
    DRAIN = "drain"
    AGENTS = "agents"  # one action on several agents; its parts do it


class JobState(StrEnum):
    """Every job ends in one of the last three."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepState(StrEnum):
    """How far a step of a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


OPEN = (JobState.QUEUED, JobState.RUNNING)
ENDED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
# From being asked for to a certain end. A restart may wait for a node's next heartbeat.
TIME_LIMIT = {
    JobKind.TEST_CONNECTION: timedelta(seconds=30),
    JobKind.PING: timedelta(seconds=30),
    JobKind.RESTART_AGENTS: timedelta(seconds=120),
    JobKind.DEPLOY: timedelta(seconds=660),
    JobKind.UPGRADE: timedelta(seconds=300),
    JobKind.ROLLOUT: timedelta(hours=3),
    JobKind.UNINSTALL: timedelta(seconds=300),
    JobKind.DEPLOY_MANY: timedelta(minutes=75),
    JobKind.START_AGENT: timedelta(seconds=120),
    JobKind.STOP_AGENT: timedelta(seconds=120),
    JobKind.RESTART_AGENT: timedelta(seconds=120),
    JobKind.MOVE_AGENT: timedelta(seconds=300),
    JobKind.AGENT_LOGS: timedelta(seconds=120),
}
# Kinds that stand for many jobs, their parts. Nobody runs them: they end with the last of their parts.
PARENTS = (JobKind.DEPLOY_MANY,)
HAVE_PARTS = (*PARENTS, JobKind.ROLLOUT, JobKind.AGENTS, JobKind.DRAIN)
# How long a part waits for its turn; with its own time this is less than its parent has.
TURN_WITHIN = timedelta(minutes=60)
# Kinds whose runner renews a lease while it works. When it stops doing so, another runner goes on where it was.
LEASED = (JobKind.DEPLOY, JobKind.ROLLOUT)
RENEW_SECONDS = 1.0  # how often a runner renews its lease, and hears of a cancel
MOST_ATTEMPTS = 3
# A queued job whose message nobody took in this time is rung for again.
RING_AGAIN_AFTER = timedelta(seconds=20)
LARGEST_LOG = 1024 * 1024  # characters kept of one job; the rest is counted and dropped


@dataclass(frozen=True)
class Step:
    """One named part of a plan, safe to run twice."""

    name: str
    title: str


@dataclass(frozen=True)
class Outcome:
    """How a job ended. The sentence is for people; the code is stable; the advice is what to try next."""

    ok: bool
    code: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)
    advice: str = ""


@dataclass(frozen=True)
class PartEnd:
    """How one part of a parent ended."""

    job_id: str
    name: str
    state: JobState
    code: str
    message: str


def summary(parts: Sequence[PartEnd], cancelled: bool) -> Outcome:
    """How a parent ended, from its parts."""
    failed = [part for part in parts if part.state is JobState.FAILED]
    done = sum(part.state is JobState.SUCCEEDED for part in parts)
    said = f"{done} of {len(parts)} done"
    if failed:
        named = ", ".join(f"{part.name} ({part.code})" for part in failed[:NAMED])
        more = f" and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
        said += f"; failed: {named}{more}"
    if cancelled:
        said += f"; {len(parts) - done - len(failed)} cancelled"
    details = {"failed": [{"jobId": part.job_id, "name": part.name, "code": part.code} for part in failed]}
    if done == len(parts):
        return Outcome(True, "ok", said, details)
    code = CANCELLED.code if cancelled else "parts_failed"
    return Outcome(False, code, said, details, "" if cancelled else "Retry: only what failed is done again")


CANCELLED = Outcome(False, "cancelled", "Cancelled; what was started on the machine was stopped")
# Of a job whose end nobody but the node can bring.
WITHDRAWN = Outcome(False, "cancelled", "Cancelled; what the node has begun already is not taken back")
UNHEARD = Outcome(False, "cancelled", "Cancelled; the Celery worker that ran it is gone")
NOT_BEGUN = Outcome(False, CANCELLED.code, "Cancelled before it began")
NAMED = 5  # of the parts that failed, in a sentence
WORKER_LOST = Outcome(False, "worker_lost", "The Celery worker that ran this job died too often; try again")
