"""Deploys: ask for one or many, carry them out over SSH."""

from app.services.deploying.asking import request_deploy
from app.services.deploying.host_keys import Look, probe, probe_many
from app.services.deploying.many import Taken, look_through, request, request_many
from app.services.deploying.retrying import retry_deploy

__all__ = [
    "Look",
    "Taken",
    "look_through",
    "probe",
    "probe_many",
    "request",
    "request_deploy",
    "request_many",
    "retry_deploy",
]
