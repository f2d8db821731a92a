"""What a machine (or a person) says to make it a node, and how capability lists are read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

NODE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
HOST = re.compile(r"(?!-)[A-Za-z0-9._:%-]{1,253}")
CAPABILITY = re.compile(r"[a-z0-9][a-z0-9._+:/-]{0,63}")
MAX_CAPABILITIES = 100


@dataclass(frozen=True)
class Registration:
    """A registration; None means left out, and what is left out wipes nothing."""

    node_id: str
    host: str
    port: int
    name: str | None = None
    platform: str | None = None
    arch: str | None = None
    cpu_count: int | None = None
    memory_mb: int | None = None
    version: str | None = None
    agents: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] | None = None
    metadata: Mapping[str, Any] | None = None
    labels: Mapping[str, str] | None = None
    managed: bool = False  # a daemon of ours runs there
    manual: bool = False  # typed by a person: the machine itself has not been heard
    machine_id: str | None = None
    boot_id: str | None = None  # made at each start of a daemon
    previous_boot_ids: tuple[str, ...] = ()  # starts before it that we may know: the last of which it is sure first


def split_capabilities(raw: Iterable[str]) -> tuple[str, ...]:
    """Existing agents send one comma-joined string inside the list: split, trim, lower-case, de-duplicate.

    >>> split_capabilities(["browser, Voice", "browser"])
    ('browser', 'voice')
    """
    words = (word.strip().lower() for item in raw for word in item.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def within(said: Registration, allowed: frozenset[str] | None) -> tuple[Registration, tuple[str, ...]]:
    """The registration with the capabilities that its node may claim (None: any), and those that were left out."""
    if allowed is None or said.capabilities is None:
        return said, ()
    kept = tuple(word for word in said.capabilities if word in allowed)
    return replace(said, capabilities=kept), tuple(word for word in said.capabilities if word not in allowed)
