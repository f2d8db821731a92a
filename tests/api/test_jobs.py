"""Jobs over HTTP: lists that can be searched, logs that can be followed, an end on request."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.domain.jobs import Outcome, Step
from app.extensions import db
from app.services import jobs
from app.services.jobs.ending import finish
from app.services.jobs.run import JobRun
from app.services.jobs.running import _claim
from tests.fleet import CLUSTER

BASE = "/api/engine/cluster/jobs"
# The dashboard's tests walk the same table.
CASES = json.loads((Path(__file__).parents[1] / "unit" / "log_line_cases.json").read_text())

pytestmark = pytest.mark.usefixtures("sent")


def ask(host: str) -> UUID:
    return jobs.request_test(host, 3101, SYSTEM)


def test_the_newest_job_comes_first_and_pages_join_without_a_gap(client: FlaskClient) -> None:
    made = [str(ask(f"host-{number}")) for number in range(5)]

    first = client.get(BASE, query_string={"limit": 3}).json
    rest = client.get(BASE, query_string={"limit": 3, "before": first["nextBefore"]}).json

    assert [job["id"] for job in first["jobs"] + rest["jobs"]] == made[::-1]
    assert rest["nextBefore"] is None


@pytest.mark.parametrize(
    ("query", "hosts"),
    [
        ({"q": "alpha"}, {"alpha"}),
        ({"q": "TEST_conn alpha"}, {"alpha"}),
        ({"q": "100%"}, set()),
        ({"state": "failed"}, {"beta"}),
        ({"state": "open"}, {"alpha"}),
        ({"kind": "deploy"}, set()),
    ],
)
def test_jobs_are_found_by_words_state_and_kind(client: FlaskClient, query: dict[str, str], hosts: set[str]) -> None:
    ask("alpha")
    finish(ask("beta"), Outcome(False, "refused", "No"))

    assert {job["host"] for job in client.get(BASE, query_string=query).json["jobs"]} == hosts


def test_a_list_has_the_steps_of_jobs_that_are_not_over(client: FlaskClient) -> None:
    job_id = running(0)
    JobRun(job_id, 1).plan([Step("look", "Look"), Step("act", "Act")])
    over = ask("over")
    finish(over, Outcome(True, "ok", "Done"))

    steps = {job["id"]: [step["name"] for step in job["steps"]] for job in client.get(BASE).json["jobs"]}

    assert steps == {str(job_id): ["look", "act"], str(over): []}


def test_a_log_is_read_from_any_line_on(client: FlaskClient, app: Flask) -> None:
    job_id = running(5)

    answer = client.get(f"{BASE}/{job_id}/log", query_string={"after": 3}).json

    assert [line["number"] for line in answer["lines"]] == [4, 5]
    assert answer["last"] == 5


def test_a_late_reader_gets_the_past_then_the_end(client: FlaskClient) -> None:
    job_id = running(3)
    finish(job_id, Outcome(True, "ok", "done"))

    raw = client.get(f"{BASE}/{job_id}/log/stream").get_data(as_text=True)

    events = [part.splitlines() for part in raw.split("\n\n") if "event:" in part]
    names = [next(line[7:] for line in lines if line.startswith("event: ")) for lines in events]
    assert names == ["job", "lines", "end"]
    told = json.loads(next(line[6:] for line in events[1] if line.startswith("data: ")))
    assert [line["text"] for line in told["lines"]] == ["line 1", "line 2", "line 3"]
    assert "id: 3" in events[1]


def test_a_reader_that_comes_back_misses_and_repeats_nothing(client: FlaskClient) -> None:
    job_id = running(3)
    finish(job_id, Outcome(True, "ok", "done"))

    raw = client.get(f"{BASE}/{job_id}/log/stream", headers={"Last-Event-ID": "2"}).get_data(as_text=True)

    assert "line 3" in raw
    assert "line 2" not in raw


def test_cancel_is_answered_the_same_once_or_twice(client: FlaskClient) -> None:
    job_id = ask("alpha")

    assert [client.post(f"{BASE}/{job_id}/cancel").json for _ in range(2)] == [{"ok": True}] * 2
    assert client.get(f"{BASE}/{job_id}").json["state"] == "cancelled"
    assert client.post(f"{BASE}/{uuid4()}/cancel").status_code == 404


def test_lines_are_found_in_all_of_a_log_with_how_many_there_are(client: FlaskClient) -> None:
    job_id = running(2500)
    found = {"q": "LINE 24", "limit": 3}

    first = client.get(f"{BASE}/{job_id}/log", query_string=found).json
    rest = client.get(f"{BASE}/{job_id}/log", query_string=found | {"after": 241, "limit": 5000}).json

    assert [line["number"] for line in first["lines"]] == [24, 240, 241]
    assert (first["matched"], first["last"], rest["matched"], len(rest["lines"])) == (111, 2500, 111, 108)
    assert client.get(f"{BASE}/{job_id}/log", query_string={"q": "100%"}).json["matched"] == 0
    assert client.get(f"{BASE}/{job_id}/log").json["matched"] == 2500


def test_what_is_found_is_what_a_reader_sees(client: FlaskClient) -> None:
    job_id = running(0)
    JobRun(job_id, 1).log("probe", ["\x1b[1;31mre\x1b[0md 31m", "\x1b]0;red\x07title", "50% of it"])

    def find(wanted: str) -> list[int]:
        return [line["number"] for line in client.get(f"{BASE}/{job_id}/log", query_string={"q": wanted}).json["lines"]]

    assert (find("RED"), find("31m"), find("title"), find("50%"), find("5_%")) == ([1], [1], [2], [3], [])


def test_errors_are_the_lines_that_the_dashboard_shows_as_errors(client: FlaskClient) -> None:
    job_id = running(0)
    JobRun(job_id, 1).log("probe", [*CASES["errors"], *CASES["others"]])

    found = client.get(f"{BASE}/{job_id}/log", query_string={"level": "error"}).json

    assert [line["text"] for line in found["lines"]] == CASES["errors"]
    assert client.get(f"{BASE}/{job_id}/log", query_string={"level": "error", "q": "refused"}).json["matched"] == 1
    assert client.get(f"{BASE}/{job_id}/log", query_string={"level": "loud"}).status_code == 400


def running(lines: int) -> UUID:
    """A running job with so many lines in its log."""
    job_id = ask("alpha")
    db.session.execute(text("UPDATE jobs SET kind = 'deploy' WHERE id = :id"), {"id": job_id})
    db.session.commit()
    job = _claim(job_id)
    assert job is not None
    JobRun(job_id, job.attempt).log("probe", [f"line {number}" for number in range(1, lines + 1)])
    return job_id


@pytest.mark.parametrize(
    "before", ["2821-10-27T07:50:41+19:26", "0018-10-30T22:07:32-22:33", "0001-01-01T00:00:00+23:00"]
)
def test_a_time_in_a_zone_that_the_database_does_not_know_is_none_of_our_failures(
    client: FlaskClient, before: str
) -> None:
    assert client.get(f"{CLUSTER}/jobs", query_string={"before": before}).status_code in (200, 400)


def test_a_nul_in_a_search_is_refused(client: FlaskClient) -> None:
    answer = client.get(f"{CLUSTER}/jobs", query_string={"q": "a\0b"})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_input")
