"""An offline bundle: all that a machine without a network needs to become a node, in one archive."""

import tarfile
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from typing import IO
from uuid import UUID, uuid4

from app.domain.deploying.request import DeployOrder
from app.domain.deploying.runtime import Bundle, Platform, needs_runtime
from app.domain.deploying.setup import Origin
from app.domain.errors import RuntimeUnavailable
from app.domain.identity.actor import Actor
from app.extensions import settings
from app.gateways.runtime import Workshop
from app.services import audit
from app.services.deploying import parcel
from app.services.setup import script
from app.services.setup.asking import request_setup
from app.services.transaction import transaction

PIECE = 256 * 1024  # bytes


def request_bundle(
    by: Actor, url: str, *, order: DeployOrder, minutes: int, replace: bool, platform: Platform | None, with_token: bool
) -> Iterator[bytes]:
    """An offline bundle, with a join token of its own if wanted. Raises RuntimeUnavailable, ProgramNotBuilt."""
    if not with_token:
        with transaction():
            audit.record(by, "setup.bundle", order.node_id)
        return _bundle(uuid4(), order, url, "", platform)
    made = request_setup(order, by, url, minutes=minutes, replace=replace, origin=Origin.BUNDLE)
    return _bundle(made.job_id, order, url, made.secret, platform)


def _bundle(job_id: UUID, order: DeployOrder, url: str, token: str, platform: Platform | None) -> Iterator[bytes]:
    """The tar archive, piece by piece. Without a token there is nothing secret in it. Raises RuntimeUnavailable."""
    runtime = _runtime(order, platform)
    name = f"muster-{order.node_id}"
    files = {f"files/{key}": content for key, content in parcel.for_bundle(job_id, order, url, token, runtime).items()}
    sums = [f"{sha256(content).hexdigest()} {key}" for key, content in files.items()]
    if runtime is not None:
        sums.append(f"{runtime.sha256} files/runtime.tar.gz")
    files["SHA256SUMS"] = ("\n".join(sums) + "\n").encode()
    files["install.sh"] = script.offline(job_id, order, url, token).encode()
    made = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever reads it to its end
    with tarfile.open(fileobj=made, mode="w") as archive:
        for key, content in files.items():
            _add(archive, f"{name}/{key}", len(content), BytesIO(content))
        if runtime is not None:
            with runtime.path.open("rb") as packed:
                _add(archive, f"{name}/files/runtime.tar.gz", runtime.size, packed)
    return _pieces(made)


def _add(archive: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    archive.addfile(entry, content)


def _pieces(made: IO[bytes]) -> Iterator[bytes]:
    with made:
        made.seek(0)
        while piece := made.read(PIECE):
            yield piece


def _runtime(order: DeployOrder, platform: Platform | None) -> Bundle | None:
    package = settings().agent_package
    if not needs_runtime(order, package):
        return None
    if platform is None:
        raise RuntimeUnavailable("Say for which platform the bundle is, since its agents need a runtime: x64 or arm64")
    found = Workshop(settings().bundle_dir, lambda _line: None, lambda: None).newest(platform)
    if found is None:  # building one would hold up every heartbeat of this process
        raise RuntimeUnavailable(
            f"No runtime for {platform} was built here yet: deploy one node with a runtime first, or give each agent a "
            "command of its own"
        )
    return found
