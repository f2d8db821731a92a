"""When a dead agent is started again, and when that is a crash loop or given up. Pure: the clock comes in."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Patience:
    """Times in seconds."""

    first: float = 1.0
    longest: float = 30.0
    loop_restarts: int = 5
    loop_window: float = 120.0
    # Longer than `longest`: between two tries of a crash loop nothing may look calm.
    calm: float = 60.0
    stop_grace: float = 5.0
    # Deaths in a row after which it is left alone, some eight minutes with the waits above; 0: never.
    give_up_after: int = 20


@dataclass
class Life:
    """The deaths of one agent. All times are of a clock that never goes back."""

    patience: Patience
    is_looping: bool = False
    _in_a_row: int = 0
    _restarts: list[float] = field(default_factory=list)

    @property
    def is_given_up(self) -> bool:
        """Whether it died so often in a row that only a person, or another spec, makes it start again."""
        return 0 < self.patience.give_up_after <= self._in_a_row

    def died(self, now: float) -> float:
        """Note a death (or a start that failed); answers when to start again."""
        self._in_a_row += 1
        self.is_looping = self.is_looping or self.is_given_up
        return now + restart_delay(self._in_a_row, self.patience)

    def restarted(self, now: float) -> None:
        """Note a start; only one after a death counts."""
        if not self._in_a_row:
            return
        self._restarts = [time for time in self._restarts if time > now - self.patience.loop_window] + [now]
        if len(self._restarts) >= self.patience.loop_restarts:
            self.is_looping = True

    def lived(self, seconds: float) -> None:
        """Note how long the present process has lived: long enough, and the past is forgotten."""
        if seconds >= self.patience.calm and (self._in_a_row or self.is_looping):
            self._in_a_row, self._restarts, self.is_looping = 0, [], False


def restart_delay(deaths_in_a_row: int, patience: Patience) -> float:
    """1, 2, 4, 8, 16, 30, 30 ... s: an agent that became a crash loop has reached the longest."""
    return min(patience.longest, patience.first * 2.0 ** min(deaths_in_a_row - 1, 20))
