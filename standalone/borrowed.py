"""`python -m standalone.borrowed COMMAND…`: runs one command with servers of its own that vanish afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile

from standalone import environment
from standalone.embedded import EmbeddedServers
from standalone.errors import StandaloneError


def main(command: list[str]) -> int:
    """The command's exit code; it finds DATABASE_URL and REDIS_URL of empty servers in its environment."""
    if not command:
        print("usage: python -m standalone.borrowed COMMAND [ARGUMENT…]", file=sys.stderr)
        return 2
    # Ctrl-C reaches the command too: it decides, and we clear up after it.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with tempfile.TemporaryDirectory(prefix="muster-") as folder, EmbeddedServers(folder, fast=True) as servers:
            urls = {"DATABASE_URL": servers.database_url(), "REDIS_URL": servers.redis_url()}
            return subprocess.run(command, env=environment.base() | urls, check=False).returncode
    except StandaloneError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
