"""Deploys: ask for one, carry it out over SSH."""

from app.services.deploying.asking import request_deploy, retry_deploy
from app.services.deploying.host_keys import probe

__all__ = ["probe", "request_deploy", "retry_deploy"]
