"""What the control plane could not hear never counts against a node."""

import logging

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.extensions import db
from app.services import heartbeats, nodes
from app.services.presence import listening, silence
from tests.fleet import CLUSTER, Fleet


@pytest.fixture
def cold_start(fleet: Fleet) -> Fleet:
    """A node that was heard 20 s ago, and a control plane that began to listen just now."""
    fleet.add(agents=("a-1",), managed=True)
    fleet.silence("mac-mini", 20)
    fleet.listening_for(0)
    return fleet


def test_after_a_cold_start_nodes_wait_for_their_next_heartbeat(cold_start: Fleet) -> None:
    node = cold_start.node()
    assert (node.status, node.reason) == ("offline", "awaiting_heartbeat")


def test_after_a_cold_start_nobody_is_announced(cold_start: Fleet) -> None:
    cold_start.silence("mac-mini", 1000)
    assert silence.mark_silent_nodes() == []
    assert cold_start.reasons() == ["registered"]


def test_a_node_that_waited_comes_back_without_a_transition(cold_start: Fleet) -> None:
    cold_start.beat()
    assert cold_start.node().status == "online"
    assert cold_start.reasons() == ["registered"]


def test_a_node_that_does_not_come_back_within_90_seconds_is_announced(cold_start: Fleet) -> None:
    cold_start.silence("mac-mini", 1000)
    cold_start.listening_for(80)
    assert silence.mark_silent_nodes() == []
    cold_start.listening_for(91)
    assert cold_start.node().reason == "silent"
    assert silence.mark_silent_nodes() == ["mac-mini"]


def test_while_nobody_can_accept_heartbeats_nobody_is_announced(fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 1000)
    fleet.deaf_for(16)
    assert silence.mark_silent_nodes() == []
    assert fleet.node().reason == "awaiting_heartbeat"


def test_without_any_web_process_nobody_is_announced(fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 1000)
    change("DELETE FROM web_processes")
    assert silence.mark_silent_nodes() == []


def test_a_short_stumble_is_no_excuse(fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    fleet.deaf_for(5)
    assert silence.mark_silent_nodes() == ["mac-mini"]


def test_a_second_web_process_that_hears_is_enough(fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    fleet.deaf_for(1000)
    change("INSERT INTO web_processes (process_id) VALUES ('other')")
    assert silence.mark_silent_nodes() == ["mac-mini"]


def prove() -> None:
    with db.engine.begin() as connection:
        listening.prove(connection)


def change(sql: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(sql))


def listening_for() -> float:
    with db.engine.connect() as connection:
        look = "SELECT extract(epoch FROM now() - listening_since)::float8 FROM control_plane"
        return float(connection.execute(text(look)).scalar_one())


def test_the_first_process_after_an_outage_begins_to_listen_anew(fleet: Fleet) -> None:
    fleet.deaf_for(16)
    prove()
    assert listening_for() < 5


def test_a_process_that_joins_others_does_not_begin_anew(fleet: Fleet) -> None:
    fleet.deaf_for(5)
    prove()
    assert listening_for() > 3000


@pytest.fixture
def clock_set_back(fleet: Fleet) -> Fleet:
    """A node that was heard two hours from now, as the control plane says that began to listen soon before."""
    fleet.add()
    fleet.silence("mac-mini", -7200)
    fleet.deaf_for(-7200)
    fleet.listening_for(-7000)
    prove()
    return fleet


def test_after_the_clock_was_set_back_a_node_that_beats_is_online(clock_set_back: Fleet) -> None:
    clock_set_back.beat()
    assert clock_set_back.node().status == "online"
    assert clock_set_back.reasons() == ["registered"]


def test_after_the_clock_was_set_back_silence_counts_from_then(clock_set_back: Fleet) -> None:
    change("UPDATE cluster_nodes SET last_heartbeat = last_heartbeat - interval '91 seconds'")
    clock_set_back.listening_for(95)
    assert silence.mark_silent_nodes() == ["mac-mini"]


def test_a_clock_that_was_set_back_is_noticed_however_long_we_listen(fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", -7200)
    fleet.deaf_for(-7200)
    prove()
    assert 0 <= listening_for() < 5
    assert fleet.stored("mac-mini", "last_heartbeat <= now()")


def test_a_process_that_left_in_good_order_makes_the_next_start_a_cold_one(fleet: Fleet) -> None:
    change("DELETE FROM web_processes")
    prove()
    fleet.listening_for(500)
    listening.leave()
    prove()
    assert listening_for() < 5


def test_the_first_heartbeat_after_an_outage_is_accepted_and_excuses_the_others(fleet: Fleet) -> None:
    fleet.add("one")
    fleet.add("two")
    heartbeats.lane()._drop_connection()  # so that the next beat proves anew that we listen
    fleet.silence("one", 180)
    fleet.silence("two", 180)
    fleet.deaf_for(180)
    fleet.beat("one")
    assert silence.mark_silent_nodes() == []
    assert (fleet.node("one").status, fleet.node("two").reason) == ("online", "awaiting_heartbeat")


def test_a_pulse_proves_that_heartbeats_could_be_accepted(fleet: Fleet) -> None:
    heartbeats.lane()._drop_connection()
    fleet.deaf_for(100)
    heartbeats.pulse()
    assert fleet_is_heard()


def fleet_is_heard() -> bool:
    with db.engine.connect() as connection:
        look = "SELECT max(accepting_at) > now() - interval '5 seconds' FROM web_processes"
        return bool(connection.execute(text(look)).scalar_one())


@pytest.fixture
def caught(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, logger="app.services.presence.silence")
    return caplog


def outages(caught: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caught.records if "probably our own network" in record.getMessage()]


def test_silence_of_most_of_the_fleet_is_said_once(
    fleet: Fleet, client: FlaskClient, caught: pytest.LogCaptureFixture
) -> None:
    for number in range(6):
        fleet.add(f"n-{number}")
    for number in range(4):
        fleet.silence(f"n-{number}", 91)
    silence.mark_silent_nodes()
    fleet.silence("n-4", 91)
    silence.mark_silent_nodes()
    silence.mark_silent_nodes()
    assert len(outages(caught)) == 1
    [notice] = client.get(f"{CLUSTER}/nodes").json["notices"]
    assert notice["code"] == "mass_outage"
    assert "5 nodes went silent within a minute" in notice["message"]


def test_silence_of_a_few_nodes_is_their_own(fleet: Fleet, client: FlaskClient) -> None:
    for number in range(6):
        fleet.add(f"n-{number}")
    for number in range(3):
        fleet.silence(f"n-{number}", 91)
    silence.mark_silent_nodes()
    assert client.get(f"{CLUSTER}/nodes").json["notices"] == []


def test_a_mass_outage_is_over_when_the_nodes_are_back(fleet: Fleet, client: FlaskClient) -> None:
    for number in range(4):
        fleet.add(f"n-{number}")
        fleet.silence(f"n-{number}", 91)
    silence.mark_silent_nodes()
    assert nodes.list_nodes().mass_outage is not None
    for number in range(4):
        fleet.beat(f"n-{number}")
    change("UPDATE node_transitions SET at = at - interval '2 minutes'")
    silence.mark_silent_nodes()
    assert nodes.list_nodes().mass_outage is None
