"""What an agent should be: what starts it, what it needs, where it may run, and what its node is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Wanted(StrEnum):
    """What an agent should do."""

    RUNNING = "running"
    STOPPED = "stopped"


class OnNodeLoss(StrEnum):
    """What becomes of an agent whose node is lost."""

    STAY = "stay"  # it goes on there, and nobody starts another one
    STOP = "stop"  # the node itself stops it when its lease has run out
    MOVE = "move"  # the same, and then it is started elsewhere


class Origin(StrEnum):
    """How an agent came to have a row."""

    REGISTERED = "registered"
    ADOPTED = "adopted"  # it ran already, and its node knows its command


@dataclass(frozen=True)
class Needs:
    """What a node must have to take an agent. CPU in cores; labels must be equal."""

    capabilities: frozenset[str] = frozenset()
    memory_mb: int = 0
    cpu_weight: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AgentSpec:
    """What somebody says that an agent should be. Sizes in MB, times in seconds."""

    agent_id: str
    name: str = ""
    role: str | None = None
    command: tuple[str, ...] | None = None  # None: AGENT_COMMAND
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    needs: Needs = Needs()
    tags: tuple[str, ...] = ()
    on_node_loss: OnNodeLoss = OnNodeLoss.STAY
    lease_seconds: int = 60
    may_overlap: bool = False
    memory_warn_mb: int | None = None
    memory_limit_mb: int | None = None
    wanted: Wanted = Wanted.RUNNING


@dataclass(frozen=True)
class Assignment:
    """One agent as its node is told of it. `command` None: the one that the node itself has for this id."""

    agent_id: str
    name: str
    role: str | None
    command: tuple[str, ...] | None
    env: Mapping[str, str | None] = field(repr=False)  # a value is None for whoever may not read it
    wanted: Wanted
    epoch: int
    on_node_loss: OnNodeLoss
    lease_seconds: int
    memory_warn_mb: int | None
    memory_limit_mb: int | None


@dataclass(frozen=True)
class Place:
    """Where an agent is placed, and where it moves to (None: nowhere, it stays)."""

    node_id: str | None
    moving_to: str | None
    may_overlap: bool
    wanted: Wanted
    epoch: int

    def copy_on(self, node_id: str) -> tuple[Wanted, int] | None:
        """What that node is told to do with its copy, and the copy's epoch; None: it has none.

        A moving agent stops where it was before it starts elsewhere, unless two copies at once do no harm.
        """
        if node_id == self.node_id:
            leaves = self.moving_to is not None and not self.may_overlap
            return (Wanted.STOPPED if leaves else self.wanted), self.epoch
        if node_id == self.moving_to and self.may_overlap:
            return self.wanted, self.epoch + 1
        return None


def command_for(
    agent_id: str, own: tuple[str, ...] | None, origin: Origin, usual: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The command that starts an agent: its own, or the usual one with its id; None leaves it to the node.

    >>> command_for("a1", None, Origin.REGISTERED, ("run", "--id", "{id}"))
    ('run', '--id', 'a1')
    """
    if own is None and origin is Origin.ADOPTED:
        return None
    return tuple(word.replace("{id}", agent_id) for word in own or usual)
