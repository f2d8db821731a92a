"""What may be set, and what is said about a wrong value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from daemon_doubles import Daemon

from node_daemon import settings, worker_env
from node_daemon.errors import SettingsError

GOOD = {"ENTERPRISE_URL": "https://control.example/w/secret-token", "WORKER_NODE_ID": "n1"}


def checked(**changes: str) -> settings.Settings:
    return settings.check({**GOOD, **changes}, "/home/someone")


@pytest.mark.parametrize(
    ("variable", "value", "hint"),
    [
        ("ENTERPRISE_URL", "", "is missing"),
        ("ENTERPRISE_URL", "control.example", "http:// or https://"),
        ("ENTERPRISE_URL", "ftp://control.example", "http:// or https://"),
        ("ENTERPRISE_URL", "https://", "names a host"),
        ("ENTERPRISE_URL", "https://me:secret-token@control.example", "user name"),
        ("ENTERPRISE_URL", "https://control.example:99999/secret-token", "port"),
        ("ENTERPRISE_URL", "https://control.example/?key=secret-token", "no ?"),
        ("ENTERPRISE_URL", "https://control.example/w/secret-token x", "space"),
        ("WORKER_NODE_ID", "", "is missing"),
        ("WORKER_NODE_ID", "a", "2-64"),
        ("WORKER_NODE_ID", "-ab", "start with"),
        ("WORKER_NODE_ID", "a" * 65, "2-64"),
        ("WORKER_NODE_ID", "a/b", "letters"),
        ("WORKER_NAME", "a\nb", "printable"),
        ("WORKER_HOST", "http://10.0.0.1", "without scheme"),
        ("WORKER_HOST", "10.0.0.1:3101", "port"),
        ("WORKER_CAPABILITIES", "browser voice", "commas"),
        ("PORT", "0", "1 to 65535"),
        ("PORT", "65536", "1 to 65535"),
        ("PORT", "http", "1 to 65535"),
        ("LOG_LEVEL", "loud", "debug, info, warn or error"),
        ("WORKER_BIND", "everywhere", "IP address"),
        ("WORKER_STATE_DIR", "state", "absolute"),
        ("WORKER_AGENTS_FILE", "agents.json", "absolute"),
        ("WORKER_STOP_AGENTS_ON_EXIT", "yes", "0 or 1"),
        ("WORKER_ALLOW_DIRECT_RESTART", "yes", "0 or 1"),
        ("WORKER_SUPERVISOR", "systemd", "builtin or pm2"),
        ("WORKER_RUNTIME", "runtime", "absolute"),
    ],
)
def test_a_wrong_variable_is_named_with_what_is_wrong_and_no_secret(variable: str, value: str, hint: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        checked(**{variable: value})

    assert str(refusal.value).startswith(variable)
    assert hint in str(refusal.value)
    assert "secret-token" not in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({}, "base_url", "https://control.example/w/secret-token/api/engine/cluster"),
        ({"ENTERPRISE_URL": "http://[::1]:3100/"}, "base_url", "http://[::1]:3100/api/engine/cluster"),
        ({}, "host", "localhost"),
        ({}, "port", 3101),
        ({}, "bind", "127.0.0.1"),
        ({"WORKER_HOST": "10.0.0.7"}, "bind", "0.0.0.0"),  # noqa: S104 - it is what the protocol wants
        ({"WORKER_HOST": "fd00::7"}, "bind", "::"),
        ({"WORKER_HOST": "::1"}, "bind", "::1"),
        ({"WORKER_HOST": "10.0.0.7", "WORKER_BIND": "10.0.0.7"}, "bind", "10.0.0.7"),
        ({"WORKER_CAPABILITIES": "Browser, voice,browser,"}, "capabilities", ("browser", "voice")),
        ({"LOG_LEVEL": "WARNING"}, "log_level", "warn"),
        ({}, "agents_file", Path("/home/someone/.agenticmail/agents.json")),
        ({"WORKER_STATE_DIR": "~/x"}, "agents_file", Path("/home/someone/x/agents.json")),
        ({"WORKER_STOP_AGENTS_ON_EXIT": "1"}, "stop_agents_on_exit", True),
        ({}, "stop_agents_on_exit", False),
        ({"WORKER_ALLOW_DIRECT_RESTART": "1"}, "allow_direct_restart", True),
        ({}, "allow_direct_restart", False),
    ],
)
def test_settings_mean_what_the_table_says(changes: dict[str, str], name: str, value: Any) -> None:
    assert getattr(checked(**changes), name) == value


def test_settings_do_not_show_the_credential_when_printed() -> None:
    assert "secret-token" not in repr(checked())


def test_worker_env_is_read_and_the_real_environment_wins(tmp_path: Path) -> None:
    path = worker_env.default_path(str(tmp_path))
    path.parent.mkdir()
    path.write_text("# a node\nexport PORT=4000\nWORKER_NAME='My node'\n\nENTERPRISE_URL=http://file.example\n")

    found = settings.load({**GOOD, "HOME": str(tmp_path)})

    assert (found.port, found.name) == (4000, "My node")
    assert found.base_url.startswith("https://control.example")


def test_a_wrong_line_of_worker_env_is_named_without_its_text() -> None:
    with pytest.raises(SettingsError, match=r"worker\.env line 2 is not KEY=value") as refusal:
        worker_env.parse("A=1\nsecret-token\n", "worker.env")

    assert "secret-token" not in str(refusal.value)


def test_the_daemon_does_not_pass_a_bad_port_on(daemon: Daemon) -> None:
    daemon.env["PORT"] = "99999"

    ended = daemon.finish()

    assert (ended.returncode, ended.stderr.count("\n")) == (78, 1)
    assert ended.stderr.startswith("node_daemon: PORT must be")


def _without(name: str) -> Any:
    return lambda daemon: daemon.env.pop(name)


def _with(name: str, value: str) -> Any:
    return lambda daemon: daemon.env.update({name: value})


@pytest.mark.parametrize(
    ("variable", "spoil"),
    [
        ("WORKER_NODE_ID", _without("WORKER_NODE_ID")),
        ("ENTERPRISE_URL", _without("ENTERPRISE_URL")),
        ("WORKER_STATE_DIR", _with("WORKER_STATE_DIR", "/dev/null/state")),
        ("WORKER_AGENTS_FILE", lambda daemon: daemon.agents_file.write_text("{nonsense")),
        ("WORKER_AGENTS_FILE", lambda daemon: daemon.write_agents(["a b"])),
        ("WORKER_BIND", _with("WORKER_BIND", "192.0.2.1")),
    ],
)
def test_bad_configuration_ends_with_one_line_and_exit_78(daemon: Daemon, variable: str, spoil: Any) -> None:
    spoil(daemon)

    ended = daemon.finish()

    assert ended.returncode == 78
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith(f"node_daemon: {variable}")
    assert daemon.pids() == {}


def test_the_join_token_is_not_for_the_agents(tmp_path: Path) -> None:
    said = {"ENTERPRISE_URL": "http://c", "WORKER_NODE_ID": "n1", "WORKER_JOIN_TOKEN": "mjt_x"}
    found = settings.check({**said, "WORKER_JOIN_TOKEN_FILE": str(tmp_path / "token")}, "/home/x")

    assert (found.join_token, found.join_token_file) == ("mjt_x", tmp_path / "token")
    assert not [key for key in found.environment if "JOIN_TOKEN" in key]
    assert "mjt_x" not in repr(found)


def test_a_credential_in_the_url_is_noticed() -> None:
    said = {"ENTERPRISE_URL": "https://c/w/mnc_x", "WORKER_NODE_ID": "n1"}

    assert settings.check(said, "/home/x").credential_in_url
    assert not settings.check({**said, "ENTERPRISE_URL": "https://c/watch"}, "/home/x").credential_in_url


def test_kept_settings_leave_other_lines_alone(tmp_path: Path) -> None:
    path = tmp_path / "x" / "worker.env"
    worker_env.put(path, {"ENTERPRISE_URL": "http://a", "WORKER_NODE_ID": "n1"})
    path.write_text("# mine\nPORT=3102\n" + path.read_text())

    worker_env.put(path, {"ENTERPRISE_URL": "http://b"})

    assert path.read_text() == "# mine\nPORT=3102\nWORKER_NODE_ID=n1\nENTERPRISE_URL=http://b\n"
    assert path.stat().st_mode & 0o777 == 0o600
