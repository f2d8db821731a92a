"""GET /best-node: where an agent should go, and why nowhere."""

from flask.testing import FlaskClient

from tests.fleet import CLUSTER, Fleet


def best(client: FlaskClient, capabilities: str = "") -> str:
    answer = client.get(f"{CLUSTER}/best-node?capabilities={capabilities}")
    assert answer.status_code == 200, answer.json
    return str(answer.json["nodeId"])


def refusal(client: FlaskClient, capabilities: str = "") -> str:
    answer = client.get(f"{CLUSTER}/best-node?capabilities={capabilities}")
    assert (answer.status_code, answer.json["code"]) == (404, "no_suitable_node")
    assert answer.json["error"] == "No suitable node available"
    return str(answer.json["reason"])


def test_the_answer_is_a_whole_node_with_its_score(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    node = client.get(f"{CLUSTER}/nodes").json["nodes"][0]
    assert client.get(f"{CLUSTER}/best-node").json == {**node, "score": 100.0, "others": []}


def test_the_answer_says_why_the_others_lost(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("best")
    fleet.add("busy", agents=("a", "b", "c"))
    fleet.add("gone")
    fleet.silence("gone", 91)
    assert client.get(f"{CLUSTER}/best-node").json["others"] == [
        {"nodeId": "busy", "reason": "has 3 agents, best has 0", "score": 62.5},
        {"nodeId": "gone", "reason": "is offline"},
    ]


def test_the_node_with_the_fewest_agents_is_best(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("busy", agents=("a", "b"))
    fleet.add("calm", agents=("c",))
    assert best(client) == "calm"


def test_a_node_needs_all_wanted_capabilities(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("voice", capabilities=("voice",))
    fleet.add("both", capabilities=("voice", "browser"), agents=("a", "b"))
    assert best(client, "voice,browser") == "both"
    assert best(client, "VOICE") == "voice"


def test_capabilities_may_come_as_several_parameters(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("both", capabilities=("voice", "browser"))
    assert best(client, "voice&capabilities=browser") == "both"


def test_an_online_node_is_better_than_a_degraded_one(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("full")
    fleet.add("busy", agents=("a", "b"))
    fleet.beat("full", diskUsage=0.99)
    assert best(client) == "busy"


def test_a_node_that_went_silent_a_moment_ago_is_not_chosen(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("gone")
    fleet.add("here", agents=("a", "b"))
    fleet.silence("gone", 91)
    assert best(client) == "here"


def test_without_nodes_the_refusal_says_so(client: FlaskClient) -> None:
    assert "there are no nodes" in refusal(client)


def test_a_refusal_says_why_for_each_node(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add("gone", capabilities=("gpu",))
    fleet.add("plain")
    fleet.silence("gone", 91)
    sentence = refusal(client, "gpu")
    assert "gone is offline" in sentence
    assert "plain lacks gpu" in sentence


def test_after_a_cold_start_no_node_is_chosen_before_it_was_heard(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    fleet.silence("mac-mini", 20)
    fleet.listening_for(5)
    assert "is offline" in refusal(client)
    fleet.beat()
    assert best(client) == "mac-mini"
