"""A call of the API, made when it is needed: there may have to be a node or a setting first."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask

from tests.fleet import CLUSTER, Fleet
from tests.people import Browser, credential


@dataclass
class Call:
    """What to send; as an admin unless there are headers of its own."""

    path: str
    json: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] | None = None
    sender: Browser | None = None  # a page of a signed-in person sends it


Maker = Callable[[Flask, Fleet], Call]


def plain(path: str, **json: Any) -> Maker:
    return lambda _app, _fleet: Call(path, json)


def about_a_node(before: str = CLUSTER, after: str = "") -> Maker:
    def make(_app: Flask, fleet: Fleet) -> Call:
        fleet.add("node-1")
        credential("node-1")
        return Call(f"{before}/nodes/node-1{after}")

    return make


def change_settings(app: Flask, **changes: Any) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], **changes)
