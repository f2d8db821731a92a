"""Where machines reach this control plane, and the line that makes one of them a node."""

import shlex

from flask import request

from app.extensions import settings


def base_url() -> str:
    """The configured public URL, or else the one that this request came to."""
    return settings().public_url or request.url_root.rstrip("/")


def join_command(name_pattern: str, join_token: str) -> str:
    """One shell line. `echo` is part of the shell, so the token is in no list of processes and no environment."""
    here = base_url()
    is_one = not set("*?") & set(name_pattern)
    node_id = shlex.quote(name_pattern) if is_one else '"$(hostname)"'
    program = f"curl -fsS {shlex.quote(here + '/worker.pyz')} -o worker.pyz"
    return f"{program} && echo '{join_token}' | python3 worker.pyz join {shlex.quote(here)} --node-id {node_id}"


def setup_command(url: str, join_token: str) -> str:
    """One shell line that fetches a setup's script and runs it. `curl` reads the token from its standard input."""
    header = f'header = "Authorization: Bearer {join_token}"'
    return f"echo '{header}' | curl -fsS -K - {shlex.quote(url + '/api/engine/cluster/setup.sh')} | sh"
