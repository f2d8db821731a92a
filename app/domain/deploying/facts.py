"""What a probe found on a machine, and what stands in the way of a deploy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.deploying.ssh import SshFault

FACT = re.compile(r"@@ fact ([a-z0-9_]{1,32})=([^\n]{0,300})")
SMALLEST_DISK_MB = 100
OLDEST_PYTHON = (3, 8)
CLOCK_SECONDS = 60
NO_BOOT = (
    "Neither systemd nor cron is there for this user: the daemon will not start again after a reboot. Install cron and "
    "deploy again"
)
NOT_SET_UP = (
    "The daemon will not start again after a reboot: setting that up failed, the step start says why. "
    "Let this user use cron (crontab -e) and deploy again"
)
SYSTEMS = ("Linux", "Darwin")

Facts = Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """One line of the report of a preflight. A refusal stops the deploy before anything is changed."""

    refuses: bool
    sentence: str
    fault: SshFault = SshFault.PREFLIGHT

    def wire(self) -> dict[str, Any]:
        """As the job's result shows it."""
        return {"refuses": self.refuses, "message": self.sentence}


def read_facts(output: str) -> dict[str, str]:
    """The `@@ fact key=value` lines of what a machine said; whatever its login scripts say besides is not heard."""
    return dict(FACT.findall(output))


def findings(facts: Facts, node_id: str, now: float) -> list[Finding]:
    """Everything worth telling about a machine that shall become this node; `now` is epoch seconds."""
    if facts.get("done") != "yes":
        return [Finding(True, "The login shell of this user ran no command", SshFault.NO_SHELL)]
    return [*_refusals(facts), *_warnings(facts, node_id, now)]


def _refusals(facts: Facts) -> list[Finding]:
    tests = (
        (facts["os"] not in SYSTEMS, f"{facts['os']} is not supported: Linux or macOS is needed", SshFault.PREFLIGHT),
        (facts.get("home") != "yes", "The user has no home folder that can be written to", SshFault.PREFLIGHT),
        (
            int(facts.get("free_mb") or 0) < SMALLEST_DISK_MB,
            f"{facts.get('free_mb') or 0} MB are free in the home folder; {SMALLEST_DISK_MB} MB are needed",
            SshFault.DISK_FULL,
        ),
        (facts.get("tar") != "yes", "The program tar is missing", SshFault.PREFLIGHT),
        (not _python_fits(facts), _python_sentence(facts), SshFault.PREFLIGHT),
        (
            facts.get("port") == "busy" and not facts.get("node_id"),  # with a node's settings, it is our own daemon
            "Another program uses the node's port on the machine: give the node another port",
            SshFault.PREFLIGHT,
        ),
        (
            facts.get("reach") not in (None, "yes"),
            f"The machine cannot reach the control plane ({facts.get('reach')}): the node could never register. Check "
            "PUBLIC_URL and the machine's way out",
            SshFault.PREFLIGHT,
        ),
    )
    return [Finding(True, sentence, fault) for wrong, sentence, fault in tests if wrong]


def _warnings(facts: Facts, node_id: str, now: float) -> list[Finding]:
    other = facts.get("node_id") or node_id
    off = int(facts.get("clock") or now) - now
    tests = (
        (other != node_id, f"This machine is the node {other} already; it becomes {node_id} now"),
        (abs(off) > CLOCK_SECONDS, f"The machine's clock is off by {abs(off):.0f} s"),
        (not _starts_at_boot(facts), NO_BOOT),
        (facts.get("sudo") == "password", "sudo wants a password here; it is not needed and not used"),
    )
    return [Finding(False, sentence) for told, sentence in tests if told]


def _starts_at_boot(facts: Facts) -> bool:
    return "yes" in (facts.get("systemd_user"), facts.get("crontab"))


def _python_fits(facts: Facts) -> bool:
    numbers = tuple(int(part) for part in facts.get("python_version", "").split(".")[:2] if part.isdecimal())
    return numbers >= OLDEST_PYTHON and facts.get("python_whole") == "yes"


def _python_sentence(facts: Facts) -> str:
    wanted = ".".join(map(str, OLDEST_PYTHON))
    if facts.get("python3") != "yes":
        return f"Python is missing: install python3 ({wanted} or newer) on the machine"
    if facts.get("python_whole") != "yes":
        return "This Python lacks parts of its standard library: install the package python3, not python3-minimal"
    return f"Python {facts.get('python_version')} is too old: {wanted} or newer is needed"


def boot_advice(facts: Facts) -> str:
    """What to do so that the daemon starts after a reboot; empty when nothing, or when the machine did not say."""
    if not _starts_at_boot(facts):
        return NO_BOOT
    if facts.get("boot") == "none":
        return NOT_SET_UP
    note = facts.get("boot_note", "")
    return f"After a reboot, {note}" if note else ""
