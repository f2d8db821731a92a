"""Watches agents.json, so that adding an agent starts it without a restart of the daemon."""

from __future__ import annotations

from pathlib import Path

from node_daemon import log
from node_daemon.agents import spec
from node_daemon.agents.spec import AgentSpec
from node_daemon.errors import SettingsError


class AgentsFile:
    """The file and what it looked like when it was read last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._look()

    def load(self) -> dict[str, AgentSpec] | None:
        """The agents, or None when there is no file. Raises SettingsError when it is wrong."""
        self._seen = self._look()
        return spec.load(self.path)

    def changed(self) -> dict[str, AgentSpec] | None:
        """The agents when the file is another one than last time and is good; else None.

        A file that vanished changes nothing: an editor may be about to put the new one in its place.
        """
        if self._look() == self._seen:
            return None
        try:
            return self.load()
        except SettingsError as error:
            log.error("agents file is wrong and the agents stay as they are", reason=error)
            return None

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
