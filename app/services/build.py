"""Which build of the control plane this is, so that an open page can tell that there is a newer one."""

import hashlib
from functools import cache
from pathlib import Path

APP = Path(__file__).parents[1]
PAGE = APP.parent / "build" / "dashboard" / "index.html"  # it names each file of the dashboard by its content
VERSION = "0.1.0"


@cache
def build_id() -> str:
    """A short id that changes with the code: no release step has to remember to set it."""
    digest = hashlib.sha256(VERSION.encode())
    for source in sorted(APP.rglob("*.py")):
        digest.update(source.read_bytes())
    digest.update(PAGE.read_bytes() if PAGE.exists() else b"")
    return digest.hexdigest()[:12]
