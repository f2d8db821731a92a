"""Whether a join token lets a machine in: the rule, case by case."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.identity.joining import SENTENCES, JoinRequest, refusal_cause, refusal_code

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    name_pattern: str = "*"
    capabilities: list[str] | None = None
    replace: bool = False
    uses_left: int = 1
    created_at: datetime = NOW - 20 * MINUTE
    expires_at: datetime = NOW + MINUTE
    revoked_at: datetime | None = None


GOOD = Token()
PAST = replace(GOOD, expires_at=NOW - MINUTE)
SAID = JoinRequest("gpu-1", "mjt_x", bytes(32), capabilities=("gpu",))


@pytest.mark.parametrize(
    ("token", "said", "has_credential", "cause"),
    [
        pytest.param(GOOD, SAID, False, None, id="a good one"),
        pytest.param(None, SAID, False, "unknown_token", id="one that nobody made"),
        pytest.param(replace(GOOD, revoked_at=NOW), SAID, False, "revoked", id="a revoked one"),
        pytest.param(PAST, SAID, False, "expired", id="an expired one"),
        pytest.param(PAST, replace(SAID, clock=NOW - 4 * MINUTE), False, "expired", id="a clock slightly off"),
        pytest.param(
            PAST, replace(SAID, clock=NOW - 10 * MINUTE), False, "clock_off", id="valid by a clock that is off"
        ),
        pytest.param(PAST, replace(SAID, clock=NOW + 10 * MINUTE), False, "expired", id="a clock that is ahead"),
        pytest.param(GOOD, replace(SAID, clock=NOW + 60 * MINUTE), False, None, id="a clock that does not matter"),
        pytest.param(replace(GOOD, uses_left=0), SAID, False, "spent", id="a used one"),
        pytest.param(replace(GOOD, name_pattern="gpu-*"), SAID, False, None, id="a fitting pattern"),
        pytest.param(replace(GOOD, name_pattern="GPU-*"), SAID, False, "wrong_name", id="another case"),
        pytest.param(replace(GOOD, capabilities=["gpu", "voice"]), SAID, False, None, id="allowed capabilities"),
        pytest.param(
            replace(GOOD, capabilities=["voice"]), SAID, False, "wrong_capabilities", id="a capability too many"
        ),
        pytest.param(GOOD, SAID, True, "node_exists", id="an id that is taken"),
        pytest.param(replace(GOOD, replace=True), SAID, True, "node_exists", id="replacing without naming it"),
        pytest.param(
            replace(GOOD, replace=True, name_pattern="gpu-1"), SAID, True, None, id="replacing the named node"
        ),
    ],
)
def test_the_cause_of_a_refusal(
    token: Token | None, said: JoinRequest, has_credential: bool, cause: str | None
) -> None:
    assert refusal_cause(token, said, has_credential, NOW) == cause


def test_every_cause_has_a_sentence_that_fits_the_table() -> None:
    assert all(len(cause) <= 32 for cause in SENTENCES)


def test_the_code_is_short_and_the_same_for_the_same_machine_and_cause() -> None:
    code = refusal_code("gpu-1", "10.0.0.1", "spent")

    assert code == refusal_code("gpu-1", "10.0.0.1", "spent")
    assert code != refusal_code("gpu-2", "10.0.0.1", "spent")
    assert (len(code), code[4]) == (7, "-")
    assert not set("0O1IL2Z5S8B") & set(code)
