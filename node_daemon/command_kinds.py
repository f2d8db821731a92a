"""What the control plane may ask for: each kind of command, who carries it out, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Mapping, Union

from node_daemon.agents.supervisor import Restarted, Supervisor


class CommandFailed(Exception):
    """It was not done; the message is for people."""


@dataclass(frozen=True)
class Command:
    """What was asked for. `arguments` came from the network: whoever uses one checks it."""

    id: str
    kind: str
    agent_id: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """The agent that it is about, wherever that stands."""
        return str(self.arguments.get("agentId") or self.agent_id)


@dataclass(frozen=True)
class Kind:
    """How one kind is carried out.

    `carry_out` answers what was done, in one line for people, or raises CommandFailed, UnknownAgent or SupervisorBusy.
    `lane` names what the command waits for: those in one lane are carried out one after the other, others side by side.
    """

    carry_out: Callable[[Command], Union[str, Restarted]]
    lane: Callable[[Command], str]


def of_agents(supervisor: Supervisor) -> Dict[str, Kind]:
    """The kinds that the supervisor of the agents carries out."""
    return {
        "restart_agents": Kind(lambda _: supervisor.restart(), lane=lambda _: "agents"),
        "restart_agent": Kind(
            lambda command: supervisor.restart([command.about]), lane=lambda command: f"agent {command.about}"
        ),
    }
