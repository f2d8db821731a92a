"""What placement knows of a node, and what an agent asks of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Claim:
    """Memory and CPU (in cores) that agents were given."""

    memory_mb: int = 0
    cpu: float = 0.0

    def __add__(self, other: "Claim") -> "Claim":
        return Claim(self.memory_mb + other.memory_mb, self.cpu + other.cpu)


@dataclass(frozen=True)
class Candidate:
    """A node as placement sees it. Usage is a share from 0 to 1; None means never reported.

    `agents` are those that are seen and those that are promised: placed, but in no report yet. `promised` is what
    these will take; `assigned` is what all its agents may take, whether they use it at the moment or not.
    """

    node_id: str
    status: str
    schedulable: bool
    capabilities: frozenset[str]
    agents: int
    cpu_usage: float | None
    memory_usage: float | None
    memory_mb: int
    cpu_count: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    assignable: bool = True  # a daemon of ours runs there that can be told what to run
    promised: Claim = Claim()
    assigned: Claim = Claim()
    same_role: int = 0  # agents of the role that is to be placed, in all of its failure domain (region and zone)

    def with_more(self, claims: Sequence[Claim]) -> "Candidate":
        """The node as it would be with one more agent for each of these claims."""
        more = sum(claims, Claim())
        agents = self.agents + len(claims)
        return replace(self, agents=agents, promised=self.promised + more, assigned=self.assigned + more)

    @property
    def free_memory_mb(self) -> int:
        """What is neither in use nor promised, and never what others may still take of their own share."""
        unused = math.floor(self.memory_mb * (1 - (self.memory_usage or 0)))
        return min(unused - self.promised.memory_mb, self.memory_mb - self.assigned.memory_mb)

    @property
    def free_cpu(self) -> float:
        """The same for CPU, in cores."""
        unused = self.cpu_count * (1 - (self.cpu_usage or 0))
        return min(unused - self.promised.cpu, self.cpu_count - self.assigned.cpu)


@dataclass(frozen=True)
class Demand:
    """What an agent needs: all of these capabilities and labels, so much free memory and CPU (0: any)."""

    capabilities: frozenset[str] = frozenset()
    memory_mb: int = 0
    cpu_weight: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    assigned: bool = False  # it is to be started by us: its node must have a daemon that can be told so
