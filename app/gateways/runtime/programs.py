"""Runs npm and pip: argument lists, a deadline, an environment without secrets, and none of their words passed on."""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.2
# How they find their index and their way out; everything else of our environment stays here.
PASSED_ON = re.compile(
    r"PATH|HOME|LANG|LC_.*|TMPDIR|USER|(HTTPS?|NO)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
    r"|PIP_.*|NPM_CONFIG_.*",
    re.IGNORECASE,
)
CODE = re.compile(r"npm (?:error|ERR!) code ([A-Z][A-Z0-9_]{2,40})")

Heed = Callable[[], None]  # called about five times a second; it raises to end the work


class ProgramFailed(Exception):
    """The program did not end well. `reason` is a few words of ours: its own may hold addresses and credentials."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def run(command: Sequence[str], limit: float, heed: Heed, cwd: Path, path: str = "") -> str:
    """Run a program within `limit` seconds; its standard output. `path` comes first on PATH. Raises ProgramFailed."""
    environment = {key: value for key, value in os.environ.items() if PASSED_ON.fullmatch(key)}
    environment["PATH"] = os.pathsep.join(filter(None, (path, environment.get("PATH", os.defpath))))
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as failure:
            raise ProgramFailed(failure.strerror or "cannot be started") from failure
        _wait(process, limit, heed)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            code = CODE.search(errors.read().decode("utf-8", "replace"))
            raise ProgramFailed(code[1] if code else f"exit code {process.returncode}")
        return output.read().decode("utf-8", "replace")


def _wait(process: "subprocess.Popen[bytes]", limit: float, heed: Heed) -> None:
    deadline = time.monotonic() + limit
    try:
        while process.poll() is None:
            heed()
            if time.monotonic() > deadline:
                raise ProgramFailed(f"not done within {limit:.0f} s")
            time.sleep(LOOK_SECONDS)
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
