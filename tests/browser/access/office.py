"""An admin who works through the API: makes people, and reads what was written down about them."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from itertools import count
from typing import Any

from tests.journeys.control_plane import ROOT, ControlPlane

PASSWORD = "a long walk by the sea"


class Office:
    """Signed in once by the link of the command line, then with an API token."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self._numbers = count(1)
        self._headers = {"Content-Type": "application/json"}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "create-admin"]
        said = subprocess.run(command, cwd=ROOT, env=plane.environment, capture_output=True, text=True, check=True)
        answer = self._open("POST", "/api/session/link", {"token": said.stdout.strip().partition("#")[2]})
        with answer:
            csrf = json.load(answer)["csrfToken"]
            self._headers |= {"Cookie": answer.headers["Set-Cookie"].partition(";")[0], "X-CSRF-Token": csrf}
        made = self.ask("POST", "/api/tokens", {"name": "office", "role": "admin", "expiresInDays": 1})
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {made['secret']}"}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer to what must succeed."""
        with self._open(method, path, body) as answer:
            return json.load(answer)

    def status(self, path: str, bearer: str) -> int:
        """What somebody else's token gets there."""
        request = urllib.request.Request(self.plane.url() + path, headers={"Authorization": f"Bearer {bearer}"})  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def invite(self, role: str, name: str | None = None) -> tuple[str, str]:
        """A new person's name, and the path of the link that signs them in."""
        made = self.ask("POST", "/api/users", {"name": name or f"{role}-{next(self._numbers)}", "role": role})
        return made["name"], made["signInLink"]

    def allow(self, name: str, *, disabled: bool) -> None:
        """Disable a person, or enable them again."""
        found = self.ask("GET", f"/api/users?q={name}")["users"][0]
        self.ask("PATCH", f"/api/users/{found['id']}", {"disabled": disabled})

    def join(self, node_id: str, token: str, **said: Any) -> tuple[int, Any]:
        """A machine asks to become a node."""
        secret_hash = f"{next(self._numbers):064x}"
        body = {"nodeId": node_id, "joinToken": token, "secretHash": secret_hash, **said}
        return self.plane.post("/join", body)

    def register(self, node_id: str, **said: Any) -> None:
        """A node that is there, and reports nothing."""
        body = {"nodeId": node_id, "name": node_id, "host": "127.0.0.1", "port": 3101, **said}
        self.ask("POST", "/api/engine/cluster/register", body)

    def _open(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.plane.url() + path, data, self._headers, method=method)  # noqa: S310 - our own address
        return urllib.request.urlopen(request, timeout=10)  # noqa: S310 - our own address
