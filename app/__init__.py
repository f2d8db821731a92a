"""The control plane. `create_app` joins the rooms, nothing else."""

from typing import Any

import orjson
from flask import Flask
from sqlalchemy import NullPool

from app import logs, tasks
from app.domain.database_url import Role, smart_db_config
from app.domain.redaction import passwords_of
from app.extensions import HEARTBEATS, celery, db
from app.gateways import driver, event_bus, redis_client
from app.services.presence import pulse
from app.services.watching import vitals
from config import Settings

LARGEST_BODY = 64 * 1024


def create_app(settings: Settings | None = None, role: Role = "web") -> Flask:
    """Make the app for one role of process: web, worker (Celery), beat or release."""
    made = settings or Settings.from_environment()
    logs.install(_secrets(made))
    app = Flask(__name__, static_folder=None)
    app.extensions["settings"] = made
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, **_database(made, role))
    driver.install()
    db.init_app(app)
    redis_client.init_app(app, made.redis_url)
    event_bus.init_app(app)
    vitals.init_app(app)
    pulse.init_app(app)
    bind_celery(app, made)
    if role != "worker":
        _open_doors(app)
    return app


def _open_doors(app: Flask) -> None:
    """For whoever asks. A Celery worker answers nobody, and does without the memory that answering takes."""
    from flask_migrate import Migrate  # noqa: PLC0415 - a Celery worker does without the memory of it

    from app import api, cli, dashboard  # noqa: PLC0415
    from app.gateways import rate_counter  # noqa: PLC0415

    Migrate(app, db, directory="migrations")
    rate_counter.init_app(app)
    api.init_app(app)
    dashboard.init_app(app)
    cli.init_app(app)
    api.policy.init_app(app)


def _secrets(settings: Settings) -> set[str]:
    """What this process knows and no log line may hold."""
    urls = (
        settings.database_url,
        settings.redis_url,
        settings.broker_url,
        settings.flower_url,
        settings.worker_database_url,
    )
    keys = (settings.secret_key, settings.former_secret_key)
    return {*keys, *(password for url in urls for password in passwords_of(url))}


def _database(settings: Settings, role: Role) -> dict[str, Any]:
    tuned = smart_db_config(settings.database_url, role)
    engine: dict[str, Any] = {
        "connect_args": tuned.connect_args,
        "json_deserializer": orjson.loads,
        "json_serializer": lambda value: orjson.dumps(value).decode(),
        "hide_parameters": True,  # an error may be logged; what somebody sent may not
    }
    pool = {
        "pool_size": tuned.pool_size,
        "max_overflow": tuned.max_overflow,
        "pool_recycle": tuned.pool_recycle,
        # Fifty deploys take turns at the few connections of a Celery worker, and none of them answers a person.
        "pool_timeout": 30 if role == "worker" else 3,
    }
    return {
        "SQLALCHEMY_DATABASE_URI": tuned.url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine | pool,
        "SQLALCHEMY_BINDS": {HEARTBEATS: {"url": tuned.url, "poolclass": NullPool, **engine}},
    }


def bind_celery(app: Flask, settings: Settings) -> None:
    """Let the tasks of this process run in the context of this app."""
    celery.config_from_object(tasks.celery_settings.celery_settings(settings))
    celery.set_default()
    celery.flask_app = app
    app.extensions["celery"] = celery
