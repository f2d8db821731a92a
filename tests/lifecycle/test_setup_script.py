"""A machine becomes a node by a script that a person runs there, and stops being one without a trace."""

import io
import json
import shutil
import subprocess
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.fleet import until
from tests.journeys.control_plane import BASE, ControlPlane
from tests.lifecycle.places import Place, ended

STEPS = ["connect", "probe", "bundle", "upload", "runtime", "daemon", "settings", "start", "register"]


@pytest.fixture
def place(places: list[Place], tmp_path: Path) -> Place:
    places.append(Place(tmp_path / "machine", "by-hand"))
    return places[-1]


def test_a_line_makes_a_machine_a_node_with_the_steps_of_a_deploy(plane: ControlPlane, place: Place) -> None:
    status, made = plane.post("/setups", place.order(2, name="By hand", capabilities=["gpu"]))
    ran = place.run(made["command"])

    assert (status, ran.returncode) == (201, 0), (ran.stdout, ran.stderr)
    job = ended(plane, made["jobId"])
    assert (job["kind"], job["state"], job["target"]["origin"]) == ("deploy", "succeeded", "script"), job
    assert [step["name"] for step in job["steps"]] == STEPS
    assert {step["state"] for step in job["steps"]} == {"succeeded"}
    assert job["result"]["facts"]["boot"] == "cron"
    assert "muster: by-hand is online" in ran.stdout
    node = plane.get("/nodes/by-hand")[1]
    assert node["status"] != "offline"  # a busy machine is degraded
    assert (node["name"], node["agents"], node["capabilities"]) == (
        "By hand",
        ["by-hand-0", "by-hand-1"],
        ["gpu"],
    )
    assert (place.root / "worker.env").stat().st_mode & 0o777 == 0o600
    assert not (place.root / "join-token").exists()

    again = place.run(made["command"])
    assert again.returncode != 0
    assert len(place.agents()) == 2


def test_uninstalling_leaves_a_machine_as_it_was(plane: ControlPlane, place: Place) -> None:
    (place.root / "mail").mkdir(parents=True)
    (place.root / "config.json").write_text("not ours")
    (place.home / "crontab").write_text("0 1 * * * backup\n")
    before = place.tree()
    place.install(plane, agents=2)
    agents = place.agents()
    assert (len(agents), "# muster" in (place.home / "crontab").read_text()) == (2, True)

    status, asked = plane.post("/nodes/by-hand/uninstall")
    job = ended(plane, asked["jobId"])

    assert (status, job["state"], job["message"]) == (202, "succeeded", "by-hand was uninstalled and removed")
    until(lambda: not place.processes())
    assert place.tree() == before
    assert (place.home / "crontab").read_text() == "0 1 * * * backup\n"
    assert plane.get("/nodes/by-hand")[0] == 404
    assert plane.get("/nodes/by-hand/transitions")[1]["transitions"][0]["reason"] == "removed"


def test_an_unfit_machine_is_refused_before_anything_is_changed(plane: ControlPlane, place: Place) -> None:
    place.add_program("python3", "#!/bin/sh\nexit 1\n")
    made = plane.post("/setups", place.order())[1]

    ran = place.run(made["command"])

    assert ran.returncode == 1
    assert "muster: This Python lacks parts" in ran.stderr
    assert place.tree() == set()
    job = ended(plane, made["jobId"])
    assert (job["state"], job["code"]) == ("failed", "preflight")
    assert [step["state"] for step in job["steps"]] == ["succeeded", "failed", *["skipped"] * 7]


def test_a_program_that_changed_on_its_way_is_not_installed(plane: ControlPlane, place: Place) -> None:
    made = plane.post("/setups", place.order())[1]
    program = plane.get("/daemon-program")[1]["sha256"]

    ran = place.run(f"sh <<'END'\n{made['script'].replace(program, '0' * 64)}END\n")

    assert ran.returncode == 1
    assert "another one than this script was made for" in ran.stderr
    assert place.tree() == set()
    assert ended(plane, made["jobId"])["state"] == "failed"


@pytest.mark.long
def test_a_machine_without_curl_uses_python(plane: ControlPlane, place: Place) -> None:
    made = plane.post("/setups", place.order(0))[1]
    script = made["script"].replace("has() { command", "has() { [ $1 != curl ] && command")

    ran = place.run(f"sh <<'END'\n{script}END\n")

    assert ran.returncode == 0, (ran.stdout, ran.stderr)


BUSY = """\
#!/bin/sh
case "$*" in
*receipt*)
  echo >>"$HOME/asked"
  case $(($(wc -l <"$HOME/asked"))) in
  1) echo '{"code": "too_many_requests"}' && exit ;;
  2) echo '{"code": "unavailable"}' && exit ;;
  3) echo '<html>502</html>' && exit ;;
  esac ;;
esac
exec CURL "$@"
"""


def test_a_script_waits_for_a_control_plane_that_is_busy(plane: ControlPlane, place: Place) -> None:
    made = plane.post("/setups", place.order())[1]
    place.add_program("curl", BUSY.replace("CURL", str(shutil.which("curl"))))
    sleep = shutil.which("sleep")
    place.add_program(
        "sleep", f'#!/bin/sh\n[ "$1" = 10 ] || exec {sleep} "$1"\necho 10 >>"$HOME/slept"\nexec {sleep} 0.1\n'
    )
    ran = place.run(made["command"])

    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    assert (place.home / "slept").read_text() == "10\n"


def test_a_script_tells_what_it_does_while_it_does_it_and_a_cancel_ends_it(
    plane: ControlPlane, place: Place, tmp_path: Path
) -> None:
    made = plane.post("/setups", place.order())[1]
    place.add_program("crontab", "#!/bin/sh\nsleep 300\n")  # in the step start
    with (tmp_path / "said").open("w") as said:
        script = subprocess.Popen(
            ["/bin/sh", "-c", made["command"]], env=place.environment, stdout=said, stderr=said, start_new_session=True
        )

    def state_of(name: str) -> str:
        steps = plane.get(f"/jobs/{made['jobId']}")[1].get("steps", [])
        return next((step["state"] for step in steps if step["name"] == name), "")

    until(lambda: state_of("start") == "running", 30)
    assert state_of("settings") == "succeeded"
    until(lambda: "settings ok" in (tmp_path / "said").read_text(), 30)

    plane.post(f"/jobs/{made['jobId']}/cancel")
    assert ended(plane, made["jobId"])["state"] == "cancelled"
    assert script.wait(30) == 1
    assert "muster: Cancelled" in (tmp_path / "said").read_text()
    until(lambda: not place.processes())
    assert list((place.root / "deploy").glob("*-*")) == []


def test_a_cancel_while_a_script_downloads_ends_it_before_anything_is_installed(
    plane: ControlPlane, place: Place, tmp_path: Path
) -> None:
    made = plane.post("/setups", place.order())[1]
    wait = 'case "$*" in *setup/parcel*) touch "$HOME/fetched"; until [ -e "$HOME/go" ]; do sleep 0.1; done ;; esac'
    place.add_program("curl", f'#!/bin/sh\n{shutil.which("curl")} "$@"\ncode=$?\n{wait}\nexit $code\n')
    with (tmp_path / "said").open("w") as said:
        command = ["/bin/sh", "-c", made["command"]]
        script = subprocess.Popen(command, env=place.environment, stdout=said, stderr=said)
    until((place.home / "fetched").exists, 30)

    plane.post(f"/jobs/{made['jobId']}/cancel")
    assert ended(plane, made["jobId"])["state"] == "cancelled"
    (place.home / "go").touch()
    assert script.wait(30) == 1
    assert "muster: Cancelled" in (tmp_path / "said").read_text()
    assert not (place.root / "daemon").exists()


def test_a_setup_is_refused_without_its_token(plane: ControlPlane) -> None:
    plane_headers, plane.headers = plane.headers, {"Authorization": "Bearer mjt_nothing"}
    try:
        assert plane.get("/setup.sh")[1]["code"] == "setup_refused"
        assert plane.get("/setup/parcel")[1]["code"] == "setup_refused"
        assert plane.get("/setup/runtime")[1]["code"] == "setup_refused"
        assert plane.post("/setup/receipt?offset=0")[1]["code"] == "setup_refused"
    finally:
        plane.headers = plane_headers


def bundle(plane: ControlPlane, place: Place, **said: Any) -> Path:
    """An offline bundle, unpacked on the machine."""
    body = json.dumps(place.order(**said)).encode()
    headers = {**plane.headers, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{plane.url()}{BASE}/setups/bundle", body, headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own address
        content = answer.read()
    where = place.programs.parent / "stick"
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(where, filter="data")
    return where / "muster-by-hand"


@pytest.mark.long
def test_an_offline_bundle_makes_a_machine_a_node_with_the_same_receipt(plane: ControlPlane, place: Place) -> None:
    folder = bundle(plane, place, agents=2)

    ran = place.run(f"sh {folder}/install.sh")

    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    until(lambda: plane.get("/nodes/by-hand")[1].get("agents") == ["by-hand-0", "by-hand-1"], 60)
    [found] = plane.get("/jobs?kind=deploy&node=by-hand&limit=1")[1]["jobs"]
    job = ended(plane, found["id"])
    assert (job["state"], job["target"]["origin"]) == ("succeeded", "bundle"), job
    assert {step["state"] for step in job["steps"]} == {"succeeded"}


def test_a_bundle_without_a_token_holds_nothing_secret_and_installs_without_a_network(
    plane: ControlPlane, place: Place
) -> None:
    folder = bundle(plane, place, withToken=False, agents=0)
    assert not (folder / "files" / "join-token").exists()
    assert "TOKEN=''" in (folder / "install.sh").read_text()

    ran = place.run(f"sh {folder}/install.sh")

    assert "The daemon goes on" in ran.stdout
    assert (place.root / "daemon" / "worker.pyz").exists()


def test_a_damaged_bundle_is_refused(plane: ControlPlane, place: Place) -> None:
    folder = bundle(plane, place, withToken=False)
    with (folder / "files" / "worker.pyz").open("ab") as program:
        program.write(b"x")

    ran = place.run(f"sh {folder}/install.sh")

    assert (ran.returncode, "files/worker.pyz is damaged" in ran.stderr) == (1, True)
    assert place.tree() == set()
