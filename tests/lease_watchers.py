"""What watches the leases of a node's agents outlives its daemon, on purpose: tests end it themselves."""

from contextlib import suppress
from pathlib import Path

import psutil

from node_daemon.assignments import guard
from tests.fleet import until

PLACES = ("HOME", "WORKER_STATE_DIR")


def end(folder: Path) -> None:
    """End those of daemons that lived in this folder, and wait until there are none."""
    until(lambda: not _killed(folder))


def _killed(folder: Path) -> bool:
    found = [process for process in psutil.process_iter() if _watches(process, folder)]
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return bool(found)


def _watches(process: psutil.Process, folder: Path) -> bool:
    with suppress(psutil.Error):
        if process.cmdline()[-1:] == [guard.NAME]:
            environment = process.environ()
            return any(Path(environment.get(place, "/")).is_relative_to(folder) for place in PLACES)
    return False
