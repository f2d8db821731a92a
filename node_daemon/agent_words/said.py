"""What an agent may say of itself, and the check of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping
from urllib.parse import urlsplit

LONGEST_QUESTION, LONGEST_LINK, LONGEST_PROGRESS, LONGEST_ANSWER = 500, 500, 200, 4000


@dataclass(frozen=True)
class Question:
    """What an agent waits for a person to say."""

    text: str
    link: str | None = None


@dataclass(frozen=True)
class Progress:
    """How far an agent is; `percent` is 0 to 100."""

    text: str
    percent: float | None = None


@dataclass(frozen=True)
class Said:
    """One message of an agent. `is_working` takes an earlier question back."""

    question: Question | None = None
    is_working: bool = False
    progress: Progress | None = None


def read(body: object) -> Said:
    """Raises ValueError with one sentence that says what is wrong."""
    if not isinstance(body, dict):
        raise ValueError("send a JSON object")
    state = body.get("state")
    if state not in (None, "waiting", "working"):
        raise ValueError('state must be "waiting" or "working"')
    if body.get("percent") is not None and body.get("progress") is None:
        raise ValueError('percent belongs to "progress", a short text')
    if state is None and body.get("progress") is None:
        raise ValueError('say "state" ("waiting" or "working") or "progress"')
    if state != "waiting" and (body.get("question") is not None or body.get("link") is not None):
        raise ValueError('a question and its link belong to "state": "waiting"')
    question = (
        Question(_text(body, "question", LONGEST_QUESTION), _link(body.get("link"))) if state == "waiting" else None
    )
    progress = None
    if body.get("progress") is not None:
        progress = Progress(_text(body, "progress", LONGEST_PROGRESS), _percent(body.get("percent")))
    return Said(question, state == "working", progress)


def answer(value: object) -> str:
    """The answer of a person. Raises ValueError."""
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_ANSWER:
        raise ValueError(f"answer must be a text of 1-{LONGEST_ANSWER} characters")
    return value


def _text(body: Mapping[str, Any], key: str, longest: int) -> str:
    value = body.get(key)
    line = " ".join(value.split()) if isinstance(value, str) else ""
    if not 0 < len(line) <= longest or not line.isprintable():
        raise ValueError(f"{key} must be a text of 1-{longest} printable characters")
    return line


def _link(value: object) -> str | None:
    if value is None:
        return None
    fault = f"link must be a URL that begins with https:// or http://, of at most {LONGEST_LINK} characters"
    if not isinstance(value, str) or len(value) > LONGEST_LINK or not all("!" <= letter <= "~" for letter in value):
        raise ValueError(fault)
    try:
        url = urlsplit(value)
    except ValueError:
        raise ValueError(fault) from None
    if url.scheme not in ("http", "https") or not url.hostname or "@" in url.netloc:
        raise ValueError(fault)
    return value


def _percent(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        raise ValueError("percent must be a number from 0 to 100")
    return value
