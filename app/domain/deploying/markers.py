"""What a remote runner says: steps and facts as lines that begin with @@, everything else is log."""

import re
from dataclasses import dataclass

STEP = re.compile(r"@@ step ([a-z]{1,32}) (start|ok|fail)(?: (.{0,400}))?")
END = re.compile(r"@@ end (ok|fail)")
CODE = re.compile(r"([a-z_]{1,32}) (.+)")


@dataclass(frozen=True)
class StepMark:
    """A step began, ended, or failed with a code and a sentence."""

    step: str
    what: str
    text: str = ""

    @property
    def failure(self) -> tuple[str, str]:
        """The code and the sentence of a failure."""
        found = CODE.fullmatch(self.text)
        return (found[1], found[2]) if found else ("step_failed", self.text or "the step failed")


def step_mark(line: str) -> StepMark | None:
    """The mark in a line, if it is one."""
    found = STEP.fullmatch(line)
    return StepMark(found[1], found[2], found[3] or "") if found else None


def is_marker(line: str) -> bool:
    """Whether a line is for us, and not for the log."""
    return line.startswith("@@ ")
