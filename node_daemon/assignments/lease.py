"""Whether an agent may run now. Pure: the clock comes in, and it counts on while the machine is suspended."""

from __future__ import annotations

from dataclasses import dataclass

from node_daemon.assignments.told import STOPPED, Told

# Past this many seconds nobody waits for an agent to end by itself: it may be at work elsewhere by now.
LATE = 15.0
# No agent is started elsewhere sooner than 60 s after a heartbeat was taken; one may take 10 s to be.
CLOSE = 45.0


@dataclass(frozen=True)
class Contact:
    """When the control plane was last known to hear us.

    `heard_at` is when the last heartbeat that it took was sent, in seconds of `clock.since_boot`; None: not since the
    machine was started. `is_confirmed`: whether it told this start of the daemon what to run.
    """

    heard_at: float | None = None
    is_confirmed: bool = False


@dataclass(frozen=True)
class Hold:
    """Why an agent may not be started now."""

    reason: str
    ends: bool = True  # whether a process of it that runs must end
    is_pause: bool = False
    is_fence: bool = False  # it may be started elsewhere: it must not run here
    at_once: bool = False  # without time to end by itself


STOPPED_BY_ORDER = Hold("it is to be stopped")
BRAKED = Hold("it is paused for the whole fleet", is_pause=True)
GONE = Hold("it was moved away or deleted")
UNCONFIRMED = Hold("the control plane has not confirmed since the daemon's start that it runs here", ends=False)


def hold(told: Told, agent_id: str, contact: Contact, now: float) -> Hold | None:
    """Why this agent may not be started at `now`; None when it may."""
    if told.is_paused(agent_id):
        return BRAKED
    assigned = told.agents.get(agent_id)
    if assigned is None:
        return None
    if assigned.wanted == STOPPED:
        return STOPPED_BY_ORDER
    if not assigned.is_leased:
        return None
    over = overdue(contact, assigned.lease_seconds, now)
    if over is None or over >= 0:
        reason = f"the control plane was not reached for its lease of {assigned.lease_seconds} s"
        return Hold(reason, is_fence=True, at_once=over is None or over >= LATE)
    return None if contact.is_confirmed else UNCONFIRMED


def overdue(contact: Contact, lease_seconds: float, now: float) -> float | None:
    """Seconds since the lease ran out, negative while it lasts; None when there never was one since the boot."""
    # A clock that went back is of another boot.
    if contact.heard_at is None or contact.heard_at > now:
        return None
    return now - contact.heard_at - lease_seconds


def was_close(contact: Contact, sent_at: float) -> bool:
    """Whether the control plane cannot have started an agent of ours elsewhere since it last told us what to run."""
    return contact.is_confirmed and contact.heard_at is not None and 0 <= sent_at - contact.heard_at < CLOSE
