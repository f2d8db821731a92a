"""Where our database, Redis and Celery's broker are, as their URLs say: the places that no call may go to."""

from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

Place = tuple[str, int]  # host, port

POSTGRES_PORT, REDIS_PORT = 5432, 6379
RABBITMQ_PORTS = {"amqp": 5672, "amqps": 5671}
# Who is reached through a socket file most likely listens here too.
BESIDE_A_SOCKET = "localhost"


def own_services(database_url: str, *wire_urls: str) -> frozenset[Place]:
    """Hosts in lower case, with their ports. Rather one too many: everything that a URL may lead to."""
    return frozenset((*_database(database_url), *map(_wire, wire_urls)))


def _database(url: str) -> Iterator[Place]:
    parts = urlsplit(url)
    said = parse_qs(parts.query)
    port = parts.port or POSTGRES_PORT
    ports = {int(one) for text in said.get("port", ()) for one in text.split(",") if one.isdecimal()} | {port}
    hosts = [one for word in ("host", "hostaddr") for text in said.get(word, ()) for one in text.split(",")]
    for host in (parts.hostname or "", *hosts):
        name, colon, own_port = host.rpartition(":") if host.count(":") == 1 else (host, "", "")
        for each in {int(own_port)} if colon and own_port.isdecimal() else ports:
            yield _host(name), each


def _wire(url: str) -> Place:
    parts = urlsplit(url)
    usual = RABBITMQ_PORTS.get(parts.scheme, REDIS_PORT)
    return _host("" if parts.scheme == "unix" else parts.hostname or ""), parts.port or usual


def _host(text: str) -> str:
    host = unquote(text).strip("[]").rstrip(".").lower()
    return BESIDE_A_SOCKET if not host or host.startswith(("/", "@")) else host
