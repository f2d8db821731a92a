"""How a machine is set up by hand: where the script comes from, and what may be said of it."""

from dataclasses import replace
from enum import StrEnum

from app.domain.deploying.request import PLAN as OVER_SSH
from app.domain.errors import MusterError

LARGEST_RECEIPT = 64 * 1024  # bytes of one piece
LARGEST_RECEIPTS = 1024 * 1024  # bytes of all
SILENCE_SECONDS = 300.0  # a script that says nothing for so long was ended, or its machine is gone
SCRIPT_ENDS = "the script on the machine ends within seconds, or once its download is done"  # after a cancel


class Origin(StrEnum):
    """What a person ran on the machine."""

    SCRIPT = "script"
    BUNDLE = "bundle"


class SetupRefused(MusterError):
    """Whoever asks shows no join token of a setup, or not any more."""

    code = "setup_refused"


TITLES = {"connect": "Reach the control plane", "upload": "Fetch what is needed"}
# The steps of a deploy, in the words of somebody who is on the machine.
PLAN = tuple(replace(step, title=TITLES.get(step.name, step.title)) for step in OVER_SSH)
