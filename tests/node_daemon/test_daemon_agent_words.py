"""An agent says that it waits, or how far it is, to its own machine; the answer of a person comes back once."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from daemon_doubles import Daemon, FakeControlPlane, eventually

from node_daemon import messages
from node_daemon.agent_words import port, said
from node_daemon.agent_words.words import AgentWords
from node_daemon.agents.pm2.client import Runtime
from node_daemon.agents.pm2.ecosystem import Ecosystem
from node_daemon.agents.spec import AgentSpec
from node_daemon.agents.supervisor import AgentStatus, UnknownAgent
from node_daemon.command_kinds import Command, CommandFailed
from node_daemon.machine.sample import Sample
from node_daemon.state import StateFolder

QUESTION = {"state": "waiting", "question": "Delete it?", "link": "https://host.example/x"}


class Agents:
    """A supervisor with two agents."""

    def __init__(self) -> None:
        self.started_at = "2026-11-23T15:04:30.000Z"

    def list(self) -> list[AgentStatus]:
        return [AgentStatus(one, one, "", "running", 7, 0, self.started_at) for one in ("a", "b")]


class Place:
    def __init__(self, state: StateFolder) -> None:
        self.state = state
        self.agents: Any = Agents()
        self.told = 0
        self.words = self.next_daemon()

    def next_daemon(self) -> AgentWords:
        self.words = AgentWords(self.state, self.agents)
        self.words.on_change = self._tell
        return self.words

    def say(self, agent_id: str = "a", **body: Any) -> None:
        self.words.say(agent_id, said.read(body))

    def reported(self, agent_id: str = "a") -> dict[str, Any]:
        return self.words.details(self.agents.list()).get(agent_id, {})

    def answer(self, text: Any) -> str:
        done = self.words.kind.carry_out(Command("c1", "agent_answer", arguments={"agentId": "a", "answer": text}))
        assert isinstance(done, str)
        return done

    def _tell(self) -> None:
        self.told += 1


@pytest.fixture
def place(state: StateFolder) -> Place:
    return Place(state)


def test_a_question_is_told_at_once_and_until_the_agent_works_again(place: Place) -> None:
    place.say(**QUESTION)

    waiting = place.reported()["waiting"]
    assert (waiting["question"], waiting["link"]) == ("Delete it?", "https://host.example/x")
    assert waiting["since"].endswith("Z")
    assert (place.told, place.reported("b")) == (1, {})

    place.say(state="working")
    assert (place.told, place.reported()) == (2, {})


def test_a_question_that_is_asked_again_waits_since_it_was_asked_first(place: Place) -> None:
    place.say(**QUESTION)
    since = place.reported()["waiting"]["since"]
    time.sleep(0.005)  # the clock of `since` has milliseconds

    place.say(**QUESTION)
    assert place.reported()["waiting"]["since"] == since

    place.say(state="waiting", question="Another one?")
    assert place.reported()["waiting"]["since"] != since


def test_progress_is_told_at_once_but_not_with_every_step(place: Place) -> None:
    for percent in range(5):
        place.say(progress="reading", percent=percent)

    assert place.told == 1
    assert (place.reported()["progress"]["text"], place.reported()["progress"]["percent"]) == ("reading", 4)
    place.say(**QUESTION)
    assert place.told == 2


def test_what_was_said_survives_a_restart_of_the_daemon_and_ends_with_the_process(place: Place) -> None:
    place.say(progress="half")
    place.say(**QUESTION)

    place.next_daemon()
    assert set(place.reported()) == {"waiting", "progress"}

    place.agents.started_at = "2026-11-23T16:00:00.000Z"
    assert place.reported() == {}


def test_an_answer_is_given_once_also_when_the_daemon_was_restarted(place: Place) -> None:
    place.say(**QUESTION)
    assert place.words.fetch_answer("a") is None
    assert place.answer("yes\nplease") == "the answer waits for a to fetch it"
    place.answer("and quickly")

    place.next_daemon()
    assert place.words.fetch_answer("a") == "yes\nplease"
    assert place.reported() == {}

    place.next_daemon()
    assert [place.words.fetch_answer("a") for _ in range(2)] == ["and quickly", None]
    assert (place.state.path / "words.json").stat().st_mode & 0o777 == 0o600


def test_an_answer_for_an_agent_that_is_not_here_is_refused(place: Place) -> None:
    with pytest.raises(UnknownAgent):
        place.words.kind.carry_out(Command("c1", "agent_answer", "x", {"answer": "yes"}))
    with pytest.raises(CommandFailed, match="answer must be a text"):
        place.answer(7)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ([], "send a JSON object"),
        ({}, 'say "state"'),
        ({"state": "dancing"}, 'state must be "waiting" or "working"'),
        ({"state": "waiting"}, "question must be a text of 1-500"),
        ({"state": "waiting", "question": "x" * 501}, "question must be a text of 1-500"),
        ({"state": "waiting", "question": "a\x1b[2J"}, "question must be a text"),
        ({**QUESTION, "link": "javascript:alert(1)"}, "link must be a URL"),
        ({**QUESTION, "link": "https://user:pw@host.example"}, "link must be a URL"),
        ({"state": "working", "question": "x"}, "a question and its link belong to"),
        ({"progress": ""}, "progress must be a text of 1-200"),
        ({"percent": 5}, "percent belongs to"),
        ({"progress": "x", "percent": 101}, "percent must be a number from 0 to 100"),
        ({"progress": "x", "percent": True}, "percent must be a number from 0 to 100"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(body: object, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        said.read(body)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", [None, "localhost:3101", "127.0.0.1:3101", "[::1]:3101", "LOCALHOST"])
def test_a_request_from_this_machine_to_a_loopback_name_is_local(peer: str, host: str | None) -> None:
    assert port.is_local(peer, host)


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        ("192.168.1.5", "localhost:3101"),
        ("::ffff:192.168.1.5", None),
        ("127.0.0.1", "rebound.example:3101"),
        ("127.0.0.1", "192.168.1.5:3101"),
    ],
)
def test_a_request_from_elsewhere_or_under_another_name_is_not_local(peer: str, host: str | None) -> None:
    assert not port.is_local(peer, host)


def test_a_heartbeat_of_500_agents_that_wait_and_progress_fits_and_questions_are_told_first() -> None:
    agents = [AgentStatus(f"a{n}", "A", "", "running", n + 1, 0, "2026-11-23T15:04:30.000Z") for n in range(500)]
    words: dict[str, dict[str, Any]] = {
        one.id: {"epoch": 1, "progress": {"text": "x" * 200, "percent": 1, "at": "2026-11-23T15:04:30.000Z"}}
        for one in agents
    }
    words["a499"]["waiting"] = {"question": "really?", "link": None, "since": "2026-11-23T15:04:30.000Z"}
    sample = Sample(0.25, 0.5, 0.75, (0.1, 0.2, 0.3), 1000, {})

    beat = messages.heartbeat("m" * 32, sample, agents, [], words)

    assert messages.size(beat) <= 16_000
    assert len(beat["agents"]) == 500
    assert beat["agentDetails"][0]["agentId"] == "a499"
    few = messages.heartbeat("m" * 32, sample, agents[-3:], [], words)["agentDetails"]
    assert few[0]["waiting"]["question"] == "really?"
    assert all(one["progress"]["percent"] == 1 for one in few)


def test_an_agent_of_a_real_daemon_finds_it_asks_and_gets_its_answer(
    daemon: Daemon, control_plane: FakeControlPlane, tmp_path: Path
) -> None:
    control_plane.interval_ms = 1000
    address = tmp_path / "address"
    daemon.env["WORKER_BIND"] = "0.0.0.0"  # noqa: S104 - it listens for others too
    daemon.write_agents(["a:1"], ["sh", "-c", f"echo $MUSTER_AGENT_URL > {address}; exec sleep 60"])
    daemon.start()
    url = eventually(lambda: address.exists() and address.read_text().strip())
    assert url == f"http://127.0.0.1:{daemon.port}/agents/a%3A1"
    eventually(lambda: control_plane.heartbeats)

    assert asked(f"{url}/state", QUESTION) == {"ok": True}
    waits = eventually(lambda: [one for one in control_plane.heartbeats[-1]["agentDetails"] if "waiting" in one])
    assert waits[0]["waiting"]["question"] == "Delete it?"

    control_plane.commands = [{"id": "c1", "kind": "agent_answer", "arguments": {"agentId": "a:1", "answer": "no"}}]
    eventually(control_plane.results)
    assert [asked(f"{url}/answer")["answer"] for _ in range(2)] == ["no", None]
    assert daemon.ask("POST", "/agents/x/state", {"Host": "rebound.example"})[0] == 403
    assert daemon.ask("GET", "/agents/x/answer") == (404, {"error": "this node has no agent x"})


def asked(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
        return json.loads(response.read())


def test_the_address_of_an_agent_is_no_reason_to_start_it_anew_under_pm2(tmp_path: Path) -> None:
    spec = AgentSpec("a", "a", "", ("sleep",))
    one, other = (
        Ecosystem(Runtime(tmp_path), tmp_path / "env", tmp_path, "m", {}, url) for url in ("", "http://127.0.0.1:1/")
    )

    assert other.app(spec)["env"]["MUSTER_AGENT_URL"] == "http://127.0.0.1:1/a"
    assert one.fingerprint(one.app(spec)) == other.fingerprint(other.app(spec))
