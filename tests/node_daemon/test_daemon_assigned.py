"""What the control plane told is kept, fetched when it changed, and confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from node_daemon.agents.agents_file import AgentsFile
from node_daemon.agents.wishes import Wishes
from node_daemon.assignments.assigned import Assigned
from node_daemon.control_plane import Answer, Unreachable
from node_daemon.state import StateFolder

NOW = 1000.0


def agent(agent_id: str, **said: Any) -> dict[str, Any]:
    return {"agentId": agent_id, "command": ["sleep", "9"], "onNodeLoss": "move", "leaseSeconds": 60, **said}


class Source:
    """Answers like the control plane, or not."""

    def __init__(self) -> None:
        self.agents: list[dict[str, Any]] = [agent("a")]
        self.revision = 1
        self.is_away = False
        self.fetched = 0

    def fetch(self) -> Answer:
        self.fetched += 1
        if self.is_away:
            raise Unreachable("no answer")
        return Answer(200, {"revision": self.revision, "agents": self.agents})

    def beat(self, assigned: Assigned, at: float) -> None:
        """A heartbeat that was sent then is taken."""
        news = {} if assigned.carried_out == self.revision else {"assignments": self.revision}
        assigned.heard(Answer(200, news), at, self.fetch)


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_new_revision_is_fetched_once_and_reported_when_it_is_done(state: StateFolder, clock: Clock) -> None:
    source, assigned = Source(), Assigned(state, clock)
    source.beat(assigned, NOW)
    source.beat(assigned, NOW + 1)

    assert (source.fetched, assigned.told.revision, assigned.carried_out) == (1, 1, 0)

    assigned.settled(1)
    assert assigned.carried_out == 1


def test_what_was_told_survives_a_restart_of_the_daemon_and_is_for_the_owner_only(
    state: StateFolder, clock: Clock
) -> None:
    source = Source()
    source.agents = [agent("a", env={"KEY": "canary"})]
    source.beat(Assigned(state, clock), NOW)

    again = Assigned(state, clock)

    assert again.told.agents["a"].env == {"KEY": "canary"}
    assert (state.path / "assignments.json").stat().st_mode & 0o777 == 0o600
    assert "canary" not in repr(again.told)


def test_after_a_restart_of_the_daemon_the_lease_goes_on_and_no_start_is_made_before_a_word(
    state: StateFolder, clock: Clock
) -> None:
    source = Source()
    source.beat(Assigned(state, clock), NOW)
    again = Assigned(state, clock)

    clock.now = NOW + 59
    waits = again.hold("a")
    clock.now = NOW + 60
    lapsed = again.hold("a")
    source.beat(again, NOW + 60)

    assert waits is not None
    assert not waits.ends
    assert lapsed is not None
    assert lapsed.ends
    assert again.hold("a") is None


def test_a_list_that_cannot_be_fetched_after_a_silence_confirms_nothing(state: StateFolder, clock: Clock) -> None:
    source, assigned = Source(), Assigned(state, clock)
    source.beat(assigned, NOW)
    assigned.settled(1)
    source.revision, source.agents, source.is_away = 2, [], True

    clock.now = NOW + 500
    source.beat(assigned, clock.now)
    assert assigned.hold("a") is not None

    source.is_away = False
    source.beat(assigned, clock.now)
    assert assigned.gone() == {"a"}


def test_a_list_that_cannot_be_fetched_without_a_silence_stops_nothing(state: StateFolder, clock: Clock) -> None:
    source, assigned = Source(), Assigned(state, clock)
    source.beat(assigned, NOW)
    source.revision, source.is_away = 2, True

    for _ in range(10):
        clock.now += 30
        source.beat(assigned, clock.now)

    assert assigned.hold("a") is None


def test_a_wrong_list_changes_nothing(state: StateFolder, clock: Clock) -> None:
    source, assigned = Source(), Assigned(state, clock)
    source.beat(assigned, NOW)
    source.revision, source.agents = 2, [{"agentId": "a", "command": 7}]

    source.beat(assigned, NOW + 1)

    assert assigned.told.revision == 1
    assert list(assigned.told.agents) == ["a"]


def wishes(state: StateFolder, assigned: Assigned, agents_file: str | None) -> Wishes:
    path = state.path / "agents.json"
    if agents_file is not None:
        path.write_text(agents_file)
    one = Wishes(AgentsFile(path), assigned)
    one.open()
    return one


OWN = '{"agents": [{"id": "a", "command": ["own"], "cwd": "/var", "env": {"X": "1"}}, {"id": "b", "command": ["own"]}]}'


def test_what_is_assigned_comes_before_what_the_file_says_of_it(state: StateFolder, clock: Clock) -> None:
    source, assigned = Source(), Assigned(state, clock)
    found = wishes(state, assigned, OWN)
    source.beat(assigned, NOW)

    assert found.changed()
    assert {one: spec.command for one, spec in found.specs.items()} == {"a": ("sleep", "9"), "b": ("own",)}


def test_an_agent_without_a_command_is_started_as_the_file_says_with_what_was_told(
    state: StateFolder, clock: Clock
) -> None:
    source, assigned = Source(), Assigned(state, clock)
    source.agents = [agent("a", command=None, env={"Y": "2"}, name="Anna"), agent("x", command=None)]
    found = wishes(state, assigned, OWN)
    source.beat(assigned, NOW)

    found.changed()

    assert found.specs["a"].command == ("own",)
    assert (found.specs["a"].name, found.specs["a"].env, found.specs["a"].cwd) == ("Anna", {"X": "1", "Y": "2"}, "/var")
    assert found.unknown == {"x"}


def test_what_was_assigned_once_and_is_not_any_more_does_not_come_back_from_the_file(
    state: StateFolder, clock: Clock
) -> None:
    source, assigned = Source(), Assigned(state, clock)
    found = wishes(state, assigned, OWN)
    source.beat(assigned, NOW)
    found.changed()
    source.revision, source.agents = 2, []
    source.beat(assigned, NOW + 1)

    found.changed()
    assert list(found.specs) == ["b"]
    assert list(wishes(state, Assigned(state, clock), None).specs) == ["b"]


def test_an_agent_that_left_the_file_and_was_written_there_again_is_the_nodes_own(
    state: StateFolder, clock: Clock
) -> None:
    source, assigned = Source(), Assigned(state, clock)
    source.beat(assigned, NOW)
    source.revision, source.agents = 2, []
    source.beat(assigned, NOW + 1)

    wishes(state, assigned, '{"agents": []}')

    assert set(wishes(state, assigned, OWN).specs) == {"a", "b"}


def test_a_revision_is_done_only_when_the_newest_list_was_looked_at(state: StateFolder, clock: Clock) -> None:
    source, assigned = Source(), Assigned(state, clock)
    found = wishes(state, assigned, OWN)
    source.beat(assigned, NOW)

    found.settled()
    assert assigned.carried_out == 0

    found.changed()
    found.settled()
    assert assigned.carried_out == 1
