"""What is written on a node. One writer of the environment file; its reader is node_daemon/worker_env.py."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.deploying.request import DeployOrder
from app.domain.errors import InvalidInput

BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


def worker_env(variables: Mapping[str, str], comment: str = "") -> str:
    """KEY=value lines that our daemon, a shell and `node --env-file` all read alike. Raises InvalidInput."""
    head = f"# {comment}\n" if comment else ""
    return head + "".join(f"{key}={quoted(key, value)}\n" for key, value in variables.items())


def quoted(key: str, value: str) -> str:
    """A value as it stands in the file. No quoting holds a line break, so one is refused."""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise InvalidInput(f"{key} may not contain line breaks or control characters")
    if BARE.fullmatch(value):
        return value
    if "'" not in value:
        return f"'{value}'"
    if not set(value) & set('"$`\\'):
        return f'"{value}"'
    raise InvalidInput(f'{key} may not contain both an apostrophe and one of " $ ` \\')


def runner_vars(variables: Mapping[str, str]) -> str:
    """The settings of the remote runner, which a shell reads: only values that need no quoting at all."""
    for key, value in variables.items():
        if not PLAIN.fullmatch(value):
            raise ValueError(f"{key} is not plain")
    return "".join(f"{key}={value}\n" for key, value in variables.items())


def agents_json(order: DeployOrder, template: Sequence[str]) -> str:
    """The daemon's list of agents, each with a port of its own. `{id}` in a command stands for the agent's id."""
    listed: list[dict[str, Any]] = [
        {
            "id": agent.id,
            "name": agent.name or agent.id,
            "role": agent.role or None,
            "command": [part.replace("{id}", agent.id) for part in agent.command or template],
            "env": {"PORT": str(order.node_port + number)},
        }
        for number, agent in enumerate(order.agents, 1)
    ]
    return json.dumps({"agents": listed}, indent=2) + "\n"
