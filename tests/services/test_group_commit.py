"""Joining many calls into few writes, without a database."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from app.domain.errors import Unavailable
from app.services.group_commit import GroupCommit
from tests.fleet import until

Group = GroupCommit[str, str]


class Slow:
    """A write that waits until it is let go, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = threading.Semaphore(0)
        self.failures: list[Exception] = []

    def __call__(self, items: Sequence[str]) -> list[str]:
        self.batches.append(list(items))
        assert self.gate.acquire(timeout=10)
        if self.failures:
            raise self.failures.pop()
        return [f"{item} written" for item in items]


@pytest.fixture
def write() -> Iterator[Slow]:
    """The write; let go at the end, so that no thread stays behind."""
    made = Slow()
    yield made
    made.gate.release(1000)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads of callers."""
    with ThreadPoolExecutor(40) as made:
        yield made


def submit(pool: ThreadPoolExecutor, group: Group, *items: str) -> list[Future[str]]:
    return [pool.submit(group.submit, item.partition("/")[0], item) for item in items]


def first_batch(pool: ThreadPoolExecutor, group: Group, write: Slow) -> Future[str]:
    [first] = submit(pool, group, "first")
    until(lambda: write.batches)
    return first


def gathered(group: Group) -> int:
    return sum(len(batch.items) for batch in group._waiting)


def test_an_idle_group_writes_at_once(write: Slow) -> None:
    write.gate.release()
    assert Group(write, 5).submit("a", "a") == "a written"


def test_what_comes_during_a_write_is_written_together(write: Slow, pool: ThreadPoolExecutor) -> None:
    group = Group(write, 5)
    first = first_batch(pool, group, write)
    names = [f"n-{number}" for number in range(30)]
    others = submit(pool, group, *names)
    until(lambda: gathered(group) == 30)
    write.gate.release(2)
    assert first.result(5) == "first written"
    assert [other.result(5) for other in others] == [f"{name} written" for name in names]
    assert [len(batch) for batch in write.batches] == [1, 30]


def test_nobody_is_answered_before_the_write_has_ended(write: Slow, pool: ThreadPoolExecutor) -> None:
    first = first_batch(pool, Group(write, 5), write)
    assert not first.done()
    write.gate.release()
    assert first.result(5)


def test_two_items_of_one_key_never_share_a_batch_and_keep_their_order(write: Slow, pool: ThreadPoolExecutor) -> None:
    group = Group(write, 5)
    first_batch(pool, group, write)
    for count, item in enumerate(("a/1", "b/1", "a/2", "a/3", "b/2"), 1):
        submit(pool, group, item)
        until(lambda count=count: gathered(group) == count)
    write.gate.release(10)
    until(lambda: len(write.batches) == 4)
    assert write.batches[1:] == [["a/1", "b/1"], ["a/2", "b/2"], ["a/3"]]


def test_a_batch_has_a_largest_size(write: Slow, pool: ThreadPoolExecutor) -> None:
    group = Group(write, 5, max_batch=4)
    first_batch(pool, group, write)
    others = submit(pool, group, *[f"n-{number}" for number in range(10)])
    until(lambda: gathered(group) == 10)
    write.gate.release(10)
    assert all(other.result(5) for other in others)
    assert [len(batch) for batch in write.batches] == [1, 4, 4, 2]


def test_a_failed_write_fails_its_whole_batch_and_no_other(write: Slow, pool: ThreadPoolExecutor) -> None:
    group = Group(write, 5)
    write.failures = [Unavailable("gone")]
    first = first_batch(pool, group, write)
    others = submit(pool, group, "a", "b")
    until(lambda: gathered(group) == 2)
    write.gate.release(2)
    with pytest.raises(Unavailable, match="gone"):
        first.result(5)
    assert [other.result(5) for other in others] == ["a written", "b written"]


def test_a_write_that_answers_too_little_fails_instead_of_mixing_answers() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Group(lambda _items: [], 5).submit("a", "a")


def test_waiting_for_a_write_ends_at_the_deadline(write: Slow) -> None:
    group = Group(write, 0.05)
    with pytest.raises(Unavailable, match="in time"):
        group.submit("a", "a")


def test_the_group_goes_on_after_a_caller_gave_up(write: Slow) -> None:
    group = Group(write, 0.1)
    with pytest.raises(Unavailable):
        group.submit("a", "a/1")
    group._deadline = 5
    write.gate.release(2)
    assert group.submit("a", "a/2") == "a/2 written"
