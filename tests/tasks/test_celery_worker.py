"""A real Celery worker takes what the control plane sends."""

from pathlib import Path
from uuid import UUID

from flask import Flask

from app.gateways import task_queue
from app.services import jobs
from config import Settings
from tests.fleet import CLUSTER, Fleet, until
from tests.gateways.neighbours import answering, neighbour


def test_jobs_and_checks_are_carried_out(app: Flask, fleet: Fleet, celery_worker: Path) -> None:
    fleet.add()
    fleet.silence("mac-mini", 91)
    task_queue.send_check()
    with neighbour(answering("200 OK", '{"agentId": "a-1"}')) as server:
        address = {"host": "127.0.0.1", "port": server.port}
        answer = app.test_client().post(f"{CLUSTER}/test-connection", json=address)
    assert (answer.status_code, answer.json["success"], answer.json["agentId"]) == (200, True, "a-1")
    assert jobs.get_job(UUID(answer.json["jobId"])).state == "succeeded"
    until(lambda: fleet.reasons() == ["registered", "silent"])
    assert app.test_client().get("/readyz").status_code == 200
    assert settings_are_not_in(celery_worker.read_text(), app.extensions["settings"])


def settings_are_not_in(log: str, settings: Settings) -> bool:
    secrets = {url.partition("@")[0].rpartition(":")[2] for url in (settings.database_url, settings.redis_url)}
    return not any(secret in log for secret in secrets)


def test_a_celery_worker_says_that_it_is_there(app: Flask, celery_worker: Path) -> None:
    client = app.test_client()
    found = until(lambda: [one for one in client.get("/api/health").json["celery"]["processes"] if one["ok"]])
    assert found[0]["workerId"].startswith("celery@")
