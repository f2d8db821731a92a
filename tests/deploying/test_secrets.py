"""The login of a deploy is nowhere once the job has ended, however it ended."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.deploying.conftest import a_plane
from tests.deploying.machines import add_program, processes_of
from tests.deploying.orders import deploy, ended, lines, order, step
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd, make_key
from tests.journeys.control_plane import WORKER, ControlPlane
from tests.kit.proof import Proof
from tests.security.canaries import Monitor, database, hits, processes, redis_values

LONG = pytest.mark.long
KINDS = "key, passphrase, password, join token"
PLACES = "broker, database, logs, arguments and environments of both sides, temporary folders, the machine's home"
ENDED = {
    "succeeded": "succeeds",
    "failed": "fails",
    "cancelled": "is cancelled",
    "killed": "outlives its Celery worker",
}
SLOW = {"succeeded": 1, "failed": 1, "cancelled": 30, "killed": 5}  # seconds in which it is looked at


@pytest.fixture
def login(machine: Sshd, tmp_path: Path) -> dict[str, str]:
    """A key behind a passphrase that the machine accepts, and a password that it would not."""
    passphrase = f"passphrase {secrets.token_hex(12)}"
    key = make_key(tmp_path / "canary", passphrase=passphrase)
    (machine.folder / "authorized").write_text((tmp_path / "canary.pub").read_text())
    for path in (tmp_path / "canary", machine.folder / "login"):
        path.unlink()
    return {"privateKey": key, "passphrase": passphrase, "password": f"password {secrets.token_hex(12)}"}


@pytest.fixture(scope="module")
def guarded_plane(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """A control plane with sign-in on, which gives the machine a join token."""
    with a_plane(tmp_path_factory.mktemp("secrets"), settings, "secrets", CLUSTER_AUTH="on") as made:
        made.start().sign_in()
        yield made


@pytest.fixture
def plane(request: pytest.FixtureRequest) -> ControlPlane:
    """The one with sign-in where there is time to start it."""
    is_long = request.node.get_closest_marker("long") is not None
    found: ControlPlane = request.getfixturevalue("guarded_plane" if is_long else "shared_plane")
    return found


@pytest.mark.parametrize("end", ["succeeded", *(pytest.param(end, marks=LONG) for end in ENDED)])
def test_the_login_is_nowhere(
    plane: ControlPlane, machine: Sshd, home: Path, programs: Path, login: dict[str, str], proof: Proof, end: str
) -> None:
    monitor = Monitor(plane.environment["REDIS_URL"])
    asked: dict[str, Any] = order(machine, f"canary-{end}", **login)
    python = shutil.which("python3")
    spoilt = f"sleep {SLOW[end]}; {'exit 1' if end == 'failed' else ':'}"
    add_program(programs, "python3", f'case "$*" in *worker.pyz\\ --version) {spoilt};; esac\nexec {python} "$@"')

    job_id = deploy(plane, asked)
    until(lambda: step(plane, job_id, "daemon")["state"] not in ("", "waiting"), 60)
    during = [*everywhere(plane, home, tmp=machine.folder), *processes(processes_of(home))]
    sent = [path.read_text() for path in home.glob(".agenticmail/deploy/*/join-token")]
    token = dict.fromkeys(("join token",) if sent else (), "".join(sent))
    if end == "cancelled":
        plane.post(f"/jobs/{job_id}/cancel")
    if end == "killed":
        plane.kill("worker")
        during += [*everywhere(plane, home, tmp=machine.folder), *processes(processes_of(home))]
        plane.run("worker", *WORKER)
    job = ended(plane, job_id)

    assert job["state"] == ("succeeded" if end == "killed" else end), (job, lines(plane, job_id))
    after = [*everywhere(plane, home, tmp=machine.folder), *processes(processes_of(home))]
    places = [*during, *after, ("all that Redis was told", monitor.close())]
    known = {**login, "private key": login["privateKey"].splitlines()[2]}
    assert [hit for place, content in places for hit in hits(known, place, content)] == []
    assert bool(token) == bool(plane.headers)
    later = [*((place, content) for place, content in during if place != "file join-token"), *places[len(during) :]]
    assert [hit for place, content in later for hit in hits(token, place, content)] == []
    # What is no secret is found, so the search does look there.
    public = {hit for place, content in places for hit in hits({"it": f"canary-{end}"}, place, content)}
    assert {"it in table jobs"} <= public
    assert "muster:login" in "".join(monitor.seen)
    assert not any(b"muster:login" in content for _, content in redis_values(plane.environment["REDIS_URL"]))
    if token:
        note(proof, end, len(places))


def note(proof: Proof, end: str, places: int) -> None:
    """What became of all secrets, in the table of a full run."""
    proof.row(f"Login of a deploy that {ENDED[end]}: {KINDS}, in {PLACES}", "0 hits", f"{places} places: 0")


def everywhere(plane: ControlPlane, home: Path, tmp: Path) -> list[tuple[str, bytes]]:
    """All that both sides keep: database, Redis, logs, temporary files, arguments, environments, the machine's home."""
    folders = (home, Path(plane.environment["TMPDIR"]))
    files = [*plane.folder.glob("*.log"), tmp / "log", *(path for folder in folders for path in folder.rglob("*"))]
    return [
        *database(plane.dsn),
        *redis_values(plane.environment["REDIS_URL"]),
        *((f"file {path.name}", path.read_bytes()) for path in files if path.is_file()),
        *processes(process.pid for process in plane.processes.values()),
    ]
