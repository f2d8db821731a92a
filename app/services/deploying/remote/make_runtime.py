"""Makes a runtime on this machine: its own Node.js, and by npm PM2 and the agent package. Needs Python 3.8 and no more.

Argument: the folder of the job. Says the name of the runtime, which stands for all that is in it, on standard output;
what it does, and the mark of a failure, on standard error. A runtime is there as a whole or not at all.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

FORMAT = 1  # of the runtime: another one makes another runtime of the same parts
OLDEST_NODE, OLDEST_NPM = (20, 6), (9, 0)
STEP_SECONDS = 480.0  # for all of it
PROBE_SECONDS = 20.0
WORD_SECONDS = 10.0  # between signs of life in the log
GRACE_SECONDS = 5.0
TOLD = 3  # exit code: what went wrong was said
BREW_PLACES = "/opt/homebrew/bin:/usr/local/bin"  # where a session of SSH does not look
CREDENTIALS = re.compile(r"(//)[^/@\s]+(?=@)|((?:_authToken|_password|_auth)\s*=\s*)\S+")
QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress"]
APT = ["-q", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"]
APT += ["-o", "DPkg::Lock::Timeout=60", "-o", "APT::Update::Error-Mode=any"]  # else it is well pleased when offline
# What brings Node.js, and then npm where that did not come with it.
MANAGERS = {
    "apt-get": [
        ["dpkg", "--configure", "-a"],
        ["apt-get", *APT, "update"],
        ["apt-get", *APT, "-y", "--no-install-recommends", "install"],
    ],
    "dnf": [["dnf", "-y", "--setopt=timeout=10", "--setopt=retries=1", "install"]],
    "apk": [["apk", "--no-progress", "update"], ["apk", "--no-progress", "add"]],
    "brew": [["brew", "install"]],
}
SUDO = ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]  # it keeps nothing of our environment
NAMES = {"brew": ("node", "npm")}


class Failed(Exception):
    """It cannot be made; the message is for people."""

    def __init__(self, sentence: str, code: str = "step_failed") -> None:
        super().__init__(sentence)
        self.code = code


class Ran:
    """How a program ended, and the last lines that it said."""

    def __init__(self, code: int, lines: list[str]) -> None:
        self.code, self.text = code, "\n".join(lines[-200:])


class Machine:
    """Runs programs of this machine, all within one limit."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + STEP_SECONDS
        if sys.platform == "darwin":
            os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:{BREW_PLACES}"

    def node(self) -> tuple[str, tuple[int, int], str]:
        """Where it is, and its version; nowhere if there is none."""
        path = shutil.which("node") or ""
        said = self._asked([path, "--version"]) if path else ""
        return path, numbers(said), said

    def npm_fits(self) -> bool:
        """Whether there is one that is new enough."""
        return numbers(self._asked(["npm", "--version"])) >= OLDEST_NPM if shutil.which("npm") else False

    def run(self, command: list[str], what: str, folder: Path | None = None, limit: float = STEP_SECONDS) -> Ran:
        """Run a program to its end; what it says goes to the log. Raises Failed when the time is over."""
        until = min(self._deadline, time.monotonic() + limit)
        if command[: len(SUDO)] == SUDO:  # what root runs only root can end
            over_after = str(int(until - time.monotonic()) + 1)
            command = [*SUDO, "timeout", "-k", str(int(GRACE_SECONDS)), over_after, *command[len(SUDO) :]]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "HOMEBREW_NO_AUTO_UPDATE": "1"}
        over, done, lines = threading.Event(), threading.Event(), []
        with subprocess.Popen(
            command,
            cwd=str(folder) if folder else None,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            close_fds=False,  # it holds the deploy's lock as long as it runs, whatever becomes of this process
        ) as process:
            threading.Thread(target=_watch, args=(process, what, until, over, done), daemon=True).start()
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            for raw in process.stdout:
                lines.append(say(raw.decode("utf-8", "replace").rstrip()))
            code = process.wait()
            done.set()
        if over.is_set():
            raise Failed(f"{what} did not end in time; the lines above say how far it came")
        return Ran(code, lines)

    def _asked(self, command: list[str]) -> str:
        try:
            ran = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=PROBE_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return ran.stdout.decode("utf-8", "replace").strip()


def main(job: Path) -> None:
    """Raises Failed."""
    said = json.loads((job / "runtime.json").read_text())
    machine = Machine()
    if said["manager"] and not (machine.node()[1] >= OLDEST_NODE and machine.npm_fits()):
        install_packages(machine, said["manager"], SUDO if said["sudo"] else [])
    node, version, spelled = machine.node()
    if version < OLDEST_NODE or not machine.npm_fits():
        raise Failed(f"Node.js 20.6 or newer with npm is needed; this machine has {spelled or 'none'}")
    parts = [FORMAT, node, spelled, said["package"], said["program"], (job / "package-lock.json").read_text()]
    name = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    home = Path.home() / ".agenticmail" / "runtime" / name
    if not (home / "bin" / "node").exists():
        make(machine, job, home, node, said)
    sys.stdout.write(name)


def install_packages(machine: Machine, manager: str, sudo: list[str]) -> None:
    """Node.js and npm from the system's packages."""
    *before, install = MANAGERS[manager]
    nodejs, npm = NAMES.get(manager, ("nodejs", "npm"))
    for command in before:
        expect(machine.run([*sudo, *command], f"{manager} update"), f"{manager} could not be brought up to date")
    if machine.node()[1] < OLDEST_NODE:
        if manager == "apt-get":
            refuse_old(nodejs)
        expect(machine.run([*sudo, *install, nodejs], f"{manager} install"), f"{manager} could not install {nodejs}")
    if machine.node()[1] >= OLDEST_NODE and not machine.npm_fits():
        expect(machine.run([*sudo, *install, npm], f"{manager} install"), f"{manager} could not install {npm}")


def refuse_old(name: str) -> None:
    """A distribution may have an old one only: it is not installed in vain. Raises Failed."""
    asked = subprocess.run(["apt-cache", "policy", name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    found = re.search(r"Candidate: (?:\d+:)?(\d\S*)", asked.stdout.decode("utf-8", "replace"))
    if found is None or numbers(found[1]) < OLDEST_NODE:
        has = f"have Node.js {found[1]} only" if found else "have no Node.js"
        raise Failed(f"the packages of this system {has}: install Node.js 20.6 or newer by hand")


def make(machine: Machine, job: Path, home: Path, node: str, said: dict[str, str]) -> None:
    """Install into a new folder, look whether it works, and only then give it its name."""
    fresh = home.with_name(home.name + ".new")
    shutil.rmtree(str(fresh), ignore_errors=True)  # of somebody who was killed
    lib = fresh / "lib"
    lib.mkdir(parents=True)
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(str(job / name), str(lib))
        own = job / said["package"]
        install(machine, lib, str(own) if own.is_file() else said["package"])
        check(machine, lib, node, said["program"])
        (fresh / "bin").mkdir()
        (fresh / "bin" / "node").symlink_to(node)
        shutil.rmtree(str(home), ignore_errors=True)  # what is left of one that somebody took apart
        fresh.rename(home)
    finally:
        shutil.rmtree(str(fresh), ignore_errors=True)


def install(machine: Machine, lib: Path, package: str) -> None:
    """PM2 as it is locked, then the agent package."""
    careful = [*QUIET, f"--cache={lib / 'cache'}", "--fetch-timeout=30000", "--fetch-retry-mintimeout=1000"]
    locked = json.loads((lib / "package.json").read_text())["dependencies"]
    probe = ["npm", "view", *QUIET, f"--cache={lib / 'cache'}", "--fetch-retries=0", "--fetch-timeout=10000", "--"]
    # npm tries for two minutes to reach a registry that is not there.
    asked = machine.run([*probe, f"pm2@{locked['pm2']}", "version"], "npm view", lib, PROBE_SECONDS)
    expect(asked, "npm does not get PM2 from its registry: look at this machine's way out, and at npm's settings there")
    say("Installing PM2")
    expect(machine.run(["npm", "ci", *careful, "--fetch-retries=1"], "npm", lib), "npm could not install PM2")
    say(f"Installing {Path(package).name if package.startswith('/') else package}")
    command = ["npm", "install", "--no-save", "--install-links", "--omit=dev", *careful, "--fetch-retries=1", "--"]
    expect(machine.run([*command, package], "npm", lib), "npm could not install the agent package")
    shutil.rmtree(str(lib / "cache"), ignore_errors=True)
    kept = lib / "node_modules" / ".package-lock.json"  # holds addresses
    if kept.exists():
        kept.unlink()


def check(machine: Machine, lib: Path, node: str, program: str) -> None:
    """Whether PM2 loads, and there is the program that agents are started with. Raises Failed."""
    os.environ["PM2_HOME"] = str(lib / "pm2")  # it makes folders when it is loaded
    loaded = machine.run([node, "-e", "require('pm2')"], "PM2", lib, PROBE_SECONDS)
    shutil.rmtree(str(lib / "pm2"), ignore_errors=True)
    expect(loaded, "PM2 does not load with this Node.js")
    if not (lib / "node_modules" / ".bin" / program).exists():
        raise Failed(f"AGENT_COMMAND starts {program}, which is no program of the agent package")


def expect(ran: Ran, otherwise: str) -> None:
    """Raises Failed with the reason, as far as it is one of those that are known."""
    if ran.code == 0:
        return
    if "ENOSPC" in ran.text or "No space left" in ran.text:
        raise Failed(f"{otherwise}: the disk is full", "disk_full")
    if "a password is required" in ran.text:
        raise Failed(f"{otherwise}: sudo wants a password", "sudo_password")
    found = re.search(r"npm (?:error|ERR!) code ([A-Z][A-Z0-9_]{2,40})", ran.text)
    raise Failed(f"{otherwise} ({found[1] if found else f'exit code {ran.code}'})")


def numbers(version: str) -> tuple[int, int]:
    """The first two of a version; (0, 0) of none."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def say(line: str) -> str:
    """A line of the job's log, without credentials and never a mark."""
    line = CREDENTIALS.sub(lambda found: f"{found[1] or ''}{found[2] or ''}***", line)
    sys.stderr.write(f"{' ' if line.startswith('@@') else ''}{line}\n")
    sys.stderr.flush()
    return line


def _watch(
    process: subprocess.Popen[bytes], what: str, until: float, over: threading.Event, done: threading.Event
) -> None:
    """Say now and then that it is at work still, and end it when its time is over."""
    began = time.monotonic()
    while not done.wait(min(WORD_SECONDS, max(until - time.monotonic(), 0))):
        if time.monotonic() >= until:
            over.set()
            with suppress(PermissionError):  # it is root's
                process.terminate()
                if not done.wait(GRACE_SECONDS):
                    process.kill()
            return
        say(f"{what} has been at work for {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except Failed as failure:
        sys.stderr.write(f"@@ step runtime fail {failure.code} {failure}\n")
        sys.exit(TOLD)
    except OSError as failure:
        code = "disk_full" if failure.errno == errno.ENOSPC else "step_failed"
        sys.stderr.write(f"@@ step runtime fail {code} the runtime cannot be kept: {failure.strerror}\n")
        sys.exit(TOLD)
