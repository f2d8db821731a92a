"""Each start shows a fresh link for the first admin, on the terminal and nowhere else."""

from __future__ import annotations

import json
import re
import stat
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from standalone import web_client
from tests.standalone.stand_in import make_checkout, started
from tests.standalone.test_journey import muster

# Stands in for Flask's command line: a new link with each call.
FLASK = """
import os, sys, uuid
assert sys.argv[1:] == ["--app", "wsgi", "create-admin"], sys.argv
assert len(open(os.environ["SECRET_KEY_FILE"]).read()) >= 32
print("This signs admin in", file=sys.stderr)
print(f"http://127.0.0.1:{os.environ['PORT']}/sign-in#msl_{uuid.uuid4().hex}")
"""
LINK = re.compile(r"^  Sign-in    (http://127\.0\.0\.1:\d+/sign-in#(msl_[\w-]+))$", re.MULTILINE)


def link_in(said: str) -> re.Match[str]:
    found = LINK.search(said)
    assert found, said
    return found


def kept(home: Path) -> str:
    """All that the state folder holds in its logs and lists."""
    files = [*(home / "logs").rglob("*"), *home.glob("*.json")]
    return "".join(file.read_text(errors="replace") for file in files if file.is_file())


def test_each_start_shows_a_fresh_link_that_is_in_no_log(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    (checkout / "flask.py").write_text(FLASK)
    secrets = set()
    for _ in range(2):
        with started(tmp_path, checkout, CLUSTER_AUTH="on") as run:
            run.wait_running()
            said = run.output.read_text()
            secrets.add(link_in(said)[2])
            assert "sign-in is off" not in said
            assert link_in(said)[2] not in kept(run.home)
            assert stat.S_IMODE((run.home / "secrets" / "secret-key").stat().st_mode) == 0o600
    assert len(secrets) == 2


def test_a_link_that_cannot_be_made_is_a_failed_start_with_its_reason(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    (checkout / "flask.py").write_text("import sys; sys.exit('the database is read-only')")

    with started(tmp_path, checkout, CLUSTER_AUTH="on") as run:
        assert run.process.wait(60) == 1

    assert "The sign-in link could not be made: the database is read-only" in run.output.read_text()


def send(base: str, method: str, path: str, body: dict[str, str], **headers: str) -> tuple[Any, str]:
    """The decoded answer, and the cookie that came with it."""
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(base + path, json.dumps(body).encode(), sent, method=method)  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own address
        return json.load(answer), (answer.headers["Set-Cookie"] or "").partition(";")[0]


@pytest.mark.long
@pytest.mark.timeout(240)
def test_the_link_of_a_real_start_signs_in_and_a_password_does_afterwards(tmp_path: Path) -> None:
    with muster(tmp_path, LOCAL_NODE="0") as run:
        run.wait_running()
        found = link_in(run.output.read_text())
        base = found[1].partition("/sign-in")[0]
        assert web_client.status_of(f"{base}/api/engine/cluster/nodes") == 401

        told, cookie = send(base, "POST", "/api/session/link", {"token": found[2]})
        assert told["user"]["role"] == "admin"
        new = {"new": "twelve small boats"}
        send(base, "PUT", "/api/account/password", new, Cookie=cookie, X_CSRF_Token=told["csrfToken"])
        again, _ = send(base, "POST", "/api/session", {"name": "admin", "password": new["new"]})

        assert again["user"]["hasPassword"] is True
        assert not [word for word in (found[2], cookie, new["new"]) if word in kept(run.home)]
