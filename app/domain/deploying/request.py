"""What is asked for: a machine, a user on it, and what shall run there."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.domain.deploying.ssh import Login, SshTarget
from app.domain.jobs import Step
from app.domain.nodes.registration import NODE_ID

AGENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MOST_AGENTS = 50

PLAN = (
    Step("connect", "Connect over SSH"),
    Step("probe", "Check the machine"),
    Step("bundle", "Prepare the runtime"),
    Step("upload", "Send what is needed"),
    Step("runtime", "Install the runtime"),
    Step("daemon", "Install the daemon"),
    Step("settings", "Write the settings"),
    Step("start", "Start the daemon and its agents"),
    Step("register", "Wait until the node and its agents are seen"),
)


class Source(StrEnum):
    """Where Node.js, PM2 and the agent package come from. These words are API: never renamed."""

    AUTO = "auto"  # the bundle where there is one, else what the machine has
    BUNDLE = "bundle"
    MACHINE = "machine"
    PACKAGES = "packages"  # as MACHINE, after packages of the system where it lacks something


@dataclass(frozen=True)
class AgentOrder:
    """An agent that shall run on the node. Without a command of its own the deployment's template is used."""

    id: str
    name: str = ""
    role: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bastion:
    """A jump host: the machine is reached from there."""

    host: str
    user: str
    fingerprint: str
    port: int = 22

    @property
    def target(self) -> SshTarget:
        """Where to log in."""
        return SshTarget(self.host, self.user, self.port, (self.fingerprint,))


@dataclass(frozen=True)
class DeployOrder:
    """One machine that shall become a node. Holds no secret."""

    host: str
    user: str
    fingerprint: str
    node_id: str
    port: int = 22
    name: str = ""
    worker_host: str = ""
    node_port: int = 3101
    capabilities: tuple[str, ...] = ()
    agents: tuple[AgentOrder, ...] = field(default_factory=tuple)
    bastion: Bastion | None = None
    runtime_from: Source = Source.AUTO

    @property
    def target(self) -> SshTarget:
        """Where to log in."""
        via = self.bastion.target if self.bastion else None
        return SshTarget(self.host, self.user, self.port, (self.fingerprint,), via)

    def stored(self) -> dict[str, Any]:
        """As the job's row keeps it."""
        agents = [
            {"id": agent.id, "name": agent.name, "role": agent.role, "command": list(agent.command)}
            for agent in self.agents
        ]
        bastion = self.bastion and vars(self.bastion)
        return {**vars(self), "capabilities": list(self.capabilities), "agents": agents, "bastion": bastion}

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "DeployOrder":
        """Back from the job's row; what else the row keeps is left out."""
        agents = tuple(
            AgentOrder(one["id"], one["name"], one["role"], tuple(one["command"])) for one in stored["agents"]
        )
        bastion = Bastion(**stored["bastion"]) if stored.get("bastion") else None
        capabilities = tuple(stored["capabilities"])
        source = Source(stored.get("runtime_from", Source.AUTO))
        known = {key: value for key, value in stored.items() if key in cls.__dataclass_fields__}
        read = {"capabilities": capabilities, "agents": agents, "bastion": bastion, "runtime_from": source}
        return cls(**{**known, **read})


@dataclass(frozen=True)
class Retry:
    """What a deploy that ended is asked for again with: the login, and host keys that are not the former ones."""

    login: Login
    fingerprint: str = ""
    fingerprints: Mapping[str, str] = field(default_factory=dict)  # by host:port


def node_id_for(name: str) -> str:
    """A node id made of a name. Names that differ never fall on the same id.

    >>> node_id_for("gpu-1"), node_id_for("GPU 1 (office)")
    ('gpu-1', 'gpu-1-office-81f887')
    """
    if NODE_ID.fullmatch(name) and name == name.lower():
        return name
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "node"
    return f"{plain[:50].rstrip('-')}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
