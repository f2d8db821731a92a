"""Machines that are not as one would wish: each deploy ends with the code and the sentence that help."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from tests.deploying.machines import a_machine, add_program, without
from tests.deploying.orders import deploy, ended, lines, order
from tests.deploying.steps import at, at_work, slowed
from tests.fleet import until
from tests.gateways.ssh.machines import SSHD, Sshd
from tests.journeys.control_plane import WORKER, ControlPlane
from tests.kit.proof import ROOM


@pytest.fixture
def full(home: Path) -> Iterator[Path]:
    """A home folder on a disk that holds half of what is sent, and claims more."""
    if os.getuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(home)], check=False)
    if mounted.returncode != 0:
        pytest.skip("may not mount a tmpfs here")
    yield home
    subprocess.run(["umount", "-l", str(home)], check=True)


def test_a_disk_that_fills_up_is_named_and_nothing_half_is_left(
    plane: ControlPlane, machine: Sshd, programs: Path, full: Path
) -> None:
    add_program(programs, "df", "printf 'head\\nnone 900000 0 900000 0%% /\\n'")

    job = ended(plane, deploy(plane, order(machine, "full")))

    assert (job["state"], job["code"]) == ("failed", "disk_full"), job
    assert "No space left" in job["message"]
    assert [path for path in full.rglob("*") if path.is_file()] == []


def test_too_little_room_is_refused_before_anything_is_sent(
    plane: ControlPlane, machine: Sshd, programs: Path, home: Path
) -> None:
    add_program(programs, "df", "printf 'head\\nnone 900000 0 20480 0%% /\\n'")

    job = ended(plane, deploy(plane, order(machine, "small")))

    assert (job["code"], job["message"]) == ("disk_full", "20 MB are free in the home folder; 100 MB are needed")
    assert list(home.iterdir()) == []


def test_a_user_without_a_shell_is_named(plane: ControlPlane, tmp_path: Path) -> None:
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    with Sshd(tmp_path, "ForceCommand /bin/false") as machine:
        job = ended(plane, deploy(plane, order(machine, "shellless")))

    assert (job["state"], job["code"]) == ("failed", "no_shell"), job
    assert "login shell" in job["advice"]


def test_login_files_that_talk_change_nothing(plane: ControlPlane, tmp_path: Path, home: Path, programs: Path) -> None:
    talk = "echo Welcome to this machine; echo @@ step daemon fail disk_full it is not; printf no-end;"
    with a_machine(tmp_path, home, programs, talk) as machine:
        job_id = deploy(plane, order(machine, "talkative"))
        job = ended(plane, job_id)

    assert job["state"] == "succeeded", (job, lines(plane, job_id))
    assert [line for line in lines(plane, job_id) if "Welcome" in line or "no-end" in line] == []


@pytest.mark.long
def test_a_machine_without_setsid_is_deployed_to_and_a_cancel_ends_what_runs_there(
    plane: ControlPlane, tmp_path: Path, home: Path, programs: Path
) -> None:
    plain = without(tmp_path / "plain", ["setsid", "systemctl"])
    with a_machine(tmp_path, home, programs, path=str(plain)) as machine:
        asked = order(machine, "no-setsid")
        job_id = deploy(plane, asked)
        done = ended(plane, job_id)
        assert done["state"] == "succeeded", (done, lines(plane, job_id))
        assert done["result"]["facts"]["setsid"] == "no"
        daemon = psutil.Process(int((home / ".agenticmail" / "state" / "pid").read_text()))
        assert os.getsid(daemon.pid) == daemon.pid
        assert "@reboot sh " in (home / "crontab").read_text()

        with slowed(machine, programs, "settings", 60):
            job_id = deploy(plane, {**asked, "capabilities": ["gpu"]})
            at(plane, job_id, "settings")
            plane.post(f"/jobs/{job_id}/cancel")
            assert ended(plane, job_id, 5 * ROOM)["state"] == "cancelled"
            until(lambda: at_work(home, "register") == [], 10)  # but the daemon and its agents


@pytest.mark.long
def test_sudo_that_wants_a_password_is_noted_and_not_waited_for(
    plane: ControlPlane, machine: Sshd, programs: Path
) -> None:
    identity = shutil.which("id")
    add_program(programs, "id", f'[ "$1" = -u ] && echo 1000 || exec {identity} "$@"')
    add_program(programs, "sudo", 'echo "password for me:" >/dev/tty 2>/dev/null; [ "$1" = -n ] && exit 1; sleep 600')

    job_id = deploy(plane, order(machine, "sudo"))

    assert ended(plane, job_id)["state"] == "succeeded"
    assert "note: sudo wants a password here; it is not needed and not used" in lines(plane, job_id)


@pytest.mark.long
def test_deploys_that_redis_forgot_end_and_say_what_to_do(plane: ControlPlane, machine: Sshd) -> None:
    plane.terminate("worker")
    job_id = deploy(plane, order(machine, "forgotten"))
    with redis.Redis.from_url(plane.environment["REDIS_URL"]) as client:
        client.flushdb()
    with closing(psycopg2.connect(plane.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE jobs SET rung_at = now() - interval '1 h' WHERE id = %s", [job_id])
        connection.commit()
    plane.run("worker", *WORKER)

    job = ended(plane, job_id, 30)

    assert (job["state"], job["code"], job["advice"]) == ("failed", "credential_expired", "Retry with the key")
