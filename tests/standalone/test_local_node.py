"""The local node: its id, what it is given, and the demo agents that really run."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from standalone import local_node
from standalone.demo_agent import favourite, write_text
from standalone.errors import StandaloneError
from standalone.settings import StandaloneSettings
from standalone.state import StateFolder


@pytest.mark.parametrize("hostname", ["vm", "Anna's MacBook.local", "-x-", "ünïcode", "h" * 300, "..."])
def test_the_id_is_one_that_the_protocol_allows(hostname: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}", local_node.node_id(hostname))


def test_the_daemon_gets_its_agents_and_no_secret_of_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FILE", "FLOWER_URL", "WORKER_DATABASE_URL")
    for name in secrets:
        monkeypatch.setenv(name, "postgresql://u:secret@h/d")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "worker.pyz").touch()

    process = local_node.make(StandaloneSettings(port=3177), StateFolder(tmp_path / "state"), tmp_path)

    environ = process.environment or {}
    assert environ["ENTERPRISE_URL"] == "http://127.0.0.1:3177"
    assert environ["WORKER_STOP_AGENTS_ON_EXIT"] == "1"
    assert not environ.keys() & set(secrets)
    agents = json.loads((Path(environ["WORKER_STATE_DIR"]) / "agents.json").read_text())["agents"]
    assert [agent["id"] for agent in agents] == ["demo-1", "demo-2"]


def test_a_daemon_that_was_not_built_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(StandaloneError, match=r"worker\.pyz is missing: run `make setup`"):
        local_node.make(StandaloneSettings(), StateFolder(tmp_path / "state"), tmp_path)


@contextlib.contextmanager
def demo_agent(lock_file: Path) -> Iterator[subprocess.Popen[str]]:
    """One that has begun to work."""
    [agent, *_] = local_node.agents_file(lock_file)["agents"]
    command, environ = agent["command"], agent["env"]
    assert isinstance(command, list)
    assert isinstance(environ, dict)
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith("Z demo-1: started\n")
        yield process


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[StateFolder]:
    state = StateFolder(tmp_path)
    state.lock()
    yield state
    state.unlock()


def test_a_demo_agent_runs_and_ends_on_sigterm(locked: StateFolder) -> None:
    with demo_agent(locked.path / "lock") as agent:
        agent.send_signal(signal.SIGTERM)

        assert agent.wait(10) == 0
        assert agent.stdout is not None
        assert agent.stdout.read().endswith("demo-1: ended after 0 texts\n")


def test_a_demo_agent_ends_when_nobody_is_left_to_stop_it(locked: StateFolder) -> None:
    with demo_agent(locked.path / "lock") as agent:
        locked.unlock()

        assert agent.wait(10) == 0


def test_a_demo_agents_work_adds_up() -> None:
    assert len(write_text(50)) == 50
    assert favourite(Counter({"node": 3, "agent": 1})) == '"node" (3 of 4 words)'


def test_the_demo_agent_needs_nothing_but_an_old_python() -> None:
    source = local_node.DEMO_AGENT.read_text()
    imported = re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE)

    assert set(imported) <= sys.stdlib_module_names
