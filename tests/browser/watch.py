"""What must never happen in a page: errors, and requests to anybody but us."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

EXPECTED = (
    # A browser logs each failed request; tests that take the server away cause them on purpose.
    "Failed to load resource",
    "net::ERR_",
    "TypeError: Failed to fetch dynamically imported module",
    # Without TLS one of our headers counts on loopback only. It is sent always: TLS may end at a proxy.
    "The Cross-Origin-Opener-Policy header has been ignored",
)


def watch(context: BrowserContext, origin: str) -> list[str]:
    """A list that fills with what went wrong in any tab."""
    faults: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            faults.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith(origin):
            faults.append(f"asked a foreign host: {request.url}")

    context.on("console", said)
    context.on("weberror", lambda error: faults.append(f"page: {error.error}"))
    context.on("request", asked)
    return faults
