"""A node that is removed while it reports, and comes back under the same name."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from flask import Flask

from tests.fleet import CLUSTER, Fleet, until
from tests.kit.proof import Proof
from tests.people import bearer, credential, token

LANES = 4


def beats_until(app: Flask, node_id: str, presented: str, over: Event, said: list[tuple[float, int]]) -> None:
    """Beat as quickly as possible; when each beat began, and its status."""
    client, headers = app.test_client(), bearer(presented)
    while not over.is_set():
        began = time.monotonic()
        said.append((began, client.post(f"{CLUSTER}/heartbeat/{node_id}", json={}, headers=headers).status_code))


def test_f30_no_beat_revives_a_removed_node_and_its_old_credential_opens_nothing_again(
    guarded: Flask, fleet: Fleet, proof: Proof
) -> None:
    client, admin, answers = guarded.test_client(), token("admin"), Counter[int]()
    rounds = proof.count(full=50, small=2)
    for number in range(rounds):
        node_id, said = f"gone-{number}", list[tuple[float, int]]()
        fleet.add(node_id)
        former, over = credential(node_id), Event()
        with ThreadPoolExecutor(LANES) as pool:
            for _ in range(LANES):
                pool.submit(beats_until, guarded, node_id, former, over, said)
            until(lambda said=said: any(status == 200 for _, status in said))
            assert client.delete(f"{CLUSTER}/nodes/{node_id}", headers=admin).status_code == 200
            removed_at = time.monotonic()
            until(lambda said=said, at=removed_at: sum(began > at for began, _ in said) >= 5 * LANES)
            over.set()
        late = Counter(status for began, status in said if began > removed_at)
        answers.update(late)
        assert late.keys() <= {401, 410}, late
        assert client.get(f"{CLUSTER}/nodes/{node_id}", headers=admin).status_code == 404

        fleet.add(node_id)
        again = credential(node_id)
        sent = {
            name: client.post(f"{CLUSTER}/heartbeat/{node_id}", json={}, headers=bearer(name)).status_code
            for name in (former, again)
        }
        assert sent[former] in (401, 410)
        assert sent[again] == 200
    proof.row(
        f"F30 a node removed while it beats over {LANES} connections and made anew, {rounds} times",
        "no revival by the old credential",
        f"{answers.total()} later beats refused, 0 revivals; the old credential is refused for the new node too",
    )
