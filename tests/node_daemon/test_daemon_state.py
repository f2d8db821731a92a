"""The state folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from daemon_doubles import Daemon, eventually

from node_daemon.errors import StartError
from node_daemon.state import StateFolder, machine_id


def test_state_is_readable_by_its_owner_only(state: StateFolder) -> None:
    state.write("x.json", {"a": 1})

    assert state.read("x.json") == {"a": 1}
    assert (state.path / "x.json").stat().st_mode & 0o777 == 0o600
    assert state.path.stat().st_mode & 0o777 == 0o700


def test_a_broken_state_file_counts_as_empty(state: StateFolder) -> None:
    (state.path / "x.json").write_text('{"a": ')

    assert state.read("x.json") == {}


def test_the_machine_id_is_made_once(state: StateFolder) -> None:
    first = machine_id(state)

    assert len(first) == 32
    assert machine_id(StateFolder(state.path.parent)) == first


def test_a_dry_run_saves_no_machine_id(tmp_path: Path) -> None:
    machine_id(StateFolder(tmp_path / "none"), keep=False)

    assert not (tmp_path / "none").exists()


def test_a_folder_is_taken_by_one_at_a_time(state: StateFolder) -> None:
    state.take()

    with pytest.raises(StartError, match="WORKER_STATE_DIR is in use"):
        StateFolder(state.path.parent).take()


def test_a_second_daemon_on_the_same_folder_ends_and_starts_no_agent(daemon: Daemon) -> None:
    daemon.start()
    before = eventually(lambda: len(daemon.pids()) == 2 and daemon.pids())

    ended = daemon.finish()

    assert ended.returncode == 75
    assert "WORKER_STATE_DIR is in use" in ended.stderr
    assert daemon.pids() == before


def test_what_is_written_in_place_needs_no_room_on_a_full_disk(state: StateFolder) -> None:
    state.write("x.json", {"at": 9.5}, in_place=True)
    (state.path / "x.json.new").mkdir()  # no new file can be made

    assert state.write("x.json", {"at": 10.25}, in_place=True)
    assert state.read("x.json") == {"at": 10.25}
    assert not state.write("x.json", {"at": 11.0})
