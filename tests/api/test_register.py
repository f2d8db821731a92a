"""POST /register: a machine, or a person, makes a node."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fleet import CLUSTER, Fleet

LEAST = {"nodeId": "mac-mini", "host": "192.168.1.50", "port": 3101}
# What an existing AgenticMail agent sends when it starts.
COMPAT = {
    **LEAST,
    "name": "Office Mac Mini",
    "platform": "darwin",
    "arch": "arm64",
    "cpuCount": 10,
    "memoryMb": 16384,
    "version": "0.5.324",
    "agents": ["agent-uuid-1"],
    "capabilities": ["browser,voice", "browser"],
}


def register(client: FlaskClient, **said: Any) -> dict[str, Any]:
    answer = client.post(f"{CLUSTER}/register", json={**LEAST, **said})
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def test_the_answer_is_the_node_as_the_list_shows_it(client: FlaskClient) -> None:
    node = register(client, **COMPAT)
    assert client.get(f"{CLUSTER}/nodes").json["nodes"] == [node]


def test_what_was_never_reported_is_unknown_or_zero_and_lists_are_never_null(client: FlaskClient) -> None:
    node = register(client)
    assert (node["platform"], node["arch"], node["version"]) == ("unknown", "unknown", "unknown")
    assert (node["cpuCount"], node["memoryMb"]) == (0, 0)
    assert (node["agents"], node["capabilities"], node["metadata"]) == ([], [], {})


@pytest.mark.parametrize("name", [None, ""])
def test_without_a_name_the_node_is_called_by_its_id(client: FlaskClient, name: str | None) -> None:
    assert register(client, name=name)["name"] == "mac-mini"


def test_null_and_empty_texts_count_as_left_out(client: FlaskClient) -> None:
    register(client, **COMPAT)
    gaps = {key: None for key in COMPAT if key not in LEAST}
    again = register(client, **gaps, metadata=None, labels=None, machineId=None)
    assert {key: again[key] for key in ("name", "platform", "cpuCount")} == {
        "name": "Office Mac Mini",
        "platform": "darwin",
        "cpuCount": 10,
    }
    assert register(client, platform="", version="")["platform"] == "darwin"


def test_a_machine_that_registers_is_online(client: FlaskClient) -> None:
    node = register(client)
    assert (node["status"], node["seen"]) == ("online", True)
    assert node["lastHeartbeat"] != ""


def test_a_node_that_a_person_typed_is_not_online_and_says_that_it_was_never_seen(client: FlaskClient) -> None:
    node = register(client, manual=True)
    assert (node["status"], node["statusReason"], node["seen"]) == ("offline", "never_seen", False)
    assert node["lastHeartbeat"] == ""


def test_the_first_heartbeat_of_a_typed_node_brings_it_online(client: FlaskClient, fleet: Fleet) -> None:
    register(client, manual=True)
    client.post(f"{CLUSTER}/heartbeat/mac-mini")
    assert client.get(f"{CLUSTER}/nodes/mac-mini").json["status"] == "online"
    assert fleet.reasons() == ["registered", "heartbeat"]


def test_typing_a_node_again_does_not_make_it_look_alive(client: FlaskClient, fleet: Fleet) -> None:
    register(client)
    fleet.silence("mac-mini", 100)
    assert register(client, manual=True)["status"] == "offline"


def test_typing_a_node_that_is_online_leaves_it_online(client: FlaskClient) -> None:
    register(client)
    assert register(client, manual=True, name="Renamed")["status"] == "online"


def test_registered_at_survives_a_second_registration(client: FlaskClient, fleet: Fleet) -> None:
    first = register(client)["registeredAt"]
    assert register(client, **COMPAT)["registeredAt"] == first


def test_a_second_registration_that_says_little_wipes_nothing(client: FlaskClient) -> None:
    full = register(client, **COMPAT, labels={"region": "eu"}, metadata={"rack": 7})
    again = register(client)
    kept = full.keys() - {"lastHeartbeat"}
    assert {key: again[key] for key in kept} == {key: full[key] for key in kept}


def test_a_second_registration_updates_what_it_says(client: FlaskClient) -> None:
    register(client, **COMPAT)
    again = register(client, port=3200, version="0.6.0", capabilities=["gpu"])
    assert (again["port"], again["version"], again["capabilities"]) == (3200, "0.6.0", ["gpu"])
    assert again["url"] == "http://192.168.1.50:3200"


def test_an_empty_list_of_capabilities_empties_it(client: FlaskClient) -> None:
    register(client, **COMPAT)
    assert register(client, capabilities=[])["capabilities"] == []


def test_a_new_address_is_told_in_the_timeline(client: FlaskClient, fleet: Fleet) -> None:
    register(client)
    register(client, host="192.168.1.51")
    entries = client.get(f"{CLUSTER}/nodes/mac-mini/transitions").json["transitions"]
    assert entries[0]["reason"] == "address_changed"
    assert entries[0]["message"] == "Address changed from 192.168.1.50:3101 to 192.168.1.51:3101"


def test_registering_again_without_a_change_adds_nothing_to_the_timeline(client: FlaskClient, fleet: Fleet) -> None:
    for _ in range(3):
        register(client, **COMPAT)
    assert fleet.reasons() == ["registered"]


def test_joined_capabilities_are_split(client: FlaskClient) -> None:
    assert register(client, **COMPAT)["capabilities"] == ["browser", "voice"]


def test_an_agent_that_registers_its_node_keeps_the_others_there(client: FlaskClient) -> None:
    register(client, agents=["a-1"])
    assert register(client, agents=["a-2"])["agents"] == ["a-1", "a-2"]


def test_a_daemon_that_registers_names_the_whole_list(client: FlaskClient) -> None:
    register(client, agents=["a-1", "a-2"], managed=True)
    assert register(client, agents=["a-2"], managed=True)["agents"] == ["a-2"]


def test_metadata_may_talk_about_nul_without_holding_one(client: FlaskClient) -> None:
    said = {"pattern": "\\u0000", "path": "C:\\u0000"}
    assert register(client, metadata=said)["metadata"] == said


def test_keys_that_we_do_not_know_are_ignored(client: FlaskClient) -> None:
    assert "colour" not in register(client, colour="blue", __proto__={"a": 1})


@pytest.mark.parametrize("node_id", ["ab", "a-", "A.b_c-9", "0" * 64])
def test_a_node_id_may_have_letters_digits_dots_dashes_and_underscores(client: FlaskClient, node_id: str) -> None:
    assert register(client, nodeId=node_id)["nodeId"] == node_id


@pytest.mark.parametrize("host", ["localhost", "10.0.0.1", "::1", "fe80::1%eth0", "node-1.fleet.example"])
def test_a_host_may_be_a_name_or_an_address(client: FlaskClient, host: str) -> None:
    assert register(client, host=host)["host"] == host


MISSING = object()
BAD = [
    *[("nodeId", bad) for bad in (MISSING, None, "", "a", "a" * 65, "-ab", ".ab", "a b", "a/b", "ab\n", "aü", 12, [])],
    *[("host", bad) for bad in (MISSING, None, "", " ", "-rf", "http://x", "a b", "a" * 254, "x\n", "x;ls", 7, {})],
    *[("port", bad) for bad in (MISSING, None, "", 0, -1, 65536, 10**30, "http", 3101.5, True, [], {})],
    *[("name", bad) for bad in ("x" * 129, "a\x00b", "a\nb", "\x1b[31m", 5, [])],
    *[("platform", bad) for bad in ("x" * 65, "a\x00", 5)],
    *[("arch", bad) for bad in ("x" * 65, "a\n", {})],
    *[("version", bad) for bad in ("x" * 65, "1\x00", 1.5)],
    *[("cpuCount", bad) for bad in (-1, 100_001, "many", 2.5, 10**40, [])],
    *[("memoryMb", bad) for bad in (-1, 2**31, "much", [])],
    *[("agents", bad) for bad in ("a-1", {"a": 1}, ["a b"], [""], [None], [7], ["a"] * 400 + [""], ["a" * 129])],
    *[("capabilities", bad) for bad in ("gpu", [7], [None], ["g pu"], ["g\x00"], ["x" * 65], ["<script>"])],
    ("capabilities", [",".join(f"c{i}" for i in range(101))]),
    *[("metadata", bad) for bad in ("x", [], {"a": "x" * 5000}, {"a": "b\x00"}, {"\x00": 1}, {"a": "\\\x00"})],
    *[("labels", bad) for bad in ("x", [], {"a": 1}, {"a": "x" * 65}, {"a\x00": "b"})],
    *[("machineId", bad) for bad in ("m" * 65, 5, "m\x00")],
    *[("manual", bad) for bad in ("maybe", [])],
]


@pytest.mark.parametrize(("key", "value"), BAD, ids=[f"{key}-{index}" for index, (key, _) in enumerate(BAD)])
def test_an_invalid_field_is_named_and_nothing_is_stored(client: FlaskClient, key: str, value: object) -> None:
    said = {**LEAST, key: value} if value is not MISSING else {k: v for k, v in LEAST.items() if k != key}
    answer = client.post(f"{CLUSTER}/register", json=said)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_input")
    assert list(answer.json["fields"]) == [key]
    assert key in answer.json["error"]
    assert client.get(f"{CLUSTER}/nodes").json["nodes"] == []


def test_the_fault_of_a_port_is_told_as_documented(client: FlaskClient) -> None:
    answer = client.post(f"{CLUSTER}/register", json={**LEAST, "port": 70000})
    assert answer.json["fields"] == {"port": "must be 1-65535"}


def test_every_fault_is_told_at_once(client: FlaskClient) -> None:
    answer = client.post(f"{CLUSTER}/register", json={"port": 0, "cpuCount": -1})
    assert answer.json["fields"].keys() == {"nodeId", "host", "port", "cpuCount"}
