"""Celery Flower, which listens where nobody else reaches it: read its pages on behalf of an admin."""

import base64
import http.client
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from app.domain.errors import NotConfigured, Unavailable
from app.extensions import settings

DEADLINE = 10.0  # seconds
LARGEST_ANSWER = 8 * 1024 * 1024
ENCODED_ALREADY = "%&=+/?:;,@!$'()*[]~"  # what a query may hold as it is
PASSED_ON = ("Content-Type", "Cache-Control", "Etag", "Location")


@dataclass(frozen=True)
class Page:
    """What Flower answered."""

    status: int
    headers: dict[str, str]
    content: bytes


def read(path: str, query: str) -> Page:
    """GET one of Flower's addresses. Raises NotConfigured without FLOWER_URL, Unavailable when it does not answer."""
    where = urlsplit(settings().flower_url)
    if not where.hostname:
        raise NotConfigured("Flower is not shown here: set FLOWER_URL on the web process, or start with `make run`")
    asked = f"{quote(path)}?{quote(query, ENCODED_ALREADY)}" if query else quote(path)
    connection = http.client.HTTPConnection(where.hostname, where.port or 5555, timeout=DEADLINE)
    try:
        connection.request("GET", asked, headers=_proof(where.username, where.password))
        answer = connection.getresponse()
        content = answer.read(LARGEST_ANSWER)
    except (OSError, http.client.HTTPException) as failure:
        raise Unavailable("Flower does not answer; is its process running?") from failure
    finally:
        connection.close()
    kept = {name: value for name in PASSED_ON if (value := answer.getheader(name))}
    return Page(answer.status, kept, content)


def _proof(user: str | None, password: str | None) -> dict[str, str]:
    if not user:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
