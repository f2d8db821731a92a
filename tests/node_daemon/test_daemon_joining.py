"""The settings that the options of `join` stand for."""

import argparse

import pytest

from node_daemon import joining


@pytest.mark.parametrize(
    ("options", "environment", "name"),
    [
        ([], {}, "mac-mini"),
        (["--name", "The small one"], {"WORKER_NAME": "Kept"}, "The small one"),
        ([], {"WORKER_NAME": "Kept"}, None),
    ],
)
def test_a_machine_is_named_as_was_said_or_else_by_its_node_id(
    options: list[str], environment: dict[str, str], name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKER_NAME", raising=False)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    parser = argparse.ArgumentParser()
    joining.add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["join", "http://127.0.0.1:3100", "--node-id", "mac-mini", *options])
    assert joining.variables(parsed).get("WORKER_NAME") == name
