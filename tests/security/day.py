"""A day's life in miniature, in which each kind of secret is made, used, replaced and refused."""

import json
import secrets
import subprocess
from pathlib import Path
from typing import Any

from tests.fleet import CLUSTER, until
from tests.identity.accounts import code_of
from tests.journeys.test_joining import join
from tests.security.canaries import SecretPlaces, processes
from tests.security.installation import Installation

NODE = "mac-mini"


class Person:
    """A browser with a cookie."""

    def __init__(self, place: Installation) -> None:
        self.place, self.cookie, self.csrf, self.said = place, "", "", {}  # type: ignore[var-annotated]

    def ask(self, method: str, path: str, body: Any = None) -> int:
        status, self.said, cookie = self.place.send(method, path, body, Cookie=self.cookie, X_CSRF_Token=self.csrf)
        self.cookie = cookie or self.cookie
        self.csrf = (self.said or {}).get("csrfToken", self.csrf)
        return status

    @property
    def session(self) -> str:
        """The secret in the cookie."""
        return self.cookie.partition("=")[2]


class Day:
    """What happens. `known` are all secrets by name, `shown` says where one may be read, once."""

    def __init__(self, place: Installation, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.known: dict[str, str] = {}
        self.shown: SecretPlaces = {}
        self.processes: list[tuple[str, bytes]] = []  # their arguments and environments, when all were there
        self.admin = Person(place)
        self.script = ""
        for server in ("postgres", "redis", "flower"):
            self.learn(f"password of {server}", place.secret(server), "environ")

    def learn(self, name: str, value: str, *places: str) -> str:
        """Keep in mind a secret, and in which places it may be."""
        self.known[name] = value
        self.shown[name] = places
        return value

    def sign_in(self) -> None:
        """By the link of the first start, then with a password; the password is changed, and tried wrongly."""
        link = self.place.run.output.read_text().split("/sign-in#")[1].split()[0]
        self.learn("link of the start", link, "file output")
        first, second, third = Person(self.place), Person(self.place), self.admin
        assert first.ask("POST", "/api/session/link", {"token": link}) == 200
        self._signed_in("first", first, "/api/session/link")
        old, new, wrong = (f"pass{secrets.token_hex(16)}" for _ in range(3))
        self.learn("password", old)
        self.learn("next password", new)
        self.learn("wrong password", wrong)
        assert first.ask("PUT", "/api/account/password", {"new": old}) == 200
        assert second.ask("POST", "/api/session", {"name": "admin", "password": old}) == 200
        self._signed_in("second", second, "/api/session")
        assert second.ask("PUT", "/api/account/password", {"current": old, "new": new}) == 200
        assert first.ask("GET", "/api/users") == 401
        assert Person(self.place).ask("POST", "/api/session", {"name": "admin", "password": old}) == 401
        assert Person(self.place).ask("POST", "/api/session", {"name": wrong, "password": wrong}) == 401
        assert third.ask("POST", "/api/session", {"name": "admin", "password": new}) == 200
        self._signed_in("third", third, "/api/session")

    def use_second_factor(self) -> None:
        """Another person comes by a link and sets up an authenticator app."""
        assert self.admin.ask("POST", "/api/users", {"name": "ada", "role": "operator"}) == 201
        link = self.admin.said["signInLink"].partition("#")[2]
        self.learn("link for ada", link, "POST /api/users")
        ada = Person(self.place)
        assert ada.ask("POST", "/api/session/link", {"token": link}) == 200
        self._signed_in("ada's", ada, "/api/session/link")
        password = self.learn("ada's password", f"pass{secrets.token_hex(16)}")
        assert ada.ask("PUT", "/api/account/password", {"new": password}) == 200
        assert ada.ask("POST", "/api/account/totp") == 200
        app = self.learn("authenticator secret", ada.said["secret"], "POST /api/account/totp")
        assert ada.ask("PUT", "/api/account/totp", {"code": code_of(app)}) == 200
        assert ada.ask("POST", "/api/session/link", {"token": link}) == 401

    def replace_secret_key(self) -> None:
        """What the former key has sealed is sealed anew, and opens with the new key alone."""
        former, present = (self.place.run.home / "secrets" / name for name in ("former-secret-key", "secret-key"))
        former.write_text(self.learn("secret key", present.read_text().strip()))
        present.write_text(self.learn("next secret key", secrets.token_urlsafe(32)))
        assert self.place.flask("reseal").startswith("1 secrets")
        former.write_text("")
        self.place.restart_web()
        code = code_of(self.known["authenticator secret"], 1)
        ada = Person(self.place)
        signs_in = {"name": "ada", "password": self.known["ada's password"], "code": code}
        assert ada.ask("POST", "/api/session", signs_in) == 200
        self._signed_in("ada's next", ada, "/api/session")

    def replace_api_token(self) -> None:
        """A script gets a token and then the next one; the first one is revoked and tried again."""
        first = self._api_token("API token")
        first_id = self.admin.said["id"]
        self.script = self._api_token("next API token")
        assert self._as_script("GET", f"{CLUSTER}/nodes", token=first) == 200
        assert self.admin.ask("DELETE", f"/api/tokens/{first_id}") == 200
        assert self._as_script("GET", f"{CLUSTER}/nodes", token=first) == 401
        assert self._as_script("GET", f"{CLUSTER}/nodes") == 200
        made_up = self.learn("made-up API token", "mst_" + secrets.token_urlsafe(32))
        assert self._as_script("GET", f"{CLUSTER}/nodes?q={made_up[:20]}", token=made_up) == 401

    def live_as_a_node(self) -> None:
        """Join, beat, renew the credential, use a URL, be revoked; join tokens that are spent and revoked are tried."""
        spent = self.learn("join token", self.place.flask("join-token", "--node-id", NODE).strip())
        revoked = self._join_token("revoked join token")
        assert self.admin.ask("DELETE", f"/api/join-tokens/{self.admin.said['id']}") == 200
        daemon = join(self.place, self.folder, NODE, spent)  # type: ignore[arg-type]
        try:
            self._renewed(daemon)
            self._by_url()
            for token in (spent, revoked, self.learn("made-up join token", "mjt_" + secrets.token_urlsafe(32))):
                refused = {"nodeId": "other", "joinToken": token, "secretHash": "0" * 64}
                assert self.place.send("POST", f"{CLUSTER}/join", refused)[0] == 403
            assert self.admin.ask("POST", f"{CLUSTER}/nodes/{NODE}/ping") in (200, 202)
            assert self.admin.ask("DELETE", f"/api/nodes/{NODE}/credentials") == 200
            assert self._beat_by_url(self.known["URL credential"]) == 401
            assert self._as_script("GET", f"/api/refusals?q={NODE}") == 200
            self.processes = [*processes([self.place.run.process.pid, daemon.pid])]
        finally:
            daemon.terminate()
            said, _ = daemon.communicate(timeout=20)
            (self.folder / "daemon.log").write_text(said)

    def end(self) -> None:
        """Look at all lists, sign out, and lock ada out."""
        for path in ("audit", "users", "tokens", "join-tokens", "refusals", f"nodes/{NODE}/credentials", "health"):
            assert self.admin.ask("GET", f"/api/{path}") == 200
        [ada] = [user for user in self._users() if user["name"] == "ada"]
        assert self.admin.ask("PATCH", f"/api/users/{ada['id']}", {"disabled": True}) == 200
        assert self.admin.ask("DELETE", "/api/session") == 200

    def _users(self) -> Any:
        assert self.admin.ask("GET", "/api/users") == 200
        return self.admin.said["users"]

    def _signed_in(self, name: str, person: Person, path: str) -> None:
        self.learn(f"{name} session", person.session, f"POST {path}")
        self.learn(f"{name} CSRF token", person.csrf, f"POST {path}")

    def _api_token(self, name: str) -> str:
        asked = {"name": name.replace(" ", "-"), "role": "operator", "expiresInDays": 1}
        assert self.admin.ask("POST", "/api/tokens", asked) == 201
        return self.learn(name, self.admin.said["secret"], "POST /api/tokens")

    def _join_token(self, name: str) -> str:
        assert self.admin.ask("POST", "/api/join-tokens", {}) == 201
        return self.learn(name, self.admin.said["secret"], "POST /api/join-tokens")

    def _as_script(self, method: str, path: str, token: str = "") -> int:
        return self.place.send(method, path, Authorization=f"Bearer {token or self.script}")[0]

    def _renewed(self, daemon: "subprocess.Popen[str]") -> None:
        until(lambda: daemon.poll() is not None or self._status() == "online", 30)
        first = self.learn("node credential", self._stored())
        self.place.sql(
            "UPDATE node_credentials SET created_at = now() - interval '17 h', expires_at = now() + interval '7 h'"
        )
        until(lambda: self._stored() != first and self._causes() == [None, "replaced"], 20)
        self.learn("next node credential", self._stored())
        path = f"{CLUSTER}/heartbeat/{NODE}"
        assert self.place.send("POST", path, {}, Authorization=f"Bearer {first}")[0] == 401
        assert self._beat_by_url(self.learn("made-up credential", "mnc_" + secrets.token_urlsafe(32))) == 401

    def _by_url(self) -> None:
        path = f"/api/nodes/{NODE}/credentials"
        assert self.admin.ask("POST", path, {"kind": "url"}) == 201
        presented = self.learn("URL credential", self.admin.said["secret"], f"POST {path}")
        assert self._beat_by_url(presented) == 200
        assert self._beat_by_url(presented, "other") == 403

    def _beat_by_url(self, presented: str, node_id: str = NODE) -> int:
        return self.place.send("POST", f"/w/{presented}{CLUSTER}/heartbeat/{node_id}", {})[0]

    def _status(self) -> str:
        return str(self.place.send("GET", f"{CLUSTER}/nodes/{NODE}", Cookie=self.admin.cookie)[1].get("status"))

    def _causes(self) -> list[str | None]:
        assert self.admin.ask("GET", f"/api/nodes/{NODE}/credentials") == 200
        return [one["revokedBecause"] for one in self.admin.said["credentials"]]

    def _stored(self) -> str:
        file = next((self.folder / f"home-{NODE}").rglob("credential.json"))
        return str(next(said for said in json.loads(file.read_text()).values() if str(said).startswith("mnc_")))
