"""A connection is made on a thread of its own, so that whoever waits for it can give it up at any moment."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import copy_context
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

HEED_SECONDS = 0.1
T = TypeVar("T")


@contextmanager
def entered(context: AbstractContextManager[T], heed: Callable[[], None]) -> Iterator[T]:
    """Within a context that takes its time to enter. `heed` is called meanwhile, and raises to give it up."""
    entry = _Entry(context)
    Thread(target=copy_context().run, args=(entry.make,), name="connect", daemon=True).start()
    try:
        while not entry.done.wait(HEED_SECONDS):
            heed()
    except BaseException:
        entry.give_up()
        raise
    with entry.result() as inside:
        yield inside


class _Entry(Generic[T]):
    def __init__(self, context: AbstractContextManager[T]) -> None:
        self._context, self._lock, self.done = context, Lock(), Event()
        self._given_up = False
        self._found: list[T] = []
        self._failure: BaseException | None = None

    def make(self) -> None:
        try:
            self._found.append(self._context.__enter__())
        except BaseException as failure:  # noqa: BLE001 - it is raised again where it is waited for
            self._failure = failure
        with self._lock:
            self.done.set()
            unwanted = self._given_up
        if unwanted:
            self._leave()

    def give_up(self) -> None:
        """Leave the context as soon as it is entered."""
        with self._lock:
            self._given_up = True
            made = self.done.is_set()
        if made:
            self._leave()

    @contextmanager
    def result(self) -> Iterator[T]:
        """What was entered, left at the end. Raises what kept it from being entered."""
        if self._failure is not None:
            raise self._failure
        with ExitStack() as stack:
            stack.push(self._context.__exit__)  # it may have something to say about what goes wrong within
            yield self._found[0]

    def _leave(self) -> None:
        if self._found:
            self._context.__exit__(None, None, None)
