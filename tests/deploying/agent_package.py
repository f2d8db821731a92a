"""An npm package as a deployment's agents come in: one program, a real process that listens on its port."""

import io
import json
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

from tests.gateways.ssh.machines import Sshd
from tests.kit.hosts import Host

PROGRAM = """\
#!/usr/bin/env node
const http = require("http");
const id = process.argv[process.argv.indexOf("--id") + 1];
const answer = { id, pid: process.pid, port: process.env.PORT, database: process.env.DATABASE_URL, version: VERSION };
http.createServer((_, response) => response.end(JSON.stringify(answer))).listen(Number(process.env.PORT), "127.0.0.1");
"""
ASK = "import sys, urllib.request as r; print(r.urlopen('http://127.0.0.1:' + sys.argv[1], timeout=5).read().decode())"


def write(path: Path, version: str = "1.0.0", program: str = "the-agent") -> Path:
    """The package as a .tgz, as `npm pack` makes it."""
    about = {"name": "the-agent-package", "version": version, "bin": {program: "agent.js"}}
    files = {"package.json": json.dumps(about), "agent.js": PROGRAM.replace("VERSION", json.dumps(version))}
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(text), 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def answers(asked: dict[str, Any], machine: Sshd | Host) -> list[dict[str, Any]]:
    """What the agents of an order say on their own ports, asked from their machine."""
    ports = [asked["nodePort"] + 1 + index for index in range(len(asked["agents"]))]
    found = []
    for port in ports:
        if isinstance(machine, Host):
            found.append(json.loads(machine.run("python3", "-c", ASK, str(port))))
        else:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                found.append(json.load(answer))
    return found
