"""One reading for all who ask at the same time."""

from threading import Event, Thread

from app.services.shared_reading import SharedReading
from tests.fleet import until


class SlowSource:
    """Counts how often it is read; each reading takes until the test lets go."""

    def __init__(self) -> None:
        self.readings = 0
        self.go_on = Event()

    def read(self) -> int:
        self.readings += 1
        number = self.readings
        assert self.go_on.wait(10)
        return number


def test_who_asks_during_a_reading_gets_the_next_one_and_all_of_them_the_same() -> None:
    source, shared, got = SlowSource(), SharedReading[int](), []
    first = Thread(target=lambda: got.append(shared.get(source.read)))
    first.start()
    until(lambda: source.readings == 1)
    waiting = [Thread(target=lambda: got.append(shared.get(source.read))) for _ in range(5)]
    for thread in waiting:
        thread.start()
    until(lambda: shared.waiting == 5)

    source.go_on.set()
    for thread in (first, *waiting):
        thread.join(10)

    assert sorted(got) == [1, 2, 2, 2, 2, 2]


def test_a_later_asker_gets_a_reading_of_its_own() -> None:
    source, shared = SlowSource(), SharedReading[int]()
    source.go_on.set()

    assert [shared.get(source.read), shared.get(source.read)] == [1, 2]


def test_a_reading_that_lasts_serves_later_askers_too() -> None:
    source, shared = SlowSource(), SharedReading[int]()
    source.go_on.set()

    assert [shared.get(source.read, lambda _: 60.0) for _ in range(3)] == [1, 1, 1]


def test_a_reading_that_fails_has_failed_for_all_who_waited_meanwhile_and_for_nobody_later() -> None:
    source, shared, got = SlowSource(), SharedReading[int](), []

    def fail() -> int:
        source.read()
        raise TimeoutError

    def ask() -> None:
        try:
            got.append(shared.get(fail))
        except TimeoutError:
            got.append(-1)

    asking = [Thread(target=ask) for _ in range(5)]
    for thread in asking:
        thread.start()
    until(lambda: source.readings == 1 and shared.waiting == 4)
    source.go_on.set()
    for thread in asking:
        thread.join(10)

    assert (got, source.readings) == ([-1] * 5, 1)
    assert shared.get(source.read) == 2
