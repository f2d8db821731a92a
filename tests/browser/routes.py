"""The pages that there are, as the dashboard itself lists them: none is left out of what every page must pass."""

import re
from pathlib import Path

_SOURCE = Path(__file__).parents[2] / "dashboard" / "src" / "routes.tsx"
ROUTES = re.findall(r'\bpath: "(/[a-z/-]+)"', _SOURCE.read_text())
ACCESS = tuple(path for path in ROUTES if path.startswith("/access/"))  # these need an account
OPEN = tuple(path for path in ROUTES if path not in ACCESS)
