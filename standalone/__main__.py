"""`python -m standalone`: what `make run` runs."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from standalone.errors import StandaloneError
from standalone.guardian import Guardian
from standalone.settings import HELP, StandaloneSettings
from standalone.stack import Stack
from standalone.state import StateFolder
from standalone.supervisor import StopRequested, Supervisor

CHECKOUT = Path(__file__).resolve().parent.parent


def say(line: str) -> None:
    """One calm line for the person at the terminal, who may have closed it."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


def main(arguments: list[str] | None = None, checkout: Path = CHECKOUT) -> int:
    """Run until told to stop. 0 after a clean stop, 1 with one sentence after a failed start."""
    parser = argparse.ArgumentParser(
        prog="python -m standalone", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    try:
        settings = StandaloneSettings.from_environment()
        state = StateFolder(settings.home)
        state.lock(say)
        run(settings, state, checkout)
    except StandaloneError as error:
        with contextlib.suppress(OSError):
            print(f"Muster did not start. {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def run(settings: StandaloneSettings, state: StateFolder, checkout: Path) -> None:
    """Start everything, keep it running, stop everything, whatever happens in between."""
    say(f"Muster is starting; its state is in {state.path}")
    guardian = Guardian(state.lock_file)
    supervisor = Supervisor(guardian, say)
    supervisor.catch_signals()
    stack = Stack(settings, state, supervisor, say, checkout)
    try:
        health = stack.start()
        say(welcome(stack))
        while True:
            supervisor.check()
            health.look()
            supervisor.pause()
    except StopRequested:
        say("\nstopping")
    finally:
        supervisor.stop()
        guardian.close()
        state.unlock()
    say("stopped")


def welcome(stack: Stack) -> str:
    """Where everything is and how to get in."""
    sign_in = stack.sign_in_link or "sign-in is off: anyone who can reach this address can steer the fleet"
    once = "\n             (the first admin, once, within 15 minutes; each start shows a new link)"
    return f"""
Muster is running.

  Dashboard  {stack.settings.base_url}/
  Sign-in    {sign_in}{once if stack.sign_in_link else ""}
  Flower     {stack.settings.base_url}/flower/ (for admins; shows Celery's tasks)
  Logs       {stack.state.folder("logs")}

Ctrl-C stops everything.
"""


if __name__ == "__main__":
    sys.exit(main())
