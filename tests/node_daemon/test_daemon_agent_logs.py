"""What an agent wrote reaches whoever watches: in order, once, as it comes, and without secrets."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from daemon_doubles import Daemon, FakeControlPlane, eventually, written

from app.domain import redaction as theirs
from app.domain.json_limits import excess
from node_daemon.agent_logs import redaction as ours
from node_daemon.agent_logs import sending
from node_daemon.agent_logs.reading import Cleaner, LogReader
from node_daemon.agent_logs.sending import AgentLogs
from node_daemon.agents.spec import AgentSpec
from node_daemon.agents.supervisor import Output
from node_daemon.command_kinds import Command, CommandFailed
from node_daemon.control_plane import Answer, Unreachable

KEY = ["-----BEGIN OPENSSH PRIVATE KEY-----", "c2VjcmV0LXRva2Vu", "-----END OPENSSH PRIVATE KEY-----"]


class Agents:
    """A supervisor that knows one agent."""

    def __init__(self, path: Path, *secrets: str) -> None:
        self.written = Output(path, secrets)

    def output(self, agent_id: str) -> Output:
        assert agent_id == "a"
        return self.written


class Watcher:
    """Takes parts as the control plane does; fails as often as it is told, stops when nobody watches."""

    def __init__(self) -> None:
        self.parts: list[dict[str, Any]] = []
        self.failures: list[Exception | Answer] = []
        self.stops = threading.Event()

    def take(self, message: dict[str, Any]) -> Answer:
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure
        self.parts.append(message)
        return Answer(200, {"stop": True} if self.stops.is_set() else {})

    @property
    def lines(self) -> list[str]:
        return [line for part in self.parts for line in part["lines"]]


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


def logs(tmp_path: Path, watcher: Watcher, *secrets: str) -> AgentLogs:
    supervisor: Any = Agents(tmp_path / "a.log", *secrets)
    return AgentLogs(supervisor, watcher.take, pause=0.01)


def asked(**arguments: Any) -> Command:
    return Command("c1", "agent_logs", arguments={"agentId": "a", **arguments})


def test_the_rules_are_those_of_the_control_plane() -> None:
    assert [(needles, one.pattern, one.flags, kept) for needles, one, kept in ours._RULES] == [
        (needles, one.pattern, one.flags, kept) for needles, one, kept in theirs._RULES
    ]
    values = ["correct horse battery", "a+b/c=d&e", "short"]
    found = [module.live_pattern(values) for module in (ours, theirs)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].pattern == found[1].pattern


def test_the_last_lines_are_sent_and_no_others(tmp_path: Path, watcher: Watcher) -> None:
    (tmp_path / "a.log").write_text("".join(f"line {number}\n" for number in range(500)) + "begun")

    said = logs(tmp_path, watcher).carry_out(asked(lines=3))

    assert watcher.parts == [
        {"commandId": "c1", "agentId": "a", "from": 0, "lines": ["line 498", "line 499", "begun"], "more": False}
    ]
    assert said == "3 lines sent"


def test_an_agent_that_never_wrote_has_no_lines(tmp_path: Path, watcher: Watcher) -> None:
    assert logs(tmp_path, watcher).carry_out(asked()) == "0 lines sent"
    assert [(part["lines"], part["more"]) for part in watcher.parts] == [([], False)]


@pytest.mark.parametrize("lines", [0, 2001, "5", True, None])
def test_an_impossible_number_of_lines_is_refused(tmp_path: Path, watcher: Watcher, lines: object) -> None:
    with pytest.raises(CommandFailed, match="lines must be a number from 1 to 2000"):
        logs(tmp_path, watcher).carry_out(asked(lines=lines))


def test_many_long_lines_come_in_parts_that_the_control_plane_takes(tmp_path: Path, watcher: Watcher) -> None:
    (tmp_path / "a.log").write_text("".join(f"{number} {'é' * 300}\n" for number in range(300)))

    logs(tmp_path, watcher).carry_out(asked(lines=300))

    assert len(watcher.parts) > 1
    assert all(len(json.dumps(part)) <= 64_000 for part in watcher.parts)
    assert [part["from"] for part in watcher.parts] == [
        sum(len(earlier["lines"]) for earlier in watcher.parts[:number]) for number in range(len(watcher.parts))
    ]
    assert [part["more"] for part in watcher.parts] == [True] * (len(watcher.parts) - 1) + [False]
    assert [int(line.split()[0]) for line in watcher.lines] == list(range(300))


def test_many_short_lines_come_in_lists_that_the_control_plane_takes(tmp_path: Path, watcher: Watcher) -> None:
    (tmp_path / "a.log").write_text("line\n" * 1200)

    logs(tmp_path, watcher).carry_out(asked(lines=1200))

    assert [(part["from"], len(part["lines"])) for part in watcher.parts] == [(0, 500), (500, 500), (1000, 200)]
    assert excess(watcher.parts[0]) is None


def test_a_watched_log_is_sent_as_it_grows_until_nobody_watches(tmp_path: Path, watcher: Watcher) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n")
    thread = threading.Thread(target=logs(tmp_path, watcher).carry_out, args=(asked(follow=True),))
    thread.start()
    eventually(lambda: watcher.lines == ["old"])

    with path.open("a") as file:
        for text in ("half", " line\nnext\n"):
            file.write(text)
            file.flush()
    eventually(lambda: watcher.lines == ["old", "half line", "next"])

    # The file was moved away, and the agent goes on in an empty one.
    path.write_text("new\n")
    eventually(lambda: watcher.lines[3:] == ["new"])
    watcher.stops.set()
    thread.join(5)
    assert not thread.is_alive()
    assert sorted({part["from"] for part in watcher.parts}) == [0, 1, 3, 4]


def test_an_outage_of_a_moment_loses_and_repeats_nothing(tmp_path: Path, watcher: Watcher) -> None:
    (tmp_path / "a.log").write_text("one\ntwo\n")
    watcher.failures = [Unreachable("away"), Answer(503, {"error": "the database is away"})]

    logs(tmp_path, watcher).carry_out(asked())

    assert watcher.lines == ["one", "two"]


def test_a_refusal_ends_it_with_its_reason(tmp_path: Path, watcher: Watcher) -> None:
    watcher.failures = [Answer(404, {"error": "no such job"})]

    with pytest.raises(CommandFailed, match="0 lines sent, then the control plane did not take more: no such job"):
        logs(tmp_path, watcher).carry_out(asked())


def test_no_more_logs_are_watched_than_a_node_can_bear(
    tmp_path: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_WATCHED", 1)
    one = logs(tmp_path, watcher)
    thread = threading.Thread(target=one.carry_out, args=(asked(follow=True),))
    thread.start()
    eventually(lambda: watcher.parts)

    with pytest.raises(CommandFailed, match="close one of them first"):
        one.carry_out(asked(follow=True))
    watcher.stops.set()
    thread.join(5)


def test_nothing_that_looks_like_a_secret_or_is_known_to_be_one_leaves_the_node(
    tmp_path: Path, watcher: Watcher
) -> None:
    said = [
        "connecting to postgres://u:canary-1@h/d",
        '{"api_key": "canary-2"}',
        "Authorization: Bearer canary-3canary-3canary-3",
        "using canary-4 of the environment",
        "\x1b[31mtoken=\x1b[0mcanary-5\x1b[0m",
        *KEY,
        "done",
    ]
    (tmp_path / "a.log").write_text("\n".join(said) + "\n")

    logs(tmp_path, watcher, "canary-4").carry_out(asked())

    assert "canary" not in json.dumps(watcher.parts)
    assert "c2VjcmV0" not in json.dumps(watcher.parts)
    assert watcher.lines[-1] == "done"


def test_a_private_key_that_comes_in_two_readings_is_hidden() -> None:
    cleaner = Cleaner([])

    shown = [*cleaner.clean(["before", KEY[0]]), *cleaner.clean([KEY[1]]), *cleaner.clean([KEY[2], "after"])]

    assert "c2VjcmV0" not in "".join(shown)
    assert (shown[0], shown[-1]) == ("before", "after")


def test_control_characters_and_endless_lines_are_made_harmless(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"a\x1b[2Jb\x07\xff\n" + b"x" * 100_000 + b"\n")

    first, second = Cleaner([]).clean(LogReader(path).last(5))

    assert first == "ab?\ufffd"
    assert (len(second), second[-1]) == (2000, "…")


def test_values_of_an_agents_environment_are_secret_unless_they_are_plain() -> None:
    env = {"MODE": "production", "HOME_DIR": "/var/lib/agent", "KEY": "letters-only", "X": "a1b2c3d4e5", "PORT": "3102"}
    spec = AgentSpec("a", "a", "", ("x",), env)

    found = set(spec.secrets({"DB_PASSWORD": "inherited", "PATH": "/usr/bin"}))

    assert found == {"letters-only", "a1b2c3d4e5", "inherited"}


def test_a_real_daemon_sends_the_log_of_an_agent_while_a_restart_is_under_way(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    control_plane.interval_ms = 1000
    daemon.write_agents(["a"], ["sh", "-c", "trap '' TERM; echo hello token=canary; while :; do sleep 0.2; done"])
    daemon.start()
    eventually(lambda: daemon.pids() and "hello" in written(daemon.home / ".agenticmail/daemon/logs/a.log"))
    control_plane.commands = [
        {"id": "c1", "kind": "restart_agents"},
        {"id": "c2", "kind": "agent_logs", "arguments": {"agentId": "a", "lines": 5}},
    ]

    eventually(lambda: control_plane.log_parts)

    assert not [one for one in control_plane.results() if one["id"] == "c1"]
    assert control_plane.log_parts[0]["lines"][0] == "hello token=***"
    eventually(lambda: {one["id"]: one["ok"] for one in control_plane.results()} == {"c1": True, "c2": True})
