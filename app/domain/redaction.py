"""Takes secrets out of text that is about to be logged: what looks like one, and what is known to be one."""

import base64
import re
from collections.abc import Iterable
from urllib.parse import parse_qs, quote, quote_plus, unquote, urlsplit

from app.domain.identity.secret import SecretKind

HIDDEN = "***"
SHORTEST_LIVE = 8  # characters; a shorter password would hide half of every log line, and is none

_KINDS = "|".join(SecretKind)
_NAMES = r"password|passwd|passphrase|pwd|secret|token|credential|(?:api|secret|private|access)[-_]?key"
_QUOTED = r""""(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\\["'][^"'\\]*|[^\s,;&"'\\)}\]]+"""

# What must be in a text in lower case for a pattern to be worth a try, the pattern, and what stays of its match.
_RULES = tuple(
    (needles, re.compile(pattern, flags), kept)
    for needles, pattern, flags, kept in (
        (("_",), rf"({_KINDS})_[A-Za-z0-9_-]{{8,}}", re.ASCII, r"\1_"),
        (("_",), r"(?<![A-Za-z0-9])([a-z]{2,4})_[A-Za-z0-9]{20,}", re.ASCII, r"\1_"),
        (("eyj",), r"(eyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?", re.ASCII, r"\1"),
        (("/w/",), r"(/w/)[^/\s\"'?#]+", re.ASCII, r"\1"),
        (
            ("authorization",),
            r"(authorization\\?[\"']?\s*[:=,]\s*b?\\?[\"']?)(?:[a-z]+\s+)?[^\s\"',;\\]+",
            re.I | re.ASCII,
            r"\1",
        ),
        (("bearer",), r"(bearer\s+)[^\s\"',;]{16,}", re.I | re.ASCII, r"\1"),
        (("://",), r"(://[^\s:/@\"']*:)[^\s/\"']+(?=@)", re.ASCII, r"\1"),
        (
            ("pass", "pwd", "secret", "token", "credential", "key"),
            rf"((?:{_NAMES})\\?[\"']?\s*[:=]\s*b?)(?:{_QUOTED})",
            re.I | re.ASCII,
            r"\1",
        ),
        (
            ("private key",),
            r"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----).*?(?=-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)",
            re.S | re.ASCII,
            r"\1",
        ),
    )
)


def redact(text: str, live: "re.Pattern[str] | None" = None) -> str:
    """The text with `***` in place of secrets. `live` is what `live_pattern` made of those that are known."""
    if live:
        text = live.sub(HIDDEN, text)
    lower = text.lower()
    for needles, pattern, kept in _RULES:
        if any(needle in lower for needle in needles):
            text = pattern.sub(kept + HIDDEN, text)
    return text


def live_pattern(values: Iterable[str]) -> "re.Pattern[str] | None":
    """A pattern that finds these values in any form that a log may hold them in; None when there is nothing to find."""
    forms = {form for value in values if len(value) >= SHORTEST_LIVE for form in _forms(value)}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if forms else None


def passwords_of(url: str) -> set[str]:
    """The passwords in a URL of a database or of Redis, as they stand there and decoded."""
    parts = urlsplit(url)
    found = {parts.password or "", *parse_qs(parts.query).get("password", ())}
    return {form for password in found for form in (password, unquote(password)) if form}


def _forms(value: str) -> set[str]:
    raw = value.encode("utf-8", "replace")
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    for skipped in (0, 1, 2):  # as part of something longer, such as user:password
        core = base64.b64encode(b"\0" * skipped + raw)[-(-skipped * 8 // 6) : (skipped + len(raw)) * 8 // 6].decode()
        encoded |= {core, core.replace("+", "-").replace("/", "_")}
    return {value, repr(value)[1:-1], quote(value, safe=""), quote(value), quote_plus(value)} | encoded
