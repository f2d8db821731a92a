"""The worker node on this machine: the real daemon with two small demo agents."""

from __future__ import annotations

import json
import re
import socket
import sys
from pathlib import Path

from standalone import environment
from standalone.errors import StandaloneError
from standalone.process import Process
from standalone.settings import StandaloneSettings
from standalone.state import StateFolder

DEMO_AGENT = Path(__file__).with_name("demo_agent.py")
DEMO_AGENTS = {"demo-1": ("Demo writer", "writer"), "demo-2": ("Demo counter", "counter")}
PREFERRED_PORT = 3101
# What is meant for the control plane in our own environment; agents inherit the daemon's, and some of it is secret.
CONTROL_PLANE_ONLY = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SECRET_KEY_FILE",
    "WORKER_DATABASE_URL",
    "FLOWER_URL",
    "FLOWER_BASIC_AUTH",
    "HOST",
    "LOG_LEVEL",
    "WORKER_BIND",
    "WORKER_AGENTS_FILE",
)


def node_id(hostname: str) -> str:
    """An id that the protocol allows (letters, digits, dot, dash, underscore) and that is the same at every start."""
    return ("local-" + re.sub(r"[^A-Za-z0-9._-]+", "-", hostname).strip("-._"))[:64].rstrip("-._")


def own_id() -> str:
    return node_id(socket.gethostname() or "machine")


def token_file(state: StateFolder) -> Path:
    """Where the daemon finds a join token; it deletes the file."""
    return state.folder("node") / "join-token"


def agents_file(lock_file: Path) -> dict[str, list[dict[str, object]]]:
    """What the daemon shall run."""
    return {
        "agents": [
            {
                "id": agent,
                "name": name,
                "role": role,
                "command": [sys.executable, "-I", str(DEMO_AGENT), agent],
                "env": {"MUSTER_LOCK": str(lock_file)},
                "cwd": None,
            }
            for agent, (name, role) in DEMO_AGENTS.items()
        ]
    }


def make(settings: StandaloneSettings, state: StateFolder, checkout: Path) -> Process:
    """The daemon's process, not started yet; raises StandaloneError if the daemon was not built."""
    program = checkout / "build" / "worker.pyz"
    if not program.exists():
        raise StandaloneError(f"{program} is missing: run `make setup`, or set LOCAL_NODE=0.")
    folder = state.folder("node")
    (folder / "agents.json").write_text(json.dumps(agents_file(state.path / "lock"), indent=2) + "\n")
    kept = {name: value for name, value in environment.base().items() if name not in CONTROL_PLANE_ONLY}
    hostname = socket.gethostname() or "machine"
    own = {
        "ENTERPRISE_URL": settings.base_url,
        "WORKER_NODE_ID": own_id(),
        "WORKER_NAME": f"{hostname} (this machine)",
        "WORKER_HOST": "localhost",
        "WORKER_CAPABILITIES": "local,demo",
        "PORT": str(state.port("node", PREFERRED_PORT)),
        "WORKER_JOIN_TOKEN_FILE": str(token_file(state)),
        "WORKER_STATE_DIR": str(folder),
        "WORKER_STOP_AGENTS_ON_EXIT": "1",
    }
    log = state.folder("logs") / "node.log"
    return Process("node", [sys.executable, str(program)], log, environment=kept | own, cwd=folder)
