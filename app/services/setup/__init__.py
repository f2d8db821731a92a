"""Machines that become nodes by a script that a person runs there: the same steps as a deploy over SSH."""

from app.services.setup.asking import Made, request_setup, script_for
from app.services.setup.bundles import request_bundle
from app.services.setup.receipts import parcel_for, runtime_for, take_receipt

__all__ = ["Made", "parcel_for", "request_bundle", "request_setup", "runtime_for", "script_for", "take_receipt"]
