"""The failures a caller can expect. Each has a stable code; the sentence is for people."""

from collections.abc import Mapping
from typing import Any


class MusterError(Exception):
    """A failure with a sentence a person can act on. Never carries a secret, so it is safe to show."""

    code = "error"
    # Keys of the answer beside its sentence and its code.
    more: Mapping[str, Any] = {}


class InvalidInput(MusterError):
    """The message breaks a rule. `fields` names each offending key and what it must be."""

    code = "invalid_input"

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class NodeNotFound(MusterError):
    """No node has this id."""

    code = "unknown_node"

    def __init__(self) -> None:
        super().__init__("Node not found")


class NodeConflict(MusterError):
    """Another machine that is alive already reports under this node id."""

    code = "node_conflict"

    def __init__(self, node_id: str, host: str) -> None:
        super().__init__(
            f"Another machine ({host}) already reports as {node_id}; give this one its own WORKER_NODE_ID, "
            "or stop the other one and wait until it is offline"
        )


class ProgramNotBuilt(MusterError):
    """The daemon's program, or the build of it that was asked for, is not on this control plane."""

    code = "program_not_built"


class RuntimeUnavailable(MusterError):
    """What agents need to run could not be put together on this control plane."""

    code = "runtime_unavailable"


class JobNotFound(MusterError):
    """No job has this id."""

    code = "unknown_job"

    def __init__(self) -> None:
        super().__init__("Job not found")


class NoSuitableNode(MusterError):
    """No node can take the agent; `reason` says why, node by node or counted."""

    code = "no_suitable_node"

    def __init__(self, reason: str) -> None:
        super().__init__("No suitable node available")
        self.reason = reason
        self.more = {"reason": reason}


class Unavailable(MusterError):
    """A part that this request needs does not answer right now; trying again later is right."""

    code = "unavailable"


class SignInRequired(MusterError):
    """Nobody we know asks for something that is not public, or the credential is not valid (any more)."""

    code = "sign_in_required"

    def __init__(self, message: str = "Sign in first, or send a valid token") -> None:
        super().__init__(message)


class NotPermitted(MusterError):
    """Somebody we know asks for more than their role or their node allows."""

    code = "not_permitted"


class ForeignCredential(NotPermitted):
    """A node's credential was used for another node; `owner` is the id of the node that it belongs to."""

    def __init__(self, owner: str, node_id: str) -> None:
        super().__init__(f"This credential belongs to {owner} and cannot speak for {node_id}")
        self.owner = owner


class ForgedRequest(MusterError):
    """A change that a page of another site may have sent through somebody's browser."""

    code = "csrf"

    def __init__(self) -> None:
        super().__init__("This request does not come from the dashboard's own page: reload it and try again")


class HostNotAllowed(MusterError):
    """The request is meant for a name that is not ours; `name` is empty when there was none that could be one."""

    code = "host_not_allowed"

    def __init__(self, name: str) -> None:
        called = f"the name {name}" if name else "a request without a proper Host header"
        super().__init__(
            f"This control plane does not answer to {called}: if people reach it so, set PUBLIC_URL, "
            "or add the name to ALLOWED_HOSTS"
        )


class CredentialRefused(SignInRequired):
    """A node's credential does not count (any more); the code is `credential_` and the cause."""

    SENTENCES: Mapping[str, str] = {
        "missing": "This node sends no credential: make a join token in the dashboard and join with it",
        "unknown": "This credential is not known here: join with a new join token",
        "revoked": "This credential was revoked: ask an operator for a new join token and join with it",
        "replaced": "This credential was replaced by a newer one of the same node",
        "expired": "This credential has expired: renew it, or join with a new join token",
    }

    def __init__(self, cause: str) -> None:
        super().__init__(self.SENTENCES[cause])
        self.code = "credential_revoked" if cause == "replaced" else f"credential_{cause}"


class NodeRemoved(MusterError):
    """The node was removed, so its credential never counts again."""

    code = "node_removed"

    def __init__(self, node_id: str) -> None:
        super().__init__(f"{node_id} was removed by an operator: stop this daemon, or join with a new join token")


class JoinRefused(MusterError):
    """A machine may not become a node. `refusal` is the code under which people find it in the list of refusals."""

    code = "join_refused"

    def __init__(self, sentence: str, cause: str, refusal: str, waits: bool) -> None:
        super().__init__(f"{sentence} (refusal {refusal})")
        self.more = {"cause": cause, "refusal": refusal, "waitingRoom": waits}


class JoinTokenNotFound(MusterError):
    """No join token has this id."""

    code = "unknown_join_token"

    def __init__(self) -> None:
        super().__init__("Join token not found")


class CredentialNotFound(MusterError):
    """The node has no credential with this id."""

    code = "unknown_credential"

    def __init__(self) -> None:
        super().__init__("Credential not found")


class KnockNotFound(MusterError):
    """Nobody with this id waits (any more)."""

    code = "unknown_knock"

    def __init__(self) -> None:
        super().__init__("This machine does not wait to be let in any more")


class NodeTaken(MusterError):
    """A machine cannot be let in under the id of a node that has joined."""

    code = "node_exists"

    def __init__(self, node_id: str) -> None:
        super().__init__(
            f"{node_id} has joined already: if this is the same machine, revoke that node's credentials first"
        )


class WrongCredentials(MusterError):
    """Name, password or code do not fit; which of them is nobody's business."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("The name, the password or the code is wrong")


class TotpRequired(MusterError):
    """The password is right, and this person also needs the code of the authenticator app."""

    code = "totp_required"

    def __init__(self) -> None:
        super().__init__("Enter the code that your authenticator app shows")


class LinkNotValid(MusterError):
    """The sign-in link was used, was replaced by a newer one, or has expired."""

    code = "link_not_valid"

    def __init__(self) -> None:
        super().__init__(
            "This link was used already or has expired: ask for a new one, or run `flask sign-in-link NAME`"
        )


class TooManyRequests(MusterError):
    """More than is allowed in a time. `retry_after` is in whole seconds."""

    code = "too_many_requests"

    def __init__(self, retry_after: int, sentence: str = "") -> None:
        super().__init__(sentence or f"Too many tries: wait {retry_after} s")
        self.retry_after = retry_after


class UserNotFound(MusterError):
    """No user has this id or name."""

    code = "unknown_user"

    def __init__(self) -> None:
        super().__init__("User not found")


class TokenNotFound(MusterError):
    """No API token that the asking person may see has this id."""

    code = "unknown_token"

    def __init__(self) -> None:
        super().__init__("API token not found")


class NameTaken(MusterError):
    """Another user has this name, perhaps in other letter case."""

    code = "name_taken"

    def __init__(self) -> None:
        super().__init__("Another user has this name already: choose another one")


class LastAdmin(MusterError):
    """Nobody would be left who could let anybody in."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("This is the last admin who can sign in: make somebody else an admin first")


class TotpConflict(MusterError):
    """The second factor is not in the state that this needs."""

    code = "totp_conflict"


class NotConfigured(MusterError):
    """A setting is missing that this needs; the sentence names it."""

    code = "not_configured"


class DeployRunning(MusterError):
    """A deploy for this machine or node is at work already."""

    code = "deploy_running"

    def __init__(self, host: str, job_id: object) -> None:
        super().__init__(f"A deploy to {host} is running already (job {job_id}); wait for it or cancel it")
        self.more = {"jobId": str(job_id)}
