"""The types of a WSGI app."""

from collections.abc import Callable, Iterable
from typing import Any

Environ = dict[str, Any]
Header = tuple[str, str]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]
