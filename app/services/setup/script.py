"""The script of a setup: settings, the probe and the body, in one function that is called last."""

import shlex
from uuid import UUID

from app.domain.deploying.request import DeployOrder
from app.services import daemon_program
from app.services.deploying import remote

# No prefix of it is a command, so a last line that is cut off does nothing either.
NAME = "_muster_setup_"


def online(job_id: UUID, order: DeployOrder, url: str, token: str) -> str:
    """The script that `curl … | sh` runs; its only secret is the join token."""
    return _whole(job_id, order, url, token, "no")


def offline(job_id: UUID, order: DeployOrder, url: str, token: str) -> str:
    """`install.sh` of a bundle; without a token it holds no secret, and tells nobody what it did."""
    return _whole(job_id, order, url, token, "yes")


def _whole(job_id: UUID, order: DeployOrder, url: str, token: str, offline: str) -> str:
    said = {
        "URL": url,
        "NODE_PORT": str(order.node_port),
        "JOB_ID": str(job_id),
        "DAEMON_SHA256": daemon_program.read().sha256,
        "TOKEN": token,
        "OFFLINE": offline,
    }
    lines = [f"{key}={shlex.quote(value)}" for key, value in said.items()]
    probe = remote.script("probe.sh").decode()
    return "\n".join(
        [
            "#!/bin/sh",
            f"# Makes this machine the node {order.node_id} of {url}. Run it as the user who shall own the agents.",
            f"{NAME}() {{",
            *lines,
            'HERE=$(cd "$(dirname "$0")" && pwd)',
            "probe() {",
            """sh -s -- "$1" "$2" "$3" <<'MUSTER_PROBE'""",
            f"{probe.rstrip()}",
            "MUSTER_PROBE",
            "}",
            remote.script("setup.sh").decode().rstrip(),
            "}",
            f"{NAME}",
            "",
        ]
    )
