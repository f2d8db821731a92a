"""A machine makes its runtime itself: the runner on our shell, Node.js and npm, with a registry on loopback."""

import ast
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.domain.deploying.files import runner_vars
from app.services.deploying import remote
from app.services.deploying.remote import make_runtime
from tests.deploying.machines import add_program, without
from tests.deploying.registry import Registry, a_registry
from tests.fleet import until
from tests.kit.roots import HIDDEN

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(shutil.which("npm") is None or NODE is None, reason="npm is not installed")
Process = subprocess.Popen[str]
START = Callable[..., Process]


class Machine:
    """This one, with another home folder and other programs."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self.home, self.programs, self.registry = folder / "home", folder / "bin", registry
        self.runtimes = self.home / ".agenticmail" / "runtime"
        self.path = os.environ["PATH"]
        self._folder, self._started = folder, list[Process]()
        self.home.mkdir()
        self.programs.mkdir()
        (self.home / ".npmrc").write_text(f"registry={registry.url}\n")

    def start(self, package: str = "the-agent-package@2.0.0", program: str = "the-agent", manager: str = "") -> Process:
        """A job that makes the runtime; it fails after that, as the daemon is not sent along."""
        job = self.home / ".agenticmail" / "deploy" / f"job-{len(self._started)}"
        job.mkdir(parents=True)
        said = {"JOB_ID": job.name, "DAEMON_SHA256": "x", "RUNTIME_SHA256": "", "SYSTEMD_USER": "no", "NODE_PORT": "1"}
        (job / "vars").write_text(runner_vars(said))
        recipe = {"package": package, "program": program, "manager": manager, "sudo": bool(manager)}
        (job / "runtime.json").write_text(json.dumps(recipe))
        self.registry.write_lock(job)
        for name in ("runner.sh", "make_runtime.py"):
            (job / name).write_bytes(remote.script(name))
        process = subprocess.Popen(
            ["sh", str(job / "runner.sh"), str(job)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"HOME": str(self.home), "PATH": f"{self.programs}:{self.path}"},
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def run(self, **recipe: str) -> str:
        """What such a job says to its end."""
        return self.start(**recipe).communicate(timeout=60)[0]

    def has_no_node(self) -> None:
        """Only what is in `programs` and what every machine has is found from now on."""
        self.path = str(without(self._folder / "plain", (Path(name).name for name in HIDDEN)))

    def end(self) -> None:
        """Nothing of its jobs is left."""
        for process in self._started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=10)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with a_registry() as registry:
        made = Machine(tmp_path, registry)
        yield made
        made.end()


def test_a_job_that_is_killed_in_the_middle_of_npm_leaves_the_old_runtime_and_the_next_one_makes_its_own(
    machine: Machine,
) -> None:
    (machine.runtimes / "former").mkdir(parents=True)
    (machine.runtimes / "current").symlink_to("former")
    machine.registry.held = "the-agent-package"
    first = machine.start()
    until(lambda: any(path.endswith(".tgz") and "agent" in path for path in machine.registry.asked), 30)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(10)

    [left] = machine.runtimes.glob("*.new")
    assert (left / "lib" / "node_modules" / "pm2").exists()
    assert (machine.runtimes / "current").readlink() == Path("former")

    machine.registry.held = ""
    machine.registry.let_go.set()
    said = machine.run()

    assert "@@ step runtime ok installed\n" in said, said
    made = machine.runtimes / "current"
    assert made.readlink() == Path(left.name.removesuffix(".new"))
    agent = made / "lib" / "node_modules" / ".bin" / "the-agent"
    ran = subprocess.run([made / "bin" / "node", agent], capture_output=True, check=True)
    assert ran.stdout == b"an agent\n"
    assert sorted(path.name for path in machine.runtimes.iterdir()) == sorted(
        [made.readlink().name, "current", "former"]
    )
    assert {path.name for path in machine.home.iterdir()} == {".agenticmail", ".npmrc"}

    machine.registry.asked.clear()
    assert "@@ step runtime ok present\n" in machine.run()
    assert machine.registry.asked == []


def test_a_registry_that_is_not_reached_is_found_out_soon_and_named(machine: Machine) -> None:
    (machine.home / ".npmrc").write_text("registry=http://name:canary@127.0.0.1:9/\n")
    began = time.monotonic()

    said = machine.run()

    assert "@@ step runtime fail step_failed npm does not get PM2 from its registry" in said, said
    assert "(ECONNREFUSED)" in said
    assert "canary" not in said
    assert time.monotonic() - began < 15
    assert list(machine.runtimes.iterdir()) == []


def test_a_package_without_the_agents_program_is_refused(machine: Machine) -> None:
    said = machine.run(program="another")

    assert "@@ step runtime fail step_failed AGENT_COMMAND starts another, which is no program of the" in said, said
    assert not (machine.runtimes / "current").exists()


# Packages: a machine that has neither Node.js nor npm, and a package manager with a character.

INSTALLS = f"""\
echo "$*" >>"$HOME/apt"
case "$*" in *install*) ln -sf {NODE} "{{programs}}/node"; ln -sf {shutil.which("npm")} "{{programs}}/npm";; esac"""


def packages(machine: Machine, apt_get: str, candidate: str = "20.19.2+dfsg-1", sudo: str = 'shift; exec "$@"') -> str:
    """What a job says on a machine whose package manager is like that."""
    machine.has_no_node()
    add_program(machine.programs, "dpkg", ":")
    add_program(machine.programs, "sudo", sudo)
    add_program(machine.programs, "apt-get", apt_get.replace("{programs}", str(machine.programs)))
    add_program(machine.programs, "apt-cache", f'printf "nodejs:\\n  Candidate: {candidate}\\n"')
    return machine.run(manager="apt-get")


def test_what_the_machine_lacks_comes_from_its_packages_first(machine: Machine) -> None:
    said = packages(machine, INSTALLS)

    assert "@@ step runtime ok installed\n" in said, said
    asked = [line.split()[-1] for line in (machine.home / "apt").read_text().splitlines()]
    assert asked == ["update", "nodejs"]
    assert (machine.runtimes / "current" / "bin" / "node").readlink() == machine.programs / "node"


@pytest.mark.parametrize(
    ("character", "sentence"),
    [
        ({"apt_get": "echo E: no connection; exit 100"}, "apt-get could not be brought up to date (exit code 100)"),
        (
            {"apt_get": INSTALLS, "candidate": "18.20.4+dfsg-1"},
            "have Node.js 18.20.4+dfsg-1 only: install Node.js 20.6",
        ),
        ({"apt_get": INSTALLS, "candidate": "(none)"}, "the packages of this system have no Node.js: install"),
        ({"apt_get": ":"}, "Node.js 20.6 or newer with npm is needed; this machine has none"),
        ({"apt_get": "echo No space left on device; exit 100"}, "disk_full apt-get could not be brought up to date"),
        (
            {"apt_get": INSTALLS, "sudo": "echo sudo: a password is required >&2; exit 1"},
            "sudo_password apt-get could not be brought up to date: sudo wants a password",
        ),
    ],
)
def test_a_package_manager_that_cannot_is_named_and_nothing_is_changed(
    machine: Machine, character: dict[str, str], sentence: str
) -> None:
    said = packages(machine, **character)

    assert "@@ step runtime fail " in said, said
    assert sentence in said
    assert said.endswith("@@ end fail\n")
    assert not machine.runtimes.exists()
    assert not (machine.programs / "node").exists()


def test_a_program_that_takes_too_long_is_ended(capfd: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    with pytest.raises(make_runtime.Failed, match="npm did not end in time"):
        make_runtime.Machine().run(["sleep", "60"], "npm", limit=0.3)
    assert time.monotonic() - began < 5


def test_a_program_of_root_that_takes_too_long_is_ended_by_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_program(tmp_path, "sudo", 'shift; exec "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(subprocess.Popen, "send_signal", refuse)
    began = time.monotonic()
    with pytest.raises(make_runtime.Failed, match="apt-get update did not end in time"):
        make_runtime.Machine().run([*make_runtime.SUDO, "sleep", "60"], "apt-get update", limit=0.3)
    assert time.monotonic() - began < 5


def test_what_is_said_holds_no_credentials_and_no_mark(capsys: pytest.CaptureFixture[str]) -> None:
    make_runtime.say("@@ end ok")
    make_runtime.say("GET https://name:canary@registry.example/pm2 with //registry.example/:_authToken=canary")
    said = capsys.readouterr().err
    assert said.splitlines()[0] == " @@ end ok"
    assert "canary" not in said
    assert "https://***@registry.example/pm2" in said


def test_it_runs_on_the_oldest_python_of_a_node() -> None:
    source = remote.script("make_runtime.py").decode()
    ast.parse(source, feature_version=(3, 8))
