"""A daemon that is told to uninstall itself leaves a machine as it was, and what is not its own stays."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from daemon_doubles import Daemon, FakeControlPlane, eventually, is_alive

from node_daemon import build
from node_daemon.lifecycle import footprint

CRONTAB = """\
case $1 in
-l) cat "$HOME/crontab" ;;
-r) rm "$HOME/crontab" ;;
*) cat >"$HOME/crontab" ;;
esac"""
JOB = "deploy/0b6c1f9e-6c8a-4c55-9d2e-0d5b0c9f1a11"
INSTALLED = (
    "worker.env",
    "agents.json",
    "ecosystem.config.json",
    "daemon/worker.pyz.previous",
    "daemon/worker.pyz.sha256",
    "daemon/start.sh",
    "daemon/log",
    "state/pid",
    "state/agents.json",
    "state/daemon/credential.json",
    "state/daemon/logs/demo-1.log",
    f"runtime/{'a' * 64}/bin/node",
    f"runtime/{'b' * 64}.tar.gz",
    "pm2/dump.pm2",
    f"{JOB}/runner.sh",
    "deploy/lock/pid",
)
FOREIGN = ("config.json", "daemon/notes.txt", "state/daemon/notes.txt", "runtime/mine/keep", "deploy/notes", "pm2.log")


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def write(root: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a crontab of its own."""
    home = tmp_path / "home"
    home.mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "crontab").write_text(f"#!/bin/sh\n{CRONTAB}\n")
    (programs / "crontab").chmod(stat.S_IRWXU)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return home


def test_what_was_installed_goes_and_nothing_else(home: Path) -> None:
    root = home / ".agenticmail"
    write(root, FOREIGN)
    (home / "crontab").write_text("0 1 * * * backup\n")
    before = tree(home)
    write(root, INSTALLED)
    (root / "runtime" / "current").symlink_to("a" * 64)
    (home / "crontab").write_text("0 1 * * * backup\n@reboot setsid sh start.sh # muster\n")
    write(home / ".config/systemd/user", ("muster-daemon.service",))

    assert footprint.remove(home, root / "state") == []

    assert tree(home) == before
    assert (home / "crontab").read_text() == "0 1 * * * backup\n"


def test_a_home_folder_that_held_nothing_holds_nothing_again(home: Path) -> None:
    write(home / ".agenticmail", INSTALLED)
    (home / "crontab").write_text("@reboot setsid sh start.sh # muster\n")

    footprint.remove(home, home / ".agenticmail" / "state")

    assert tree(home) == set()


def test_what_cannot_be_removed_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home / ".agenticmail", ("worker.env",))
    monkeypatch.setattr(footprint, "_remove", lambda _path: None)

    assert footprint.remove(home, home / ".agenticmail") == [str(home / ".agenticmail" / "worker.env")]


def test_a_daemon_stops_its_agents_removes_itself_and_says_so_last(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    path = daemon.home / ".agenticmail" / "daemon" / "worker.pyz"
    build.write(path, build.archive(build.sources(), {}))
    (daemon.home / ".agenticmail" / "config.json").write_text("not ours")
    daemon.program = [str(path)]
    daemon.start()
    agents = eventually(lambda: len(daemon.pids()) == 2 and daemon.pids())
    control_plane.interval_ms = 1000

    control_plane.commands = [{"id": "u1", "kind": "uninstall"}]
    daemon.ask("POST", "/nudge")

    assert daemon.process is not None
    assert daemon.process.wait(30) == 78
    assert not any(map(is_alive, agents.values()))
    assert tree(daemon.home / ".agenticmail") == {"config.json"}
    assert control_plane.paths[-1].endswith("/nodes/n1/uninstalled")
    assert control_plane.registrations[-1] == {"left": []}
