"""What the processes of the Procfile find in their environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from standalone.settings import StandaloneSettings

NOT_PASSED_ON = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONSAFEPATH", "PYTHONHOME")
FLOWER_USER = "muster"


def of_control_plane(
    settings: StandaloneSettings,
    database_url: str,
    redis_url: str,
    flower_port: int,
    flower_password: str,
    secret_key_file: Path,
) -> dict[str, str]:
    """Our own environment plus the addresses and passwords, which never stand on a command line."""
    return {
        **_defaults(settings, secret_key_file),
        **base(),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "CLUSTER_AUTH": os.environ.get("CLUSTER_AUTH", "on"),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "FLOWER_PORT": str(flower_port),
        "FLOWER_BASIC_AUTH": f"{FLOWER_USER}:{flower_password}",
        "FLOWER_URL": f"http://{FLOWER_USER}:{flower_password}@127.0.0.1:{flower_port}",
    }


def signs_in(environ: dict[str, str]) -> bool:
    """Whether people and machines have to prove who they are."""
    return environ["CLUSTER_AUTH"].strip().lower() != "off"


def _defaults(settings: StandaloneSettings, secret_key_file: Path) -> dict[str, str]:
    """What the environment may say otherwise: the node of this machine is met on loopback, where nobody else's is."""
    own_key = {} if os.environ.get("SECRET_KEY", "").strip() else {"SECRET_KEY_FILE": str(secret_key_file)}
    own_key["BUNDLE_DIR"] = str(secret_key_file.parent / "runtimes")
    return {"NODE_CALLS_LOOPBACK": str(int(settings.local_node)), **own_key}


def base() -> dict[str, str]:
    """Our own environment with the programs of this Python's environment first on PATH."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    programs = str(Path(sys.executable).parent)
    return kept | {"PATH": f"{programs}{os.pathsep}{kept.get('PATH', os.defpath)}", "PYTHONUNBUFFERED": "1"}
