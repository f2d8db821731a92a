"""No spelling of an address leads a call to a server that nobody shall reach."""

from app.gateways import node_http
from tests.gateways.test_outgoing_targets import IN_LETTERS, IN_NUMBERS, Use, opened, use, victim
from tests.gateways.victim import Victim
from tests.kit.proof import Proof

__all__ = ["opened", "use", "victim"]  # fixtures


def test_no_spelling_hits_the_victim(use: Use, victim: Victim, opened: list[str], proof: Proof) -> None:
    use()
    spellings = sorted({*IN_NUMBERS, *IN_LETTERS})
    for host in spellings:
        for call in (node_http.check_health, node_http.restart, node_http.nudge):
            assert call(host, victim.port, 2).code == "target_denied"
    assert (victim.hits(), opened) == (0, [])
    proof.row(
        "Spellings of a closed address, each called in 3 ways",
        ">= 60 spellings, 0 hits",
        f"{len(spellings)} spellings, 0 hits, 0 sockets opened",
    )
