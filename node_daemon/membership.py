"""How this machine becomes a node and stays one: joining, renewing its credential, coming back after a refusal."""

from __future__ import annotations

import sys
import time
from typing import Any, Callable

from node_daemon import log, pace
from node_daemon.control_plane import Answer, ControlPlane, Unreachable
from node_daemon.credential import Credential, hash_of
from node_daemon.errors import JoinError
from node_daemon.settings import Settings
from node_daemon.state import StateFolder, machine_id

KNOWN_BUT_REVOKED = ("revoked", "removed")  # what a join with a secret of before may be refused with


class Membership:
    """Speaks for this machine until it is a node. `join_token` may be empty: then it can only ask to be let in."""

    def __init__(
        self,
        settings: Settings,
        state: StateFolder,
        control_plane: ControlPlane,
        chance: Callable[[], float],
        join_token: str = "",
    ) -> None:
        self._settings = settings
        self._state = state
        self._control_plane = control_plane
        self._chance = chance
        self._join_token = join_token
        self._credential = Credential(state, settings.node_id)
        self._failures = self._knocks = 0
        self._use()

    @property
    def is_joined(self) -> bool:
        """Whether there is something to speak with."""
        return self._settings.credential_in_url or bool(self._credential.current)

    def join(self) -> None:
        """Ask until this machine is a node. Raises JoinError when asking again cannot help."""
        while True:
            delay = self._ask()
            if delay is None:
                return
            time.sleep(delay)

    def renew(self) -> bool:
        """Exchange the credential for its next one; answers whether that was done. Raises Unreachable."""
        if self._settings.credential_in_url or not self._credential.current:
            return False
        answer = self._control_plane.renew({"secretHash": hash_of(self._credential.prepare())})
        if not answer.ok:
            log.warn("the credential was not renewed", reason=answer.sentence, status=answer.status)
            return False
        self._credential.promote()
        self._use()
        log.info("credential renewed")
        return True

    def recover(self, answer: Answer) -> bool:
        """Find another credential after a refusal; answers whether there is one to try. Raises Unreachable."""
        if self._settings.credential_in_url:
            return False
        if answer.code == "credential_expired":
            return self.renew()
        if self._credential.following and answer.code in ("credential_revoked", "credential_unknown"):
            self._credential.promote()  # the answer that brought it was lost
            self._use()
            return True
        if not self._join_token or not answer.code.startswith(("credential_", "node_removed")):
            return False
        self._credential.forget()
        joined = self._ask() is None
        self._join_token = ""
        return joined

    def _ask(self) -> float | None:
        """One try: None when it is a node, else the seconds until the next try."""
        secret = self._credential.current or self._credential.prepare()
        try:
            answer = self._control_plane.join(self._request(secret))
        except Unreachable as error:
            self._failures += 1
            log.warn("cannot join yet", reason=str(error), failures=self._failures)
            return pace.register_delay(self._failures, self._chance())
        if answer.ok:
            if secret == self._credential.following:
                self._credential.promote()
            self._use()
            log.info("joined", node=self._settings.node_id, control_plane=self._control_plane.shown)
            return None
        return self._refused(answer)

    def _refused(self, answer: Answer) -> float:
        cause = str(answer.body.get("cause") or "")
        if answer.status == 429 or answer.status >= 500:
            self._failures += 1
            log.warn("cannot join yet", reason=answer.sentence, status=answer.status)
            return pace.retry_after(answer.retry_after) or pace.register_delay(self._failures, self._chance())
        if cause in KNOWN_BUT_REVOKED and self._credential.current:
            self._credential.forget()  # the token may be good: ask again with a new secret
            return 0.0
        if answer.body.get("waitingRoom") is True:
            self._knocks += 1
            code = str(answer.body.get("refusal"))[:16]
            log.info("waiting to be let in: ask an operator to admit this code", code=code, node=self._settings.node_id)
            return pace.knock_delay(self._knocks)
        raise JoinError(f"this machine may not join{f' ({cause[:40]})' if cause else ''}: {answer.sentence}")

    def _request(self, secret: str) -> dict[str, Any]:
        return {
            "nodeId": self._settings.node_id,
            "joinToken": self._join_token,
            "secretHash": hash_of(secret),
            "machineId": machine_id(self._state),
            "capabilities": list(self._settings.capabilities),
            "name": self._settings.name,
            "host": self._settings.host,
            "port": self._settings.port,
            "platform": sys.platform,
        }

    def _use(self) -> None:
        # Without a join token, one that is to follow may be the one of a join whose answer was lost.
        unsure = "" if self._join_token else self._credential.following
        self._control_plane.credential = "" if self._settings.credential_in_url else self._credential.current or unsure
