"""The fleet brake: agents are paused, all of them or those with a tag, until somebody takes it off."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.nodes.node import Json, iso

ALL = "all"


@dataclass(frozen=True)
class Brake:
    """A brake that is on. `tag` None: for all agents, those that only a node itself knows too."""

    tag: str | None
    note: str
    by: str
    at: str  # ISO 8601

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any] | None) -> "Brake | None":
        """As the control plane's row keeps it."""
        return None if stored is None else cls(**stored)

    @property
    def scope(self) -> Json | str:
        """On the wire."""
        return ALL if self.tag is None else {"tag": self.tag}

    def holds(self, tags: Collection[str]) -> bool:
        """Whether an agent with these tags is paused."""
        return self.tag is None or self.tag in tags


def put_on(tag: str | None, note: str, by: str, now: datetime) -> Brake:
    """A new brake."""
    return Brake(tag, note, by, iso(now))


def paused(brake: Brake | None, agents: Mapping[str, Collection[str]]) -> Json:
    """What a node is told of the brake; `agents` are the tags of those that it should run, by id."""
    if brake is None:
        return {"paused": False, "pausedAgents": []}
    if brake.tag is None:
        return {"paused": {"since": brake.at, "by": brake.by}, "pausedAgents": ALL}
    return {"paused": False, "pausedAgents": sorted(agent for agent, tags in agents.items() if brake.holds(tags))}
