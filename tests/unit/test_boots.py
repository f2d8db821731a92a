"""Two daemons under one node id: the rule, case by case."""

from dataclasses import replace

import pytest

from app.domain.nodes.boots import Boots, Call, judge_beat, judge_registration

ONE = Boots(current="a", number=7)
RESTARTED = Boots(current="b", previous="a", previous_number=7)
REFUSING = Boots(current="a", refused="b", number=9)


@pytest.mark.parametrize(
    ("before", "boot", "number", "alive", "call", "after", "conflict"),
    [
        pytest.param(ONE, "a", 8, True, Call.TAKE, Boots("a", number=8), False, id="the next one"),
        pytest.param(ONE, "a", 7, True, Call.IGNORE, ONE, False, id="the same once more"),
        pytest.param(ONE, "a", 3, True, Call.IGNORE, ONE, False, id="an older one that comes late"),
        pytest.param(ONE, None, None, True, Call.TAKE, ONE, False, id="an agent that makes no boot ids"),
        pytest.param(Boots(), "a", 1, False, Call.TAKE, Boots("a", number=1), False, id="the first that comes"),
        pytest.param(ONE, "x", 1, True, Call.UNKNOWN, ONE, False, id="a start that never registered"),
        pytest.param(RESTARTED, "b", 1, True, Call.TAKE, Boots("b", "a", None, 1, 7), False, id="after a restart"),
        pytest.param(RESTARTED, "a", 8, True, Call.IGNORE, RESTARTED, False, id="the last one of before the restart"),
        pytest.param(RESTARTED, "a", 9, True, Call.UNKNOWN, Boots("a", None, "b", 8), True, id="the first still lives"),
        pytest.param(REFUSING, "b", 2, True, Call.REFUSE, REFUSING, True, id="the second while the first lives"),
        pytest.param(REFUSING, "b", 2, False, Call.UNKNOWN, REFUSING, False, id="the second when the first is gone"),
    ],
)
def test_a_heartbeat(
    before: Boots, boot: str | None, number: int | None, alive: bool, call: Call, after: Boots, conflict: bool
) -> None:
    ruling = judge_beat(before, boot, number, alive)

    assert (ruling.call, ruling.after, ruling.conflict) == (call, after, conflict)


@pytest.mark.parametrize(
    ("before", "boot", "previous", "alive", "call", "after", "conflict"),
    [
        pytest.param(Boots(), "a", None, False, Call.TAKE, Boots("a"), False, id="the first start of all"),
        pytest.param(ONE, "a", None, True, Call.TAKE, ONE, False, id="the same start again"),
        pytest.param(ONE, "b", "a", True, Call.TAKE, RESTARTED, False, id="a quick restart"),
        pytest.param(RESTARTED, "c", "ab", True, Call.TAKE, Boots("c", "b"), False, id="a lost answer, then a restart"),
        pytest.param(
            ONE, "c", "ab", True, Call.TAKE, Boots("c", "a", None, 0, 7), False, id="a lost request, a restart"
        ),
        pytest.param(RESTARTED, "c", "a", True, Call.REFUSE, replace(RESTARTED, refused="c"), True, id="a copy"),
        pytest.param(ONE, "b", None, False, Call.TAKE, RESTARTED, False, id="anybody when the first is gone"),
        pytest.param(ONE, None, None, True, Call.TAKE, ONE, False, id="an agent that makes no boot ids"),
        pytest.param(ONE, "b", "z", True, Call.REFUSE, Boots("a", None, "b", 7), True, id="a stranger"),
        pytest.param(ONE, "b", None, True, Call.REFUSE, Boots("a", None, "b", 7), True, id="one without a past"),
        pytest.param(REFUSING, "b", "a", True, Call.REFUSE, REFUSING, True, id="the refused one again"),
        pytest.param(
            REFUSING, "c", "b", True, Call.REFUSE, Boots("a", None, "c", 9), True, id="the refused, restarted"
        ),
        pytest.param(RESTARTED, "a", None, True, Call.TAKE, Boots("a", None, "b", 7), True, id="the first still lives"),
    ],
)
def test_a_registration(
    before: Boots, boot: str | None, previous: str | None, alive: bool, call: Call, after: Boots, conflict: bool
) -> None:
    ruling = judge_registration(before, boot, previous or "", alive)

    assert (ruling.call, ruling.after, ruling.conflict) == (call, after, conflict)
