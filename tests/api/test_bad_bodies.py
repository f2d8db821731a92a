"""Whatever a body holds, the answer is JSON with the right status: never a 500, never a page of HTML."""

import gzip
import io
import json

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.fleet import CLUSTER, Fleet

ROUTES = {
    "register": f"{CLUSTER}/register",
    "heartbeat": f"{CLUSTER}/heartbeat/mac-mini",
    "test-connection": f"{CLUSTER}/test-connection",
    "agent-status": "/api/engine/agent-status/agent-1",
}
DEEP = 15_000
UNREADABLE = {
    "half an object": b'{"nodeId": "ab"',
    "only a brace": b"{",
    "single quotes": b"{'a': 1}",
    "two documents": b"{} {}",
    "a trailing comma": b'{"a": 1,}',
    "a comment": b"{} // yes",
    "nan": b'{"cpuUsage": NaN, "cpuCount": NaN, "port": NaN, "activeSessions": NaN}',
    "infinity": b'{"cpuUsage": Infinity, "cpuCount": Infinity, "port": -Infinity, "activeSessions": Infinity}',
    "bad utf-8": b'{"nodeId": "\xff\xfe", "status": "\xff"}',
    "utf-16": '{"nodeId": "ab"}'.encode("utf-16"),
    "a raw control character": b'{"nodeId": "a\x00b", "status": "a\nb"}',
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "an open end": b"[" * DEEP,
    "html": b"<script>alert(1)</script>",
    "form data": b"nodeId=ab&host=x&port=1",
}
NOT_OBJECTS = {
    "null": b"null",
    "a list": b"[]",
    "a list of objects": b'[{"nodeId": "ab"}]',
    "a text": b'"text"',
    "a number": b"5",
    "true": b"true",
}
VALID = b'{"nodeId":"mac-mini","host":"127.0.0.1","port":3101,"status":"idle",'
WRONG_INSIDE = {
    "nul in metadata": b'"metadata":{"a":"b\\u0000"}}',
    "nul in a key": b'"metadata":{"a\\u0000":1},"labels":{"a\\u0000":"1"}}',
    "half a character": b'"metadata":{"a":"\\ud800"},"name":"\\udfff"}',
    "nan in metadata": b'"metadata":{"a":NaN}}',
    "infinity in metadata": b'"metadata":{"a":-Infinity}}',
    "a huge integer": b'"cpuCount":' + b"9" * 5000 + b"}",
    "a huge integer in metadata": b'"metadata":{"a":' + b"9" * 4000 + b"}}",
    "deep metadata": b'"metadata":' + b'{"a":' * 900 + b"1" + b"}" * 901,
    "an activity with nul": b'"currentActivity":"a\\u0000b"}',
    "half a character as activity": b'"currentActivity":{"detail":"\\ud800"}}',
    "a list as activity": b'"currentActivity":[1,2]}',
    "too many sessions": b'"activeSessions":99999999999999999999}',
    "minus sessions": b'"activeSessions":-1}',
    "agents of every kind": b'"agents":[1,null,{},[],"\\u0000"]}',
    "an agent named nul": b'"agents":["a\\u0000"]}',
    "results without a list of agents": b'"commandResults":[{"id":"x","message":"m","agents":5}]}',
    "a clock before time": b'"clock":"0001-01-01T00:00:00+23:59"}',
    "a clock after time": b'"clock":"9999-12-31T23:59:59-23:59"}',
    "load beyond measure": b'"loadAverage":[1e308,1e308,1e308]}',
    "more than a double": b'"cpuUsage":1e999}',
    "a key twice": b'"port":3102,"cpuUsage":0.1,"cpuUsage":0.2}',
    "a key twice, wrong at last": b'"port":0,"cpuUsage":7}',
}
BODIES = {**UNREADABLE, **NOT_OBJECTS, **{name: VALID + rest for name, rest in WRONG_INSIDE.items()}}


def send(client: FlaskClient, route: str, body: bytes) -> TestResponse:
    return client.post(ROUTES[route], data=body, content_type="application/json")


def check(answer: TestResponse) -> None:
    assert answer.mimetype == "application/json"
    assert 200 <= answer.status_code < 500, answer.json
    if answer.status_code >= 400:
        assert answer.json["error"]
        assert answer.json["code"]


@pytest.fixture
def quick(settings_with) -> None:  # noqa: ANN001 - a function of the conftest
    settings_with(answer_within=0)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", BODIES)
def test_any_body_gets_a_json_answer_that_is_not_our_failure(
    client: FlaskClient, fleet: Fleet, quick: None, route: str, body: str
) -> None:
    fleet.add()
    check(send(client, route, BODIES[body]))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", [*UNREADABLE, *NOT_OBJECTS])
def test_what_is_not_an_object_of_json_is_refused(client: FlaskClient, fleet: Fleet, route: str, body: str) -> None:
    fleet.add()
    assert send(client, route, BODIES[body]).status_code == 400


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_that_is_too_large_is_refused(client: FlaskClient, fleet: Fleet, route: str) -> None:
    fleet.add()
    largest = 32 * 1024 if route == "heartbeat" else 64 * 1024
    answer = send(client, route, b'{"x":"' + b"x" * largest + b'"}')
    check(answer)
    assert answer.status_code in (400, 413)


def test_a_heartbeat_of_32_kilobytes_is_accepted(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    body = b'{"x":"' + b"x" * (32 * 1024 - 8) + b'"}'
    assert len(body) == 32 * 1024
    assert send(client, "heartbeat", body).status_code == 200


def test_a_body_without_a_length_may_not_be_larger_either(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    answer = client.post(
        ROUTES["heartbeat"],
        input_stream=io.BytesIO(b'{"x":"' + b"x" * 60_000 + b'"}'),
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("route", ["register", "test-connection", "agent-status"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_that_does_not_say_it_is_json_is_refused(client: FlaskClient, route: str, kind: str) -> None:
    answer = client.post(ROUTES[route], data=VALID + b'"a":1}', content_type=kind)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("route", ["register", "test-connection", "agent-status"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_compressed_body_is_refused(client: FlaskClient, route: str, coding: str) -> None:
    body, headers = gzip.compress(VALID + b'"a":1}'), {"Content-Encoding": coding}
    answer = client.post(ROUTES[route], data=body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    assert "Content-Encoding" in answer.json["error"]


def test_a_compressed_heartbeat_is_refused(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    answer = client.post(ROUTES["heartbeat"], data=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
    assert answer.status_code in (400, 415)


@pytest.mark.parametrize("route", ["register", "test-connection", "agent-status"])
@pytest.mark.parametrize(
    "excess",
    [b"[" * 21 + b"]" * 21, b"[" + b"0," * 500 + b"0]", b'"' + b"x" * 16_385 + b'"'],
    ids=["nested too deep", "too many items", "too long a text"],
)
def test_excess_is_refused_with_its_limit(client: FlaskClient, route: str, excess: bytes) -> None:
    answer = send(client, route, VALID + b'"metadata":{"a":' + excess + b"}}")
    assert answer.status_code == 400
    assert "more than" in answer.json["error"]


@pytest.mark.parametrize("route", ["register", "test-connection", "agent-status"])
def test_a_body_without_a_length_must_say_that_it_is_json_too(client: FlaskClient, route: str) -> None:
    answer = client.post(
        ROUTES[route],
        input_stream=io.BytesIO(VALID + b'"a":1}'),
        headers={"Transfer-Encoding": "chunked", "Content-Type": "text/plain"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 415


def test_of_a_key_that_comes_twice_the_last_counts(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    send(client, "heartbeat", b'{"cpuUsage":0.1,"cpuUsage":0.2}')
    assert fleet.node().cpu_usage == 0.2


@pytest.mark.parametrize("node_id", ["%00", "a%00b", "%ff", "x" * 300, "%F0%9F%99%82", "..%2f..", "%ED%A0%80"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "heartbeat/{}"),
        ("GET", "nodes/{}"),
        ("DELETE", "nodes/{}"),
        ("GET", "nodes/{}/transitions"),
        ("POST", "nodes/{}/restart"),
        ("POST", "nodes/{}/ping"),
    ],
)
def test_a_node_id_that_cannot_exist_is_not_found(client: FlaskClient, method: str, path: str, node_id: str) -> None:
    answer = client.open(f"{CLUSTER}/{path.format(node_id)}", method=method)
    check(answer)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=x",
        "limit=-1",
        "limit=99999999999999999999",
        "sort=colour",
        "q=colour:red",
        "q=%22",
        "q=" + "x" * 501,
        "cursor=x",
        "cursor=%ff",
        "cursor=%C3%BC",
        "cursor=" + "A" * 2000,
    ],
)
def test_a_bad_query_of_the_list_is_refused_with_a_sentence(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{CLUSTER}/nodes?{query}")
    assert answer.status_code == 400
    assert answer.json["fields"]


@pytest.mark.parametrize("query", ["before=x", "before=99999999999999999999", "limit=0", "limit=501"])
def test_a_bad_query_of_a_timeline_is_refused(client: FlaskClient, fleet: Fleet, query: str) -> None:
    fleet.add()
    assert client.get(f"{CLUSTER}/nodes/mac-mini/transitions?{query}").status_code == 400


def test_answers_never_repeat_a_bad_body(client: FlaskClient) -> None:
    answer = send(client, "register", json.dumps({"nodeId": "<b>x</b>", "host": "s3cret!", "port": 1}).encode())
    assert answer.status_code == 400
    assert b"<b>" not in answer.data
    assert b"s3cret" not in answer.data
