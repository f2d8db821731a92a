"""agents.json: what is accepted, and what is said about the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from node_daemon.agents import spec
from node_daemon.errors import SettingsError

GOOD: dict[str, Any] = {"id": "demo-1", "command": ["sleep", "1"]}


def load(tmp_path: Path, content: object) -> Any:
    path = tmp_path / "agents.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return spec.load(path)


def test_name_and_role_have_defaults(tmp_path: Path) -> None:
    agent = load(tmp_path, {"agents": [GOOD]})["demo-1"]

    assert (agent.name, agent.role, agent.command, agent.cwd) == ("demo-1", "", ("sleep", "1"), None)


def test_a_missing_file_is_not_the_same_as_an_empty_one(tmp_path: Path) -> None:
    assert spec.load(tmp_path / "none.json") is None
    assert load(tmp_path, {"agents": []}) == {}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "is not JSON"),
        ([], "must hold"),
        ({"agents": {}}, "must hold"),
        ({"agents": ["x"]}, "agent number 1: must be an object"),
        ({"agents": [{**GOOD, "id": "../x"}]}, "agent number 1: id"),
        ({"agents": [GOOD, GOOD]}, "agent number 2: the id demo-1 is used twice"),
        ({"agents": [{**GOOD, "command": "sleep 1"}]}, "command must be a list"),
        ({"agents": [{**GOOD, "command": []}]}, "command must be a list"),
        ({"agents": [{**GOOD, "env": {"KEY": 1, "B": "secret-token"}}]}, "env must be"),
        ({"agents": [{**GOOD, "env": {"A=B": "secret-token"}}]}, "env holds"),
        ({"agents": [{**GOOD, "cwd": 3}]}, "cwd"),
        ({"agents": [{**GOOD, "name": 3}]}, "name"),
        ({"agents": [{**GOOD, "role": "a\nb"}]}, "role must be one line"),
    ],
)
def test_a_fault_is_named_with_its_place_and_without_secrets(tmp_path: Path, content: object, fault: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load(tmp_path, content)

    assert str(refusal.value).startswith("WORKER_AGENTS_FILE")
    assert fault in str(refusal.value)
    assert "secret-token" not in str(refusal.value)


def test_the_environment_of_an_agent_is_not_shown_when_printed(tmp_path: Path) -> None:
    agent = load(tmp_path, {"agents": [{**GOOD, "env": {"KEY": "secret-token"}}]})["demo-1"]

    assert "secret-token" not in repr(agent)
