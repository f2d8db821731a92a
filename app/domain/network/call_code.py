"""How a call to an address that people name can end: the closed set of codes that jobs, routes and clients see."""

from enum import StrEnum


class CallCode(StrEnum):
    """Codes are never renamed. Each comes with a sentence."""

    OK = "ok"  # a 2xx answer
    UNKNOWN_HOST = "unknown_host"  # the name has no address
    TARGET_DENIED = "target_denied"  # no address of it may be called; nothing was sent, whatever listens there
    REFUSED = "refused"  # the machine is there, the port is closed
    UNREACHABLE = "unreachable"  # no way there
    TIMEOUT = "timeout"  # not found, connected or answered within the limit
    NOT_HTTP = "not_http"  # something answered that is not HTTP
    HTTP_ERROR = "http_error"  # any answer but 2xx, redirects too: they are not followed


class CallFailed(Exception):
    """The call came to nothing; the sentence is for people."""

    def __init__(self, code: CallCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
