"""Short questions to the web process and to Flower over HTTP."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

SECONDS = 5.0


def status_of(url: str) -> int | None:
    """The status of an answer, whatever it is; None if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - an address that we made
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except (OSError, http.client.HTTPException):
        return None


def json_of(url: str) -> dict[str, Any]:
    """The JSON object of an answer, also of a 503; empty if there is none."""
    try:
        try:
            answer = urllib.request.urlopen(url, timeout=SECONDS)  # noqa: S310 - an address that we made
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            found = json.load(answer)
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    return found if isinstance(found, dict) else {}
