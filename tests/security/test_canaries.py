"""After a day's life in miniature no secret lies anywhere but with its owner."""

from pathlib import Path

import pytest

from tests.kit.proof import Proof
from tests.security.canaries import Monitor, database, files, forms, held, redis_values
from tests.security.day import NODE, Day
from tests.security.installation import Frames, installed

# Whose job it is to keep a secret: the installation's own, and the node's.
KEEPERS = ("home/secrets/", f"home-{NODE}/.agenticmail/daemon/credential.json")
# What is no secret is found in each kind of place, so the search does look there.
LOOKED_AT = (
    "table audit_log", "file home/pgdata/base/", "file home/pgdata/pg_wal/", "file home/redis/dump.rdb",
    "file home/redis/appendonlydir/", "file home/logs/postgres.log", "file home/logs/web.log", "file daemon.log",
    "all that Redis was told", "stream", "cmdline", "environ", "GET /api/audit",
)  # fmt: skip


def test_a_secret_is_found_in_every_form() -> None:
    secret = 'a secret "with" / + & signs'
    for content in map(bytes, forms(secret)):
        assert held({"it": secret}, b"xx" + content + b"yy") == ["it"]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_no_secret_is_left_behind(tmp_path: Path, proof: Proof) -> None:
    with installed(tmp_path) as place:
        monitor = Monitor(place.redis_url)
        day = Day(place, tmp_path)
        day.sign_in()
        day.replace_api_token()
        day.use_second_factor()
        day.replace_secret_key()
        streams = [Frames(place, path, day.script) for path in ("/stream", "/stream?view=patch")]
        day.live_as_a_node()
        day.end()
        place.settle()
        places = [
            *database(place.dsn),
            *redis_values(place.redis_url),
            ("all that Redis was told", monitor.close()),
            *((f"stream {number}", stream.close()) for number, stream in enumerate(streams)),
            *day.processes,
            *place.answers,
            *files(tmp_path, *KEEPERS),
        ]

    assert {name for name, secret in day.known.items() if len(secret) < 20} == set()
    seen = [(name, where) for where, content in places for name in held(day.known, content)]
    left = [(name, where) for name, where in seen if not where.startswith(day.shown[name])]
    assert left == []
    once = {name for name, shown in day.shown.items() if shown not in ((), ("environ",))}
    assert sorted(name for name, where in seen if not where.startswith("environ")) == sorted(once)
    public = [where for where, content in places if NODE.encode() in content or b"python" in content]
    assert [kind for kind in LOOKED_AT if not any(where.startswith(kind) for where in public)] == []
    proof.row(
        "Secrets left after a day's life in miniature, each one replaced or revoked: database, its files, WAL and log, "
        "Redis, its MONITOR, RDB and AOF, all logs, answers, streams, arguments, environments, state and temp folders",
        "0",
        f"{len(day.known)} secrets, {len(places)} places: {len(left)}",
    )
