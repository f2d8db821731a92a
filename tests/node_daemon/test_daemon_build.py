"""worker.pyz: built, reproducible, and running on the Pythons of this machine."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from daemon_doubles import FakeControlPlane

from node_daemon import build
from node_daemon.machine import bundle

LOCK = build.read_lock((build.PACKAGE / "wheels.txt").read_text())


def python38() -> str | None:
    found = shutil.which("python3.8")
    if found and subprocess.run([found, "-c", ""], capture_output=True, timeout=10, check=False).returncode == 0:
        return found
    versions = Path.home() / ".pyenv" / "versions"
    return next((str(path) for path in sorted(versions.glob("3.8*/bin/python3.8"))), None)


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """worker.pyz with the wheel of this machine where it was downloaded before, else without."""
    cached = build.TARGET.parent / "wheels"
    wheels = {one.name: path.read_bytes() for one in LOCK if (path := cached / f"{one.name}.whl").exists()}
    target = tmp_path_factory.mktemp("build") / "worker.pyz"
    build.write(target, build.archive(build.sources(), wheels))
    return target


def once(python: str, pyz: Path, home: Path, plane: FakeControlPlane, **env: str) -> tuple[dict[str, Any], str]:
    environment = {"HOME": str(home), "ENTERPRISE_URL": plane.url, "WORKER_NODE_ID": "n1", "LOG_LEVEL": "debug", **env}
    ended = subprocess.run(
        [python, "-I", str(pyz), "--once"], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout), ended.stderr


def test_it_runs_on_this_python(pyz: Path, tmp_path: Path, control_plane: FakeControlPlane) -> None:
    said, _ = once(sys.executable, pyz, tmp_path, control_plane)

    assert control_plane.heartbeats == [said["heartbeat"]]


def test_it_runs_on_python_3_8(pyz: Path, tmp_path: Path, control_plane: FakeControlPlane) -> None:
    python = python38()
    if python is None:
        pytest.skip("no Python 3.8 on this machine")

    said, _ = once(python, pyz, tmp_path, control_plane)

    assert control_plane.heartbeats == [said["heartbeat"]]
    assert 0 <= said["heartbeat"]["memoryUsage"] <= 1


def test_the_bundled_psutil_is_unpacked_once_and_a_blocked_cache_means_proc(
    pyz: Path, tmp_path: Path, control_plane: FakeControlPlane
) -> None:
    with zipfile.ZipFile(pyz) as archive:
        if not any(name.endswith(".whl") for name in archive.namelist()):
            pytest.skip("the wheels were not downloaded: run python -m node_daemon.build")
    bare = ["-I", "-S"]  # without site-packages there is no psutil but the bundled one
    (tmp_path / "blocked" / ".agenticmail" / "daemon").mkdir(parents=True)
    (tmp_path / "blocked" / ".agenticmail" / "daemon" / "cache").write_text("in the way")
    seen = []
    for home in ("open", "open", "blocked"):
        environment = {
            "HOME": str(tmp_path / home),
            "ENTERPRISE_URL": control_plane.url,
            "WORKER_NODE_ID": "n1",
            "LOG_LEVEL": "debug",
        }
        ended = subprocess.run(
            [sys.executable, *bare, str(pyz), "--once"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        seen.append("machine=psutil" in ended.stderr)

    assert seen == [True, True, False]
    assert len(list((tmp_path / "open/.agenticmail/daemon/cache").iterdir())) == 1


def test_a_wheel_that_is_unpacked_already_is_not_opened_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("psutil/__init__.py", "")
        archive.writestr("psutil/tests/__init__.py", "")
    first = bundle.unpack(wheel.getvalue(), tmp_path)

    monkeypatch.delattr(zipfile, "ZipFile")

    assert bundle.unpack(wheel.getvalue(), tmp_path) == first
    assert [path.name for path in (first / "psutil").iterdir()] == ["__init__.py"]
    assert list(tmp_path.iterdir()) == [first]


def test_an_old_python_is_told_so_rather_than_a_syntax_error() -> None:
    old = build.ENTRY.replace("(3, 8)", "(99, 0)")

    ended = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True, timeout=10, check=False)

    assert ended.returncode == 1
    assert ended.stderr.startswith("worker.pyz needs Python 3.8 or newer; this is 3.")


def test_the_same_sources_give_the_same_bytes() -> None:
    wheels = {"linux-x64": b"wheel"}

    assert build.archive(build.sources(), wheels) == build.archive(build.sources(), dict(wheels))
    assert build.archive(build.sources(), {}) != build.archive(build.sources(), wheels)


def test_a_second_build_changes_nothing_but_the_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "TARGET", tmp_path / "worker.pyz")
    monkeypatch.setattr(build, "get_wheels", lambda *_: {})
    build.main()
    before = build.TARGET.read_bytes()
    os.utime(build.TARGET, (1, 1))

    build.main()

    assert "is up to date" in capsys.readouterr().out.splitlines()[1]
    assert build.TARGET.read_bytes() == before
    assert build.TARGET.stat().st_mtime > 1


def test_no_wheels_at_all_still_builds_a_daemon(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "TARGET", tmp_path / "worker.pyz")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    assert build.main() == 0

    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "without psutil, nodes fall back to /proc: linux-x64 could not be downloaded" in said
    with zipfile.ZipFile(tmp_path / "worker.pyz") as archive:
        assert "node_daemon/reporter.py" in archive.namelist()
        assert not any(name.endswith((".whl", "build.py")) for name in archive.namelist())


def test_a_wheel_that_does_not_fit_the_lock_is_not_taken_from_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "linux-x64.whl").write_bytes(b"something else")
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    with pytest.raises(build.NoWheel, match="linux-x64"):
        build.get_wheels(LOCK, tmp_path)


@pytest.mark.parametrize(
    ("system", "arch", "libc", "name"),
    [
        ("linux", "x64", "glibc", "linux-x64"),
        ("linux", "arm64", "glibc", "linux-arm64"),
        ("linux", "x64", "", "linux-musl-x64"),
        ("linux", "x64", "musl", "linux-musl-x64"),
        ("darwin", "arm64", "", "darwin-arm64"),
    ],
)
def test_the_wheel_fits_the_machine_and_is_in_the_lock(system: str, arch: str, libc: str, name: str) -> None:
    assert bundle.wheel_name(system, arch, libc) == name
    assert name in [one.name for one in LOCK]


def test_the_lock_pins_one_version_with_hashes() -> None:
    assert {one.requirement.split()[0] for one in LOCK} == {"psutil==7.2.2"}
    assert all(len(one.sha256) == 64 for one in LOCK)
