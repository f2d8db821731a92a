"""The one failure of the benchmark."""


class NotMeasurable(Exception):
    """This machine or this checkout cannot run the benchmark; the sentence says why."""
