"""What an installation writes on a machine, and how exactly that is taken away again: nothing else is touched."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

OURS_IN_CRONTAB = "# muster"
UNIT = "muster-daemon.service"
LIMIT = 20.0  # seconds for crontab or systemctl
# Below ~/.agenticmail. Whatever else somebody keeps there stays, and so does a folder that is not empty then.
WRITTEN = (
    "worker.env",
    "worker.env.new",
    "agents.json",
    "ecosystem.config.json",
    "ecosystem.config.json.new",
    "join-token",
    "daemon/worker.pyz",
    "daemon/worker.pyz.*",
    "daemon/start.sh",
    "daemon/boot",
    "daemon/log",
    "state/pid",
    "state/agents.json",
    "state/agents.json.new",
    "runtime/current",
    "runtime/current.new",
    "runtime/" + "[0-9a-f]" * 64 + "*",
    "pm2",
    "deploy/lock",
    "deploy/????????-????-????-????-????????????",
    "deploy/????????-????-????-????-????????????.new",
)
FOLDERS = ("daemon", "state", "runtime", "deploy")
# Of the folder that a daemon keeps its state in.
STATE = ("*.json", "*.json.new", "daemon.lock", "guard.lock", "cache", "logs")


def remove(home: Path, state_dir: Path) -> list[str]:
    """Take away what was installed for this user; answers what could not be, in words."""
    root = home / ".agenticmail"
    written = [found for pattern in WRITTEN for found in root.glob(pattern)]
    state = [found for folder in _state_folders(root, state_dir) for pattern in STATE for found in folder.glob(pattern)]
    left = [*_remove_cron_line(), *_remove_unit(home)]
    for path in (*written, *state):
        _remove(path)
        if path.exists() or path.is_symlink():
            left.append(str(path))
    for folder in (*_state_folders(root, state_dir), *(root / name for name in FOLDERS), root):
        _remove_if_empty(folder)
    return left


def _state_folders(root: Path, state_dir: Path) -> Iterator[Path]:
    """Where daemons keep their state: as deploys set it, as it is by default, and as this one has it."""
    yield from dict.fromkeys((root / "state" / "daemon", root / "daemon", state_dir / "daemon"))


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # whoever asks looks what is left
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _remove_cron_line() -> list[str]:
    listed = _run("crontab", "-l")
    if listed is None:
        return []
    kept = [line for line in listed.splitlines() if not line.endswith(OURS_IN_CRONTAB)]
    if len(kept) == len(listed.splitlines()):
        return []
    done = _run("crontab", "-", given="\n".join([*kept, ""])) if kept else _run("crontab", "-r")
    return [] if done is not None else [f"the line of the crontab that ends with {OURS_IN_CRONTAB}"]


def _remove_unit(home: Path) -> list[str]:
    """The daemon itself may be what runs there: it is not stopped, it ends by itself."""
    folder = home / ".config" / "systemd" / "user"
    unit = folder / UNIT
    if not unit.exists():
        return []
    _run("systemctl", "--user", "disable", UNIT)
    wants = folder / "default.target.wants"
    _remove(wants / UNIT)
    _remove(unit)
    _run("systemctl", "--user", "daemon-reload")
    for empty in (wants, folder, folder.parent, folder.parent.parent):
        _remove_if_empty(empty)
    return [str(unit)] if unit.exists() else []


def _run(*command: str, given: str = "") -> str | None:
    """What the command says; None when it is not there or failed."""
    try:
        ran = subprocess.run(
            command,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=LIMIT,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ran.stdout
