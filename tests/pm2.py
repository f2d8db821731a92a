"""A runtime with Node.js and PM2, made once for all tests of a run from the lock that the control plane uses."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

LOCKED = Path(__file__).parents[1] / "app" / "gateways" / "runtime" / "packages"


def runtime(factory: pytest.TempPathFactory) -> Path:
    """A folder as a node has it: bin/node and lib/node_modules. Skips where PM2 cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("PM2 needs Node.js and npm on PATH")
    folder = factory.mktemp("runtime")
    (folder / "bin").mkdir()
    (folder / "bin" / "node").symlink_to(node)
    shutil.copytree(LOCKED, folder / "lib")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefer-offline"]
    try:
        subprocess.run(command, cwd=folder / "lib", check=True, timeout=100, env={**os.environ, "NO_COLOR": "1"})
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("PM2 could not be installed: no package registry")
    return folder
