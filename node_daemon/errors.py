"""What can stop the daemon from starting; each error is one sentence a person can act on."""

from __future__ import annotations

BAD_CONFIGURATION = 78  # EX_CONFIG of sysexits.h
TEMPORARY_FAILURE = 75  # EX_TEMPFAIL


class StartError(Exception):
    """The daemon cannot start; the message is one line and holds no secret."""

    exit_code = TEMPORARY_FAILURE


class JoinError(StartError):
    """This machine may not become a node, and asking again does not help."""

    exit_code = BAD_CONFIGURATION


class SettingsError(StartError):
    """A variable is missing or wrong; the message names it."""

    exit_code = BAD_CONFIGURATION
