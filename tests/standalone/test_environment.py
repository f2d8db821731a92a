"""What the control plane's processes find in their environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from standalone import environment
from standalone.settings import StandaloneSettings

KEY_FILE = Path("/state/secrets/secret-key")


def of(settings: StandaloneSettings) -> dict[str, str]:
    return environment.of_control_plane(settings, "postgresql://x/y", "redis://x", 5555, "pw", KEY_FILE)


@pytest.mark.parametrize(("local_node", "said"), [(True, "1"), (False, "0")])
def test_loopback_may_be_called_when_a_node_of_our_own_is_there(local_node: bool, said: str) -> None:
    assert of(StandaloneSettings(local_node=local_node))["NODE_CALLS_LOOPBACK"] == said


def test_what_the_environment_says_about_loopback_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_CALLS_LOOPBACK", "0")
    assert of(StandaloneSettings())["NODE_CALLS_LOOPBACK"] == "0"


def test_the_secret_key_is_named_by_its_file_and_an_own_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of(StandaloneSettings())["SECRET_KEY_FILE"] == str(KEY_FILE)

    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/key")
    assert of(StandaloneSettings())["SECRET_KEY_FILE"] == "/run/secrets/key"

    monkeypatch.delenv("SECRET_KEY_FILE")
    monkeypatch.setenv("SECRET_KEY", "k" * 32)
    assert "SECRET_KEY_FILE" not in of(StandaloneSettings())
