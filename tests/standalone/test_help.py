"""What a person is told who asks for help."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def test_the_program_explains_its_variables() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "standalone", "--help"],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        timeout=30,
        check=True,
    )

    for name in ("PORT", "HOST", "MUSTER_HOME", "LOCAL_NODE", "CLUSTER_AUTH", "DATABASE_URL", "REDIS_URL", "PG_BIN"):
        assert f"\n  {name} " in done.stdout
    assert "default ~/.muster" in done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_lists_everything_that_it_can_do() -> None:
    done = subprocess.run(["make"], capture_output=True, text=True, cwd=CHECKOUT, timeout=30, check=True)

    for target in ("setup", "run", "test", "check", "long", "bench", "lock", "migration", "help"):
        assert f"\nmake {target} " in f"\n{done.stdout}"
    assert "MUSTER_HOME" in done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_an_old_python_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c \"import sys; sys.version_info = (3, 9, 2); exec('''$2''')\"\n"
    )
    old.chmod(0o755)

    done = subprocess.run(
        ["make", "setup", f"PY={old}", f"VENV={tmp_path / 'venv'}"],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        timeout=30,
        check=False,
    )

    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == "Python 3.11 or newer is needed, this is 3.9: set PY=..."
    assert not (tmp_path / "venv").exists()


def test_borrowed_servers_are_there_for_one_command_only() -> None:
    show = "import os; print(os.environ['DATABASE_URL'][:10], os.environ['REDIS_URL'][:8]); raise SystemExit(7)"

    done = subprocess.run(
        [sys.executable, "-m", "standalone.borrowed", sys.executable, "-c", show],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (7, "postgresql redis://\n")
