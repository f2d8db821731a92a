"""Entry of the daemon: `python -m node_daemon` or `worker.pyz`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Sequence

from node_daemon import __version__, daemon, joining, log, settings
from node_daemon.assignments import guard
from node_daemon.errors import StartError
from node_daemon.lifecycle import watchdog


def main(argv: Sequence[str] | None = None) -> int:
    """Run the daemon; answers the exit code (78: bad configuration, 75: try again later)."""
    options = _parser().parse_args(argv)
    if options.command == "watch-upgrade":
        return watchdog.watch(Path(options.state_dir), options.seconds)
    try:
        joins = options.command == "join"
        chosen = joining.variables(options) if joins else {}
        checked = settings.load({**os.environ, **chosen})
        log.set_level(checked.log_level)
        if options.once or options.dry_run:
            return daemon.speak_once(checked, send=not options.dry_run)
        if not joins:
            return guard.watch(checked) if options.command == guard.NAME else daemon.run(checked)
        code = daemon.join(checked, joining.token_from_input())
        joining.keep(chosen)
        return code if options.no_run else daemon.run(settings.load({**os.environ, **chosen}))
    except StartError as error:
        sys.stderr.write(f"node_daemon: {' '.join(str(error).split())}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="worker", description="Reports this machine to the control plane and keeps its agents running."
    )
    parser.add_argument("--once", action="store_true", help="register, send one heartbeat, print both, and end")
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent; send and start nothing")
    parser.add_argument("--version", action="version", version=f"muster-node-daemon {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="{join}")
    joining.add_parser(commands)
    commands.add_parser(guard.NAME)  # what the daemon leaves behind; nothing to be typed either
    watching = commands.add_parser("watch-upgrade")  # what an upgrade leaves behind; nothing to be typed
    watching.add_argument("state_dir")
    watching.add_argument("seconds", type=float)
    return parser


if __name__ == "__main__":
    sys.exit(main())
