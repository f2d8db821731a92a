"""The daemon removes itself and all that was installed with it: agents first, files next, its last word at the end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Callable

from node_daemon import log
from node_daemon.agents.supervisor import Caretaker
from node_daemon.command_kinds import Command, CommandFailed, Kind
from node_daemon.control_plane import Answer, ControlPlane, Unreachable
from node_daemon.lifecycle import footprint
from node_daemon.settings import Settings

TRY_AGAIN, LAST_WORD = 2.0, 120.0  # seconds between tries to tell the end, and in all


class Uninstall:
    """Carries out the one command after which there is no daemon. `silence` ends reports, `end` ends the process."""

    def __init__(
        self,
        settings: Settings,
        control_plane: ControlPlane,
        supervisor: Caretaker,
        silence: Callable[[], None],
        end: Callable[[], None],
    ) -> None:
        self._settings, self._control_plane, self._supervisor = settings, control_plane, supervisor
        self._silence, self._end = silence, end

    @property
    def kind(self) -> Kind:
        """The command that asks for it."""
        return Kind(self._carry_out, lane=lambda _: "program")

    def _carry_out(self, _: Command) -> str:
        stop_agents(self._supervisor)
        self._silence()  # the next report would come from a node that is no more
        left = footprint.remove(Path(self._settings.environment.get("HOME") or Path.home()), self._settings.state_dir)
        log.info("uninstalled", left=",".join(left) or "nothing")
        self._tell(left)
        self._end()
        return "uninstalled"

    def _tell(self, left: list[str]) -> None:
        """The credential is in memory still; after this it counts no more."""
        until = time.monotonic() + LAST_WORD
        while time.monotonic() < until:
            try:
                answer: Answer = self._control_plane.uninstalled({"left": [one[:300] for one in left[:20]]})
            except Unreachable as error:
                log.warn("the control plane does not know yet", reason=str(error))
            else:
                if answer.status != 429 and answer.status < 500:
                    return
            time.sleep(TRY_AGAIN)


def stop_agents(supervisor: Caretaker) -> None:
    """Stop every agent, for good. Raises CommandFailed when one goes on."""
    supervisor.close(stop_agents=True)
    left = [f"{agent.id} (pid {agent.pid})" for agent in supervisor.list() if agent.pid is not None]
    if left:
        raise CommandFailed(f"Nothing was removed, since these agents do not end: {', '.join(left)}")
