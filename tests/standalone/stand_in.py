"""A checkout whose processes only answer and live, to try the real supervisor program within a second or two."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.fleet import until
from tests.ports import free_port
from tests.standalone.polling import eventually

PROCFILE = """\
release: python processes.py release
web: python processes.py web
worker: python processes.py live
beat: python processes.py live
flower: python processes.py flower
"""
PROCESSES = """\
import json, os, subprocess, sys, time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        tick = {"ok": True, "lastTick": datetime.now(timezone.utc).isoformat()}
        body = json.dumps({"ready": True, "missing": [], "checks": {"celery": tick}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

name = sys.argv[1]
if name == "live":
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    time.sleep(600)
elif name != "release":
    HTTPServer(("127.0.0.1", int(os.environ["PORT" if name == "web" else "FLOWER_PORT"])), Answers).serve_forever()
"""
START = """\
import sys
from pathlib import Path
from standalone.__main__ import main
sys.exit(main([], Path(sys.argv[1])))
"""


@dataclass
class Started:
    """A supervisor that was started on a stand-in checkout."""

    process: subprocess.Popen[str]
    home: Path
    output: Path
    port: int

    def said(self, text: str) -> bool:
        return text in self.output.read_text()

    def wait_running(self) -> None:
        eventually(lambda: self.said("Muster is running") or self.process.poll() is not None, 120)
        assert self.said("Muster is running"), self.output.read_text()

    def family(self) -> list[psutil.Process]:
        """The supervisor and all that it started."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def child(self, words: str) -> psutil.Process:
        """The one child whose command line holds these words, as soon as there is exactly one."""
        return until(lambda: self._only_child(words), 15)

    def _only_child(self, words: str) -> psutil.Process | None:
        children = psutil.Process(self.process.pid).children()
        found = [child for child in children if words in line_of(child)]
        return found[0] if len(found) == 1 else None


def line_of(process: psutil.Process) -> str:
    """Its command line; empty once it has ended."""
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def is_gone(process: psutil.Process) -> bool:
    """Whether it has ended; a zombie that only waits to be collected has."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


def make_checkout(folder: Path, processes: str = PROCESSES, procfile: str = PROCFILE) -> Path:
    checkout = folder / "checkout"
    checkout.mkdir()
    (checkout / "Procfile").write_text(procfile)
    (checkout / "processes.py").write_text(processes)
    return checkout


@contextlib.contextmanager
def started(
    folder: Path, checkout: Path, standard_input: int = subprocess.DEVNULL, **environ: str
) -> Iterator[Started]:
    """Start the real program on that checkout, state in `folder`; whatever is left at the end is killed."""
    port = free_port()
    (folder / "home").mkdir(exist_ok=True)
    if not (folder / "home" / "ports.json").exists():  # or two tests at once would both prefer Flower's usual port
        (folder / "home" / "ports.json").write_text(json.dumps({"flower": free_port()}))
    own = {"MUSTER_HOME": str(folder / "home"), "PORT": str(port), "LOCAL_NODE": "0", "PYTHONPATH": str(Path.cwd())}
    own["CLUSTER_AUTH"] = "off"  # with sign-in on, a start also runs Flask's command line, which is not stood in for
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "HOST")}
    output = folder / "output"
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(checkout)],
            env=clean | own | environ,
            stdin=standard_input,
            stdout=file,
            stderr=file,
            text=True,
            start_new_session=True,
        )
    run = Started(process, folder / "home", output, port)
    try:
        yield run
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGTERM)
        process.wait(30)
