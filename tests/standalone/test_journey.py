"""All of Muster as a person starts it: the real processes, from the first line to the last."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from standalone import web_client
from tests.ports import free_port
from tests.standalone.polling import eventually
from tests.standalone.stand_in import Started, is_gone, line_of

CHECKOUT = Path(__file__).parents[2]


@contextlib.contextmanager
def muster(folder: Path, **environment: str) -> Iterator[Started]:
    port, flower, node = (free_port() for _ in range(3))
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (home / "ports.json").write_text(f'{{"flower": {flower}, "node": {node}}}')
    unwanted = ("DATABASE_URL", "REDIS_URL", "HOST", "LOCAL_NODE", "CLUSTER_AUTH")
    environ = {name: value for name, value in os.environ.items() if name not in unwanted}
    environ |= {"MUSTER_HOME": str(home), "PORT": str(port), **environment}
    output = folder / "output"
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "standalone"], cwd=CHECKOUT, env=environ, stdout=file, stderr=file, text=True
        )
    try:
        yield Started(process, home, output, port)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGTERM)
        process.wait(60)


def flower_status(run: Started, password: str) -> int | None:
    """What Flower itself answers; people read it through the dashboard, which asks for their role."""
    port = json.loads((run.home / "ports.json").read_text())["flower"]
    token = base64.b64encode(f"muster:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    with contextlib.suppress(OSError):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/flower/", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own Flower
            return int(answer.status)
    return None


@pytest.mark.timeout(180)
def test_one_command_starts_a_living_fleet_survives_a_crash_and_leaves_nothing(tmp_path: Path) -> None:
    with muster(tmp_path) as run:
        eventually(lambda: run.said("Muster is running") or run.process.poll() is not None, 120)
        assert run.said("Muster is running"), run.output.read_text()
        family = run.family()

        assert sum("demo_agent.py" in line_of(process) for process in family) == 2
        assert flower_status(run, (run.home / "secrets" / "flower").read_text()) == 200
        assert flower_status(run, "guess") is None

        web = run.child("gunicorn")
        web.kill()
        eventually(lambda: run.said("web was started again"))
        eventually(lambda: web_client.json_of(f"http://127.0.0.1:{run.port}/readyz").get("ready") is True, 30)
        assert run.child("gunicorn").pid != web.pid
        family += run.family()

        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(30) == 0
        eventually(lambda: all(is_gone(process) for process in family))


@pytest.mark.timeout(180)
@pytest.mark.long
def test_the_local_node_joins_by_itself_and_keeps_its_credential(tmp_path: Path) -> None:
    kept = []
    for _ in range(2):
        with muster(tmp_path) as run:
            eventually(lambda run=run: run.said("Muster is running") or run.process.poll() is not None, 120)
            assert run.said("Muster is running"), run.output.read_text()
            assert web_client.status_of(f"http://127.0.0.1:{run.port}/api/engine/cluster/nodes") == 401
            folder = run.home / "node"
            assert not (folder / "join-token").exists()
            kept.append((folder / "daemon" / "credential.json").read_text())

    assert len(set(kept)) == 1
    assert "mnc_" in kept[0]
    logs = "".join(log.read_text() for log in (tmp_path / "home" / "logs").iterdir())
    assert "mjt_" not in logs
    assert "mnc_" not in logs
