"""Made once, bound to an app later; and the way to reach the settings from anywhere with an app context."""

from collections.abc import Callable
from typing import TypeVar, cast

from celery import Celery, Task
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData

from config import Settings

A = TypeVar("A")
B = TypeVar("B")

NAMING = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}


class ContextTask(Task):  # type: ignore[misc]
    """A task that runs within the context of the app that Celery was bound to."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        with self.app.flask_app.app_context():
            return self.run(*args, **kwargs)


# The engine beside the default one whose connections only heartbeats use: they never queue behind anything else.
HEARTBEATS = "heartbeats"

db = SQLAlchemy(metadata=MetaData(naming_convention=NAMING))
celery = Celery("muster", task_cls=ContextTask)


def settings() -> Settings:
    """The settings of the current app."""
    return cast("Settings", current_app.extensions["settings"])


def in_context(call: Callable[[A], B]) -> Callable[[A], B]:
    """The same call for other threads: within the context of the app that is current here."""
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]

    def within(argument: A) -> B:
        with app.app_context():
            return call(argument)

    return within
