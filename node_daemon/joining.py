"""`worker.pyz join`: makes this machine a node, keeps its settings for later starts, and goes on as the daemon."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import Mapping

from node_daemon import log, worker_env
from node_daemon.errors import SettingsError
from node_daemon.settings import Settings

OPTIONS = {
    "node_id": "WORKER_NODE_ID",
    "name": "WORKER_NAME",
    "host": "WORKER_HOST",
    "capabilities": "WORKER_CAPABILITIES",
}


def add_parser(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of the subcommand."""
    parser = parsers.add_parser("join", help="make this machine a node; the join token is read from standard input")
    parser.add_argument("url", help="the control plane, for example https://control-plane.example")
    parser.add_argument("--node-id", required=True, help="a unique id for this machine")
    parser.add_argument("--name", help="shown in the dashboard; the node id if left out")
    parser.add_argument("--host", help="how the control plane reaches this machine")
    parser.add_argument("--capabilities", help="comma-separated, for example browser,gpu")
    parser.add_argument("--no-run", action="store_true", help="join only; do not go on as the daemon")


def variables(options: argparse.Namespace) -> dict[str, str]:
    """The variables that these options stand for."""
    said = {variable: getattr(options, name) for name, variable in OPTIONS.items()}
    if not os.environ.get("WORKER_NAME"):
        said["WORKER_NAME"] = said["WORKER_NAME"] or options.node_id
    return {"ENTERPRISE_URL": options.url, **{key: value for key, value in said.items() if value}}


def keep(chosen: Mapping[str, str]) -> None:
    """Write the variables into worker.env, so that the daemon finds them when it is started without options."""
    path = worker_env.default_path(os.environ.get("HOME") or str(Path.home()))
    try:
        worker_env.put(path, chosen)
    except OSError as error:
        log.warn("the settings were not kept for the next start", file=path, reason=error.strerror)


def token_from_input() -> str:
    """The first line of standard input; empty when there is none."""
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        sys.stderr.write("Join token: ")
        sys.stderr.flush()
    return sys.stdin.readline().strip()


def given_token(settings: Settings) -> str:
    """The token that the settings name, as a file or as itself; the file wins."""
    path = settings.join_token_file
    if path is None:
        return settings.join_token
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        return ""  # it was used at an earlier start
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"WORKER_JOIN_TOKEN_FILE cannot be read ({path})") from None


def delete_token_file(settings: Settings) -> None:
    """It was used, or is held in memory: no need for it to lie around."""
    if settings.join_token_file is not None:
        with contextlib.suppress(FileNotFoundError):
            try:
                settings.join_token_file.unlink()
            except PermissionError:
                log.warn("the file of the join token could not be deleted", file=settings.join_token_file)
