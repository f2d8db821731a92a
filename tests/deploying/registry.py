"""A package registry on loopback that has two packages: one that passes for PM2, and an agent's."""

import base64
import hashlib
import http.server
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILES = {
    "pm2": {"package.json": {"name": "pm2", "version": "1.0.0", "main": "pm2.js"}, "pm2.js": "", "bin/pm2": ""},
    "the-agent-package": {
        "package.json": {"name": "the-agent-package", "version": "2.0.0", "bin": {"the-agent": "agent.js"}},
        "agent.js": "#!/usr/bin/env node\nconsole.log('an agent')\n",
    },
}


class Registry:
    """Serves packages; `held` keeps the archive of one from being sent, and `asked` is what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.held = ""
        self.let_go = threading.Event()
        self._archives = {name: _archive(files) for name, files in FILES.items()}
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry.asked.append(self.path)
                self._answer(*registry._found(self.path))

            def _answer(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def write_lock(self, folder: Path) -> None:
        """What is sent along for this PM2."""
        about = {"name": "muster-runtime", "private": True, "dependencies": {"pm2": "1.0.0"}}
        (folder / "package.json").write_text(json.dumps(about))
        locked = {"version": "1.0.0", "integrity": self._integrity("pm2")}
        packages = {"": {"name": about["name"], "dependencies": about["dependencies"]}, "node_modules/pm2": locked}
        lock = {"name": about["name"], "lockfileVersion": 3, "requires": True, "packages": packages}
        (folder / "package-lock.json").write_text(json.dumps(lock))

    def stop(self) -> None:
        """No more answers."""
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()

    def _found(self, path: str) -> tuple[int, bytes]:
        name, _, rest = path.lstrip("/").partition("/")
        if name not in FILES:
            return 404, b"{}"
        if rest:
            if name == self.held:
                self.let_go.wait(60)
            return 200, self._archives[name]
        about: dict[str, Any] = dict(FILES[name]["package.json"])  # type: ignore[arg-type]
        version = about["version"]
        # As registries do it: where npm fetches from is its own setting.
        about["dist"] = {"tarball": f"{self.url}/{name}/-/{name}-{version}.tgz", "integrity": self._integrity(name)}
        whole = {"name": name, "dist-tags": {"latest": version}, "versions": {version: about}}
        return 200, json.dumps(whole).encode()

    def _integrity(self, name: str) -> str:
        return "sha512-" + base64.b64encode(hashlib.sha512(self._archives[name]).digest()).decode()


@contextmanager
def a_registry() -> Iterator[Registry]:
    """One that answers meanwhile."""
    made = Registry()
    try:
        yield made
    finally:
        made.stop()


def _archive(files: dict[str, Any]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files.items():
            text = (content if isinstance(content, str) else json.dumps(content)).encode()
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(text), 0o755
            archive.addfile(entry, io.BytesIO(text))
    return made.getvalue()
