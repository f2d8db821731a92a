"""Puts runtimes together and keeps the newest of them. One at a time, whoever asks."""

import fcntl
import hashlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.deploying.runtime import Bundle, Platform
from app.domain.errors import RuntimeUnavailable
from app.gateways.runtime import archive, node
from app.gateways.runtime.node import PACKAGES
from app.gateways.runtime.programs import Heed, ProgramFailed

FORMAT = 1  # of the archive: another one makes another archive of the same parts
KEPT = 3  # for each platform
NPM_SECONDS, VIEW_SECONDS, WAIT_SECONDS = 240.0, 40.0, 300.0
VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,80}")

Say = Callable[[str], None]


class Workshop:
    """A folder in which runtimes are built and kept."""

    def __init__(self, folder: Path, say: Say, heed: Heed) -> None:
        self._folder, self._say, self._heed = folder, say, heed

    def bundle(self, package: str, platform: Platform) -> Bundle:
        """The runtime with this package, built if there is none yet. Raises RuntimeUnavailable."""
        with self._stage() as stage:
            return self._found_or_built(package, platform, stage)

    def package(self, package: str) -> tuple[str, bool]:
        """What npm of another machine shall install, and whether it is a file here. Raises RuntimeUnavailable."""
        with self._stage() as stage:
            spec, digest = self._resolved(package, stage)
            if not Path(spec).is_absolute():
                return spec, False
            kept = self._folder / f"package-{digest}.tgz"
            shutil.copyfile(spec, stage / kept.name)
            (stage / kept.name).replace(kept)
            self._forget("package-*.tgz")
            return kept.name, True

    def newest(self, platform: Platform) -> Bundle | None:
        """The runtime that was used last, without a look at whether there is a newer package."""
        found = sorted(self._folder.glob(f"{platform}-*.json"), key=lambda path: path.stat().st_mtime)
        return self._kept(found[-1].stem) if found else None

    @contextmanager
    def _stage(self) -> Iterator[Path]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._alone(), tempfile.TemporaryDirectory(prefix="building-", dir=self._folder) as stage:
                yield Path(stage)
        except OSError as failure:
            raise RuntimeUnavailable(
                f"The runtime cannot be kept in BUNDLE_DIR ({self._folder}): {failure.strerror}"
            ) from failure

    def _found_or_built(self, package: str, platform: Platform, stage: Path) -> Bundle:
        spec, identity = self._resolved(package, stage)
        parts = [FORMAT, node.pin(), (PACKAGES / "package-lock.json").read_text(), identity, platform]
        key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
        kept = self._kept(f"{platform}-{key}")
        if kept is None:
            kept = self._built(spec, platform, f"{platform}-{key}", stage)
        self._say(f"The runtime is {kept.sha256[:12]} ({kept.size // 2**20} MB) with {kept.package}")
        for about in self._forget(f"{platform}-*.json"):
            about.with_suffix(".tar.gz").unlink(missing_ok=True)
        return kept

    def _built(self, spec: str, platform: Platform, key: str, stage: Path) -> Bundle:
        began = time.monotonic()
        self._say(f"Fetching Node.js for {platform}")
        binary = node.binary(self._folder, platform, self._heed)
        self._say("Installing PM2 and the agent package")
        lib = stage / "lib"
        shutil.copytree(PACKAGES, lib, ignore=shutil.ignore_patterns("node.txt"))
        foreign = [f"--cpu={platform}", "--os=linux", "--libc=glibc"]
        self._npm(["ci", *foreign], lib, "PM2")
        self._npm(["install", "--no-save", "--install-links", "--omit=dev", *foreign, "--", spec], lib, spec)
        programs = sorted(path.name for path in (lib / "node_modules" / ".bin").iterdir())
        (lib / "node_modules" / ".package-lock.json").unlink(missing_ok=True)  # holds addresses
        self._say("Packing it")
        part = self._folder / f"{key}.tar.gz.part"
        archive.pack({"bin/node": binary, "lib": lib}, part, self._heed)
        about = {
            "sha256": archive.digest(part),
            "package": Path(spec).name if Path(spec).is_absolute() else spec,
            "programs": programs,
        }
        part.replace(self._folder / f"{key}.tar.gz")
        described = self._folder / f"{key}.json.part"
        described.write_text(json.dumps(about))
        described.replace(self._folder / f"{key}.json")
        self._say(f"Built in {time.monotonic() - began:.0f} s")
        built = self._kept(key)
        assert built is not None  # noqa: S101 - it was written in the lines above
        return built

    def _resolved(self, package: str, stage: Path) -> tuple[str, str]:
        """What npm shall install, and what tells it apart from every other version."""
        path = Path(package)
        if path.is_absolute():
            if not path.exists():
                raise RuntimeUnavailable(f"AGENT_PACKAGE {package} is not there on the control plane")
            if path.is_dir():
                self._npm(["pack", "--pack-destination", str(stage), "--", package], stage, package)
                path = next(stage.glob("*.tgz"))
            return str(path), archive.digest(path)
        name, _, version = package.rpartition("@") if "@" in package[1:] else (package, "", "")
        if not version:
            said = self._npm(["view", name, "version"], stage, package, VIEW_SECONDS).strip()
            if not VERSION.fullmatch(said):
                raise RuntimeUnavailable(f"AGENT_PACKAGE {package} has no version that could be installed")
            version = said
        return f"{name}@{version}", f"{name}@{version}"

    def _npm(self, arguments: list[str], cwd: Path, what: str, limit: float = NPM_SECONDS) -> str:
        npm = node.npm(self._folder, self._heed)
        try:
            return npm.run(arguments, limit, self._heed, cwd)
        except ProgramFailed as failure:
            raise RuntimeUnavailable(
                f"{what} could not be had ({failure.reason}): look at the name and at this control plane's way to its "
                "package registry, or set AGENT_PACKAGE to a .tgz or a folder"
            ) from failure

    def _kept(self, key: str) -> Bundle | None:
        about, path = self._folder / f"{key}.json", self._folder / f"{key}.tar.gz"
        try:
            said = json.loads(about.read_text())
            about.touch()
            size = path.stat().st_size
        except (FileNotFoundError, ValueError):
            return None
        return Bundle(path, said["sha256"], size, said["package"], frozenset(said["programs"]))

    def _forget(self, pattern: str) -> list[Path]:
        """All but the newest of such files; which those were."""
        newest = sorted(self._folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest[KEPT:]:
            old.unlink()
        return newest[KEPT:]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else builds meanwhile; what somebody who was killed left is removed."""
        deadline = time.monotonic() + WAIT_SECONDS
        with (self._folder / "lock").open("w") as lock:
            waits = False
            while not _locked(lock.fileno()):
                if not waits:
                    self._say("Another deploy is putting the runtime together; waiting for it")
                waits = True
                self._heed()
                if time.monotonic() > deadline:
                    raise RuntimeUnavailable(f"The runtime was not ready within {WAIT_SECONDS:.0f} s; try again")
                time.sleep(0.2)
            for left in self._folder.glob("building-*"):
                shutil.rmtree(left, ignore_errors=True)
            yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
