"""The pure parts of the load generator: what they compute is what the table claims."""

from bench.heartbeats.figures import growth, percentile, schedule
from bench.heartbeats.messages import arrivals, daemon_beat, post, read_answer


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (50.0, 99.0, 7.0)
    assert percentile([], 0.99) == 0.0


def test_a_schedule_sends_one_beat_in_each_slot() -> None:
    times = schedule(rate=333, seconds=3)
    assert [int(time * 333) for time in times] == list(range(999))
    assert times == schedule(rate=333, seconds=3)


def test_a_queue_that_grows_is_seen() -> None:
    assert growth([1.0] * 100) == 1.0
    assert growth([float(number) for number in range(1, 101)]) > 5


def test_an_answer_counts_only_when_it_is_whole() -> None:
    whole = b"HTTP/1.1 404 NOT FOUND\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngone"
    assert [read_answer(whole[:size]) for size in (0, 20, len(whole) - 1)] == [None, None, None]
    assert (read_answer(whole), read_answer(whole + b"more"), read_answer(b"no\r\n\r\n")) == (404, 0, 0)


def test_a_request_says_how_long_its_body_is() -> None:
    body = daemon_beat(7, 0)
    assert f"Content-Length: {len(body)}\r\n".encode() in post("/", body, keep=True)


def test_an_event_has_arrived_when_its_last_byte_is_there() -> None:
    event = b'data: {"metadata":{"cpuUsage":0.100042}}\n\n'
    assert arrivals([(1.0, event[:20]), (2.0, event[20:-1]), (3.0, event[-1:]), (4.0, event)]) == {42: 3.0}
