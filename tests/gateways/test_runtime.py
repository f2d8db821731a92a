"""Runtimes for nodes: built once, the same each time, and clear about what is missing."""

import subprocess
import tarfile
import threading
from pathlib import Path

import pytest

from app.domain.deploying.runtime import Platform
from app.domain.errors import RuntimeUnavailable
from app.gateways.runtime import Workshop, programs
from app.gateways.runtime.programs import ProgramFailed
from tests.deploying import agent_package
from tests.fleet import until
from tests.ports import closed_port


def workshop(folder: Path, said: list[str] | None = None) -> Workshop:
    return Workshop(folder, ([] if said is None else said).append, lambda: None)


def test_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeUnavailable, match=r"AGENT_PACKAGE /no/such\.tgz is not there"):
        workshop(tmp_path).bundle("/no/such.tgz", Platform.X64)


def test_without_a_registry_it_says_what_to_look_at_and_nothing_that_npm_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"http://user:canary@127.0.0.1:{closed_port()}/")

    with pytest.raises(RuntimeUnavailable) as refusal:
        workshop(tmp_path).bundle("@agenticmail/enterprise", Platform.X64)

    assert "ECONNREFUSED" in str(refusal.value)
    assert "canary" not in str(refusal.value)
    assert list(tmp_path.glob("building-*")) == []


def test_a_program_gets_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "canary")
    monkeypatch.setenv("SECRET_KEY", "canary")

    said = programs.run(["env"], 10, lambda: None, tmp_path, "/first")

    assert "canary" not in said
    assert "PATH=/first:" in said


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    script = "sleep 300 & echo $! >child; wait"

    with pytest.raises(ProgramFailed, match="not done within"):
        programs.run(["sh", "-c", script], 0.5, lambda: None, tmp_path)

    child = int((tmp_path / "child").read_text())
    assert until(lambda: _has_ended(child))


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_whoever_asks_for_the_end_is_heard_while_a_program_runs(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def heed() -> None:
        raise Enough

    with pytest.raises(Enough):
        programs.run(["sleep", "300"], 60, heed, tmp_path)


@pytest.mark.long
def test_a_runtime_is_built_once_and_runs(tmp_path: Path) -> None:
    package = agent_package.write(tmp_path / "agent.tgz")
    said: list[str] = []
    folder = tmp_path / "bundles"
    found = []
    asking = [threading.Thread(target=lambda: found.append(_asked(folder, package, said))) for _ in range(2)]
    for one in asking:
        one.start()
    for one in asking:
        one.join(110)

    assert len({bundle.sha256 for bundle in found}) == 1
    assert len([line for line in said if line.startswith("Built in")]) == 1
    bundle = found[0]
    assert {"the-agent", "pm2"} <= bundle.programs
    unpacked = tmp_path / "unpacked"
    with tarfile.open(bundle.path) as archive:
        assert {(entry.uid, entry.gid, entry.mtime) for entry in archive} == {(0, 0, 0)}
        archive.extractall(unpacked, filter="tar")
    node = subprocess.run([unpacked / "bin" / "node", "--version"], check=True, capture_output=True, text=True)
    assert node.stdout.startswith("v24.")
    assert (unpacked / "lib/node_modules/.bin/the-agent").resolve().name == "agent.js"
    assert b"://" not in b"".join(path.read_bytes() for path in unpacked.rglob(".package-lock.json"))
    assert not list(folder.glob("building-*"))
    assert not list(folder.glob("*.part"))


def _asked(folder: Path, package: Path, said: list[str]) -> object:
    try:
        return workshop(folder, said).bundle(str(package), Platform.X64)
    except RuntimeUnavailable as failure:
        said.append(str(failure))
        raise
