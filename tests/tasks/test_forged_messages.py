"""Who can write to Redis can ring for jobs that exist, and nothing else."""

import base64
import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.domain.identity import secret
from app.domain.identity.secret import SecretKind
from app.extensions import celery
from tests.fleet import CLUSTER, until
from tests.gateways.neighbours import answering, neighbour

QUEUE = "muster"
JSON, PICKLE, YAML = "application/json", "application/x-python-serialize", "application/x-yaml"


class Trap:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (self.command,)


def push(app: Flask, task: object, body: bytes, kind: str = JSON, **headers: object) -> None:
    """A message as Celery writes it, only that we choose what is in it."""
    tag = str(uuid4())
    message = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "binary" if kind == PICKLE else "utf-8",
        "content-type": kind,
        "headers": {"task": task, "id": tag, "lang": "py", "root_id": tag, **headers},
        "properties": {
            "correlation_id": tag,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": tag,
        },
    }
    app.extensions["redis_client"].lpush(QUEUE, json.dumps(message))


def arguments(*args: object, **kwargs: object) -> bytes:
    return json.dumps([args, kwargs, {}]).encode()


def is_done(app: Flask) -> bool:
    redis = app.extensions["redis_client"]
    return not redis.llen(QUEUE) and not redis.hlen("unacked")


def test_forged_messages_are_refused_and_the_worker_goes_on(app: Flask, celery_worker: Path, tmp_path: Path) -> None:
    import pickle  # noqa: PLC0415 - only written here; that nobody reads it is what is tested

    canary, hidden = tmp_path / "canary", secret.make(SecretKind.JOIN_TOKEN)
    trap = pickle.dumps(([Trap(f"touch {canary}")], {}, {}))
    push(app, "jobs.run", trap, PICKLE)
    push(app, "jobs.run", f'!!python/object/apply:os.system ["touch {canary}"]'.encode(), YAML)
    push(app, "jobs.run", trap)
    push(app, "os.system", arguments(f"touch {canary}", hidden))
    push(app, "celery.backend_cleanup", arguments())
    push(app, "celery.chain", arguments())
    for odd in ((), (1,), ("no id",), ({"id": 1},), (str(uuid4()), "more"), (str(uuid4()),), (hidden,)):
        push(app, "jobs.run", arguments(*odd))
    push(app, "jobs.run", arguments(job_id=hidden))
    push(app, "fleet.check_silence", arguments("touch", str(canary)))
    for body in (b'"a text"', b"5", b"null", b"{}", b"[]", b"[1]", b"[1,2,3,4]", b"[5,6,7]", b"", b"nonsense", b"\xff"):
        push(app, "jobs.run", body)
    for name in (None, 5, ["jobs.run"], {"a": 1}, ""):
        push(app, name, arguments(str(uuid4())))
    push(app, "jobs.run", arguments(str(uuid4())), id=None)
    push(app, "jobs.run", arguments(str(uuid4())), root_id=[1], group={}, retries="many", stamps=5, argsrepr=5)
    push(app, "jobs.run", b"{}", eta="yesterday", expires="never", timelimit="x")
    push(app, "jobs.run", arguments(str(uuid4())), eta="yesterday")

    until(lambda: is_done(app), 20)
    with neighbour(answering("200 OK", '{"agentId": "a-1"}')) as server:
        address = {"host": "127.0.0.1", "port": server.port}
        answer = app.test_client().post(f"{CLUSTER}/test-connection", json=address)
    assert (answer.status_code, answer.json["success"]) == (200, True)
    until(lambda: is_done(app), 20)
    assert not canary.exists()
    log = celery_worker.read_text()
    assert "Refusing to deserialize" in log
    assert hidden.partition("_")[2] not in log


def test_celery_keeps_no_results_and_reads_json_only(app: Flask) -> None:
    conf = celery.conf
    assert set(conf.accept_content) == {"json"}
    assert conf.result_backend is None
    assert conf.task_ignore_result
    assert not conf.result_extended
    assert not conf.worker_hijack_root_logger
    with pytest.raises(NotImplementedError):
        celery.AsyncResult(str(UUID(int=0))).get(timeout=0.1)
