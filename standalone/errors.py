"""The one error of this package: a sentence for the person at the terminal."""


class StandaloneError(Exception):
    """Muster cannot run as asked. The text names what to change and holds no secret."""
