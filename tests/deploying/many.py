"""One request for many machines."""

from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from tests.fleet import CLUSTER

DEPLOY = f"{CLUSTER}/deploy-via-ssh"
KEY = "SHA256:" + "A" * 43


def many(count: int, **common: Any) -> dict[str, Any]:
    hosts = [{"host": f"host-{number}", "fingerprint": KEY} for number in range(1, count + 1)]
    return {"hosts": hosts, "password": "open sesame", **common}


def take(client: FlaskClient, said: dict[str, Any]) -> tuple[UUID, list[UUID]]:
    """Ask for many deploys: the job of all, and those of each."""
    answer = client.post(DEPLOY, json=said)
    assert answer.status_code == 202, answer.json
    return UUID(answer.json["jobId"]), [UUID(job["jobId"]) for job in answer.json["jobs"]]
