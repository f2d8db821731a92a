"""Another program takes this one's place, on the control plane's word; the agents go on meanwhile.

The old program leaves a watchdog behind: when the new one is not heard in time, it puts the old one back.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any, Callable

from node_daemon import __version__, log, messages
from node_daemon.command_kinds import Command, CommandFailed, Kind
from node_daemon.control_plane import ControlPlane, Unreachable
from node_daemon.lifecycle.program import Program, digest
from node_daemon.state import StateFolder

FILE = "upgrade.json"
# How far an upgrade is: the program was put in place, was heard, was put back, and the end was reported.
SWAPPED, HEARD, ROLLED_BACK, TOLD = "swapped", "heard", "rolled_back", "told"
SHA256 = re.compile(r"[0-9a-f]{64}")
SHORTEST_WAIT, DEFAULT_WAIT, LONGEST_WAIT = 1.0, 60.0, 300.0  # seconds for the new program to be heard
# Between the shell and the watchdog nobody waits for it: it must end up with no parent of ours.
DETACHED = '"$@" </dev/null & '


class Upgrade:
    """Carries out one upgrade, and tells the end of the one that was under way when this program was started."""

    def __init__(self, state: StateFolder, control_plane: ControlPlane, program: Program | None) -> None:
        self._state, self._control_plane, self._program = state, control_plane, program
        self._saved = state.read(FILE)

    @property
    def build(self) -> str:
        """The checksum of the program that runs; empty when that is not a worker.pyz."""
        return self._program.sha256 if self._program else ""

    @property
    def under_way(self) -> frozenset[str]:
        """The command whose end is told by the program that runs after it."""
        open_ = self._saved.get("state") in (SWAPPED, HEARD, ROLLED_BACK)
        return frozenset({str(self._saved.get("commandId"))}) if open_ else frozenset()

    def heard(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """The control plane took a heartbeat of this program: an upgrade that was under way has ended."""
        if not self.under_way:
            return
        is_new = self.build == self._saved.get("sha256")
        if self._saved["state"] != ROLLED_BACK and is_new:
            self._note(HEARD)  # first of all: the watchdog waits for it
            log.info("upgraded", version=__version__, former=self._saved.get("fromVersion"))
            result = self._result(True, f"Upgraded from {self._saved.get('fromVersion')} to {__version__}")
        else:
            reason = self._saved.get("reason") or "the daemon was ended before the new program was put in place"
            log.warn("an upgrade was taken back", reason=reason)
            result = self._result(False, f"Not upgraded, {__version__} goes on: {reason}")
        tell(result)
        self._note(TOLD)

    @property
    def kind(self) -> Kind:
        """The command that asks for one."""
        return Kind(self._carry_out, lane=lambda _: "program")

    def _carry_out(self, command: Command) -> str:
        """Download, check, swap and start the new program; comes back only when there is nothing to swap."""
        try:
            self._swap(command)
        except (CommandFailed, Unreachable) as error:
            self._state.write(FILE, {"state": TOLD})  # a watchdog that was left already has nothing to put back
            raise CommandFailed(f"Not upgraded: {error}") from None
        return f"This daemon ({__version__}) is of that build already"

    def _swap(self, command: Command) -> None:
        program, wanted = self._program, command.arguments.get("sha256")
        if program is None:
            raise CommandFailed("this daemon does not run from a worker.pyz, so there is nothing to put in its place")
        if not isinstance(wanted, str) or not SHA256.fullmatch(wanted):
            raise CommandFailed("the command names no checksum")
        if wanted == program.sha256:
            return
        content = self._control_plane.program(wanted)
        if digest(content) != wanted:
            raise CommandFailed(f"what was downloaded has the checksum {digest(content)[:12]}, not {wanted[:12]}")
        program.check(content)
        program.keep()
        saved = {
            "state": SWAPPED,
            "commandId": command.id,
            "sha256": wanted,
            "fromVersion": __version__,
            "program": str(program.path),
            "former": program.sha256,
            "pid": os.getpid(),
        }
        if not self._state.write(FILE, saved):
            raise CommandFailed("the state folder cannot be written to")
        self._leave_watchdog(program, _wait(command.arguments.get("deadlineSeconds")))
        log.info("upgrading", build=wanted[:12])
        program.replace(content)
        # The same process: whoever started it sees no end, and agents that are its children stay so.
        os.execv(program.command[0], program.command)  # noqa: S606 - our own program

    def _leave_watchdog(self, program: Program, wait: float) -> None:
        """Raises CommandFailed."""
        watchdog = [
            program.command[0],
            str(program.previous),
            "watch-upgrade",
            str(self._state.path.parent),
            f"{wait:g}",
        ]
        try:
            subprocess.run(["/bin/sh", "-c", DETACHED, "sh", *watchdog], check=True, timeout=10, start_new_session=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise CommandFailed(f"the watchdog cannot be started ({type(error).__name__})") from None

    def _note(self, state: str) -> None:
        self._saved["state"] = state
        self._state.write(FILE, self._saved)

    def _result(self, ok: bool, message: str) -> dict[str, Any]:
        return messages.result(str(self._saved["commandId"]), ok, message)


def _wait(asked: object) -> float:
    if isinstance(asked, bool) or not isinstance(asked, (int, float)) or asked != asked:  # noqa: PLR0124
        return DEFAULT_WAIT
    return min(max(float(asked), SHORTEST_WAIT), LONGEST_WAIT)
