"""What goes along to a machine that makes its runtime itself."""

import json
from pathlib import Path

from app.domain.deploying.runtime_source import Recipe
from app.domain.errors import RuntimeUnavailable
from app.gateways.runtime.node import PACKAGES


def files(recipe: Recipe, folder: Path) -> dict[str, bytes]:
    """The recipe, the lock of PM2, and the agent package if it is a file of `folder`. Raises RuntimeUnavailable."""
    keys = ("package", "program", "manager", "sudo")
    said = {key: value for key, value in vars(recipe).items() if key in keys}
    found = {name: (PACKAGES / name).read_bytes() for name in ("package.json", "package-lock.json")}
    if recipe.goes_along:
        try:
            found[recipe.package] = (folder / recipe.package).read_bytes()
        except OSError as failure:
            raise RuntimeUnavailable(
                f"The agent package is not in BUNDLE_DIR ({failure.strerror}): let all processes share that folder"
            ) from failure
    return found | {"runtime.json": json.dumps(said).encode()}
