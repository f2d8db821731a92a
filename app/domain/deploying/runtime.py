"""What agents need on a node: Node.js, PM2 and their package, as one archive per platform."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.domain.deploying.facts import Facts
from app.domain.deploying.request import DeployOrder

OLDEST_GLIBC = (2, 28)
# The archive, its parts unpacked, and some room beside them.
DISK_FACTOR = 4.2


class Platform(StrEnum):
    """Where a runtime runs; the values are Node's names for the CPU."""

    X64 = "x64"
    ARM64 = "arm64"


MACHINES = {"x86_64": Platform.X64, "amd64": Platform.X64, "aarch64": Platform.ARM64, "arm64": Platform.ARM64}


@dataclass(frozen=True)
class Bundle:
    """A runtime as it is sent. `programs` are the commands of its packages."""

    path: Path
    sha256: str
    size: int  # bytes
    package: str
    programs: frozenset[str]

    @property
    def disk_mb(self) -> int:
        """What must be free to unpack it."""
        return int(self.size * DISK_FACTOR / 2**20) + 1


def needs_runtime(order: DeployOrder, package: str) -> bool:
    """Whether an agent is to be started from the package; those with a command of their own need nothing."""
    return bool(package) and any(not agent.command for agent in order.agents)


def platform_of(facts: Facts) -> Platform | None:
    """The platform of a probed machine, or None where our Node does not run."""
    found = re.search(r"([0-9]+)\.([0-9]+)\s*$", facts.get("libc", ""))
    is_glibc = found is not None and "musl" not in facts.get("libc", "").lower()
    if facts.get("os") != "Linux" or found is None or not is_glibc:
        return None
    if (int(found[1]), int(found[2])) < OLDEST_GLIBC:
        return None
    return MACHINES.get(facts.get("arch", ""))


def is_present(facts: Facts, sha256: str) -> bool:
    """Whether the machine has this runtime already."""
    return sha256 in facts.get("runtimes", "").split()
