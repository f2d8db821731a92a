"""The link with which the first admin signs in: asked of the control plane's own program, and kept in memory only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from standalone.errors import StandaloneError

COMMAND = [sys.executable, "-m", "flask", "--app", "wsgi", "create-admin"]
SECONDS = 60.0


def sign_in_link(environ: dict[str, str], checkout: Path) -> str:
    """A fresh link, which counts once; the first call also makes the admin. Raises StandaloneError."""
    try:
        done = subprocess.run(
            COMMAND,
            cwd=checkout,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            start_new_session=True,  # a Ctrl-C is ours: the next pause acts on it
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise StandaloneError(f"The sign-in link was not made within {SECONDS:.0f} s.") from late
    link = done.stdout.strip()
    if done.returncode != 0 or not link:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise StandaloneError(f"The sign-in link could not be made: {last}")
    return link
