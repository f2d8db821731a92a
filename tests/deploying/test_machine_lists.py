"""A list of machines is read row by row: what is wrong is said of its row, and then nothing is started."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.domain.deploying.ssh import SshTarget
from app.services import jobs
from app.services.deploying import host_keys
from tests.deploying.many import DEPLOY, KEY, many, take
from tests.fleet import CLUSTER

LIST = f"{CLUSTER}/ssh/machines"

pytestmark = pytest.mark.usefixtures("two_at_once")


def test_one_wrong_row_of_five_is_named_and_nothing_is_started(client: FlaskClient, rung: list[UUID]) -> None:
    said = many(5)
    said["hosts"][3]["port"] = 70_000

    answer = client.post(DEPLOY, json=said)

    assert (answer.status_code, answer.json["code"]) == (400, "invalid_input")
    assert answer.json["fields"] == {"rows.4.port": "must be 1-65535"}
    assert answer.json["error"] == "Row 4, port: must be 1-65535. Nothing was started"
    assert (client.get(f"{CLUSTER}/jobs").json["jobs"], rung) == ([], [])


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ({"host": "HOST-1"}, {"rows.3.host": "row 1 names the same machine, HOST-1 port 22"}),
        ({"host": "h", "nodeId": "host-2"}, {"rows.3.nodeId": "row 2 has the node id host-2 too; give each its own"}),
        ({"host": "host-1", "port": 23}, {"rows.3.nodeId": "row 1 has the node id host-1 too; give each its own"}),
        (
            {"host": "h", "fingerprint": ""},
            {"rows.3.fingerprint": "is needed: look at the host key first, and confirm it"},
        ),
        ({"host": "h", "color": "red"}, {"rows.3.color": "unknown field"}),
    ],
)
def test_what_is_wrong_with_a_row_is_said(
    client: FlaskClient, rung: list[UUID], row: dict[str, Any], fields: dict[str, str]
) -> None:
    said = many(2)
    said["hosts"].append({"fingerprint": KEY, **row})

    assert client.post(DEPLOY, json=said).json["fields"] == fields


def test_rows_without_a_login_are_all_named(client: FlaskClient, rung: list[UUID]) -> None:
    answer = client.post(DEPLOY, json={**many(2), "password": ""})

    assert answer.json["fields"].keys() == {"rows.1.privateKey", "rows.2.privateKey"}


def test_names_that_differ_in_punctuation_only_get_node_ids_of_their_own(client: FlaskClient, rung: list[UUID]) -> None:
    names = ("GPU 1", "gpu-1", "gpu 1", "gpu_1", "gpu.1", "GPU (1)")
    rows = [{"host": f"host-{number}", "name": name, "fingerprint": KEY} for number, name in enumerate(names)]

    answer = client.post(DEPLOY, json={"hosts": rows, "password": "x"}).json

    assert len({job["nodeId"] for job in answer["jobs"]}) == len(names), answer


def test_a_machine_that_is_deployed_to_already_stops_all(client: FlaskClient, rung: list[UUID]) -> None:
    said = {"host": "host-2", "fingerprint": KEY, "password": "x"}
    running = client.post(DEPLOY, json=said).json["jobId"]

    answer = client.post(DEPLOY, json=many(3))

    assert (answer.status_code, answer.json["jobId"]) == (409, running)
    assert len(client.get(f"{CLUSTER}/jobs").json["jobs"]) == 1


def test_a_confirmed_key_need_not_be_named(client: FlaskClient, rung: list[UUID]) -> None:
    host_keys.pin(SshTarget("host-1", "", 22, (KEY,)))

    _, [part] = take(client, {"csv": "host-1", "password": "x"})

    assert jobs.get_job(part).target["fingerprint"] == KEY


def test_a_list_is_read_without_starting_anything(client: FlaskClient, rung: list[UUID]) -> None:
    host_keys.pin(SshTarget("web-1", "", 22, (KEY,)))
    text = "Host;Port;User;Node ID;Agents\n# a note\nweb-1;;deploy;;a-1 a-2\nweb-2;70000;;w2;\n"

    found = client.post(LIST, json={"csv": text, "capabilities": ["gpu"], "password": "hush"}).json["machines"]

    assert found[0] == {
        "row": 1,
        "host": "web-1",
        "port": "22",
        "user": "deploy",
        "name": "",
        "nodeId": "web-1",
        "agents": ["a-1", "a-2"],
        "capabilities": ["gpu"],
        "fingerprint": KEY,
        "login": True,
        "faults": {},
    }
    assert (found[1]["host"], found[1]["port"], found[1]["faults"]) == ("web-2", "70000", {"port": "must be 1-65535"})
    assert jobs.list_jobs().jobs == ()
