"""When a node counts as online, degraded or offline, and for which reason."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

OFFLINE_AFTER = timedelta(seconds=90)
# Longer than this without being able to accept a heartbeat, and silence says nothing about the nodes.
DEAF_AFTER = timedelta(seconds=15)
# From this share of the nodes that were up, and more than two of them, silence is probably our own fault.
MASS_OUTAGE_SHARE = 0.55
MASS_OUTAGE_WINDOW = timedelta(seconds=60)


class NodeStatus(StrEnum):
    """What people and placement see of a node."""

    ONLINE = "online"
    DEGRADED = "degraded"  # reachable, but reporting issues
    OFFLINE = "offline"


class StatusReason(StrEnum):
    """Why a node has its status, or why it changed."""

    NEVER_SEEN = "never_seen"
    AWAITING_HEARTBEAT = "awaiting_heartbeat"  # the control plane was deaf: not announced, no alert, no failover
    SILENT = "silent"
    HEARTBEAT = "heartbeat"
    ISSUES = "issues"
    ISSUES_CLEARED = "issues_cleared"
    REGISTERED = "registered"
    ADDRESS_CHANGED = "address_changed"
    CONFLICT = "conflict"
    CAPABILITIES_DROPPED = "capabilities_dropped"
    REMOVED = "removed"


class Verdict(NamedTuple):  # made for every node of every list
    """A status and its reason."""

    status: NodeStatus
    reason: StatusReason


def status_of(
    last_heartbeat: datetime | None,
    listening_since: datetime,
    has_issues: bool,
    now: datetime,
    offline_after: timedelta = OFFLINE_AFTER,
) -> Verdict:
    """Judge a node by its last accepted heartbeat. All times are the database's clock.

    `listening_since` is when the control plane (again) began to accept heartbeats: its own
    deafness never counts against a node.
    """
    if last_heartbeat is None:
        return Verdict(NodeStatus.OFFLINE, StatusReason.NEVER_SEEN)
    if last_heartbeat >= max(now - offline_after, listening_since):
        if has_issues:
            return Verdict(NodeStatus.DEGRADED, StatusReason.ISSUES)
        return Verdict(NodeStatus.ONLINE, StatusReason.HEARTBEAT)
    if last_heartbeat < listening_since and now < listening_since + offline_after:
        return Verdict(NodeStatus.OFFLINE, StatusReason.AWAITING_HEARTBEAT)
    return Verdict(NodeStatus.OFFLINE, StatusReason.SILENT)


def silent_before(
    listening_since: datetime, now: datetime, offline_after: timedelta = OFFLINE_AFTER
) -> datetime | None:
    """Nodes whose last heartbeat is older than this are silent; None while silence proves nothing yet.

    The stale check's form of `status_of`: it finds the same nodes with one comparison.
    """
    cutoff = now - offline_after
    return cutoff if listening_since <= cutoff else None


def effective_listening(
    listening_since: datetime, accepting_at: datetime | None, now: datetime, deaf_after: timedelta = DEAF_AFTER
) -> datetime:
    """Since when the control plane has been able to hear, without a gap, up to `now`.

    `accepting_at` is when any web process last proved that it could accept a heartbeat. A stale
    proof means that nobody listens at this moment, whatever was stored; a beginning that is yet to
    come means that the clock was set back, and nothing stored says anything about silence.
    """
    if accepting_at is None or now - accepting_at > deaf_after or listening_since > now:
        return now
    return listening_since


def is_mass_outage(silent: int, were_up: int) -> bool:
    """Whether so many nodes went silent within the window that the cause is probably ours."""
    return silent > 2 and silent >= MASS_OUTAGE_SHARE * were_up
