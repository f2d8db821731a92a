"""/worker.pyz: the daemon's program for machines that know nothing yet."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings

CONTENT = b"PK program " * 1000
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def program(guarded: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the control plane looks for the program, with sign-in on; it is built already."""
    path = tmp_path / "worker.pyz"
    path.write_bytes(CONTENT)
    settings = replace(guarded.extensions["settings"], worker_program=path)
    monkeypatch.setitem(guarded.extensions, "settings", settings)
    return path


def test_anybody_gets_the_program_and_its_checksum(client: FlaskClient, program: Path) -> None:
    answer = client.get("/worker.pyz")
    assert (answer.status_code, answer.data) == (200, CONTENT)
    assert answer.headers["X-Checksum-SHA256"] == CHECKSUM
    assert answer.headers["Cache-Control"] == "no-cache"
    head = client.head("/worker.pyz")
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(CONTENT)))


def test_who_has_it_already_gets_a_304(client: FlaskClient, program: Path) -> None:
    etag = client.get("/worker.pyz").headers["ETag"]
    assert client.get("/worker.pyz", headers={"If-None-Match": etag}).status_code == 304


def test_a_broken_download_goes_on_where_it_stopped(client: FlaskClient, program: Path) -> None:
    answer = client.get("/worker.pyz", headers={"Range": "bytes=1000-"})
    assert (answer.status_code, answer.data) == (206, CONTENT[1000:])
    assert answer.headers["X-Checksum-SHA256"] == CHECKSUM


def test_a_named_build_may_be_kept_for_ever_and_another_is_not_given_in_its_place(
    client: FlaskClient, program: Path
) -> None:
    answer = client.get(f"/worker.pyz?v={CHECKSUM}")
    assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True)
    other = client.get("/worker.pyz?v=0000")
    assert (other.status_code, other.json["code"]) == (404, "program_not_built")
    assert "immutable" not in other.headers.get("Cache-Control", "")


def test_a_new_build_is_given_out_without_a_restart(client: FlaskClient, program: Path) -> None:
    client.get("/worker.pyz")
    program.write_bytes(b"newer")
    os.utime(program, ns=(1, 1))
    assert client.get("/worker.pyz").data == b"newer"


def test_without_a_build_it_says_how_to_make_one(client: FlaskClient, program: Path) -> None:
    program.unlink()
    answer = client.get("/worker.pyz")
    assert (answer.status_code, answer.json["code"]) == (404, "program_not_built")
    assert "python -m node_daemon.build" in answer.json["error"]


def test_where_the_program_is_can_be_set() -> None:
    urls = {"DATABASE_URL": "postgresql://host/name", "REDIS_URL": "redis://host/0"}
    assert Settings.from_environment({**urls, "WORKER_PROGRAM": "/srv/worker.pyz"}).worker_program == Path(
        "/srv/worker.pyz"
    )
    assert Settings.from_environment(urls).worker_program.parts[-2:] == ("build", "worker.pyz")
