"""What agents say of themselves by way of their node: that they wait for a human, and how far they are."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

Json = dict[str, Any]

LONGEST_QUESTION, LONGEST_LINK, LONGEST_PROGRESS, LONGEST_ANSWER = 500, 500, 200, 4000
_QUESTIONS = UUID("5ac4c0de-0b1f-4a53-9f0e-1d2f4a7be9d1")


def waiting(said: Any) -> Json | None:
    """A question as it is kept: {question, link, since}; None when there is nothing that can be shown."""
    question, since = line(said.get("question"), LONGEST_QUESTION), _instant(said.get("since"))
    if question is None or since is None:
        return None
    return {"question": question, "link": link(said.get("link")), "since": since}


def progress(said: Any) -> Json | None:
    """A step forward as it is kept: {text, percent, at}; None when there is nothing that can be shown."""
    text, at, percent = line(said.get("text"), LONGEST_PROGRESS), _instant(said.get("at")), said.get("percent")
    if text is None or at is None:
        return None
    known = type(percent) in (int, float) and 0 <= percent <= 100
    return {"text": text, "percent": percent if known else None, "at": at}


def line(value: Any, longest: int) -> str | None:
    """A line of printable text, or None."""
    return value if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() else None


def link(value: Any) -> str | None:
    """An address that may be shown as a link: http or https only, since an agent made it."""
    if not isinstance(value, str) or len(value) > LONGEST_LINK or not all("!" <= letter <= "~" for letter in value):
        return None
    try:
        url = urlsplit(value)
    except ValueError:
        return None
    return value if url.scheme in ("http", "https") and url.hostname and "@" not in url.netloc else None


def question_id(node_id: str, agent_id: str, since: str, question: str) -> UUID:
    """The same for the same question, however often it is reported."""
    return uuid5(_QUESTIONS, f"{node_id}\n{agent_id}\n{since}\n{question}")


def _instant(value: Any) -> str | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return value if time is not None and time.tzinfo is not None else None


KEPT = {"waiting": waiting, "progress": progress}
