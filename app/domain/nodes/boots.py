"""Two daemons under one node id: which start of a daemon speaks for the node, which comes too late, which is refused.

A copied disk has the machine id and the credential of the first machine, so only this tells them apart: each start
makes a random boot id, each heartbeat since then has the next number, and a registration names the start before it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Boots:
    """What is kept of a node's starts: boot ids, and the numbers of their last accepted heartbeats."""

    current: str | None = None
    previous: str | None = None  # it spoke before the current one, and may still be alive
    refused: str | None = None  # it came second, while the current one was alive
    number: int = 0
    previous_number: int = 0


class Call(StrEnum):
    """What to do with a message."""

    TAKE = "take"
    IGNORE = "ignore"  # late, or perhaps late: it changes nothing and is not answered with a failure
    UNKNOWN = "unknown"  # the daemon has to register first, or again
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The call, what is kept from now on, and whether two daemons are known to be alive."""

    call: Call
    after: Boots
    conflict: bool = False


def judge_beat(boots: Boots, boot: str | None, number: int | None, alive: bool) -> Ruling:
    """A heartbeat of this start. `alive`: whether the node was heard within its time to go offline."""
    if boot is None or boots.current is None:
        return Ruling(Call.TAKE, replace(boots, current=boots.current or boot, number=number or boots.number))
    if boot == boots.current:
        late = number is not None and number <= boots.number
        return Ruling(
            Call.IGNORE if late else Call.TAKE, boots if late else replace(boots, number=number or boots.number)
        )
    if boot == boots.previous:
        return _earlier_start(boots, boot, number or 0)
    if boot == boots.refused and alive:
        return Ruling(Call.REFUSE, boots, conflict=True)
    return Ruling(Call.UNKNOWN, boots)


def judge_registration(boots: Boots, boot: str | None, previous: Collection[str], alive: bool) -> Ruling:
    """A registration of this start, which says that it follows one of the starts `previous`.

    They are several if answers were lost: then the daemon does not know which of its starts we heard of.
    """
    if boot is None or boot == boots.current:
        return Ruling(Call.TAKE, boots)
    if boots.current is None or not alive:
        return Ruling(Call.TAKE, Boots(boot, boots.current, None, 0, boots.number))
    if boot == boots.previous:
        return Ruling(Call.TAKE, _reinstated(boots, boot, boots.previous_number), conflict=True)
    if boot != boots.refused and boots.current in previous:
        return Ruling(Call.TAKE, Boots(boot, boots.current, boots.refused, 0, boots.number))
    return Ruling(Call.REFUSE, replace(boots, refused=boot), conflict=True)


def _earlier_start(boots: Boots, boot: str, number: int) -> Ruling:
    """One message of a daemon that was restarted may still have been on its way; with a second one it is alive.

    Then it registers again: what is kept of the node, its address too, is what the second daemon said.
    """
    if number <= boots.previous_number + 1:
        return Ruling(Call.IGNORE, boots)
    return Ruling(Call.UNKNOWN, _reinstated(boots, boot, number - 1), conflict=True)


def _reinstated(boots: Boots, boot: str, number: int) -> Boots:
    return Boots(boot, None, boots.current, number, 0)
