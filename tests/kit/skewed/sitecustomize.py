"""Makes the wall clock of a Python program wrong: by as many seconds as the file SKEW_FILE says at that moment."""

import datetime
import os
import time

_time, _datetime = time.time, datetime.datetime


def skew() -> float:
    """Seconds that the clock is ahead."""
    with open(os.environ["SKEW_FILE"]) as file:  # noqa: PTH123 - not more than that is loaded into each program
        return float(file.read() or 0)


class Whole(type):
    """What others make, such as a driver written in C, counts as well."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _datetime)


class Skewed(_datetime, metaclass=Whole):
    """The time of day with its fault."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """As of the wrong clock."""
        return _datetime.now(tz) + datetime.timedelta(seconds=skew())


time.time = lambda: _time() + skew()
datetime.datetime = Skewed
