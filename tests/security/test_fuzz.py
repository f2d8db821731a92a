"""Whatever is sent to any route by anybody: no failure of ours, no way past the door, answers as documented."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.policy import policies_of
from app.domain.deploying.ssh import SshTarget
from app.domain.identity.permissions import Policy
from app.gateways import task_queue
from app.services.deploying import Look
from tests.fleet import Fleet
from tests.identity.test_policies import lets_in
from tests.kit.proof import SEED, Proof
from tests.people import token

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
ROLES = ("nobody", "viewer", "operator", "admin")
STREAMS = {"stream", "follow"}
SHOWN = Look(SshTarget("shown", ""), "SHA256:x", "")
EXPECTED_FAILURES = {("/readyz", 503)}  # no beat runs here
REFUSED = {400, 401, 403, 404, 405, 410, 413, 415, 421, 429}


@pytest.fixture
def quick(guarded: Flask, monkeypatch: pytest.MonkeyPatch, settings_with: Callable[..., None]) -> Flask:
    """Nobody carries out jobs, nobody waits for them, and nobody asks too often."""
    monkeypatch.setattr(task_queue, "send_job", lambda _job_id: None)
    monkeypatch.setattr("app.gateways.rate_counter.RateCounter.allows", lambda *_: True)
    monkeypatch.setattr("app.services.deploying.probe", lambda *_: SHOWN)
    monkeypatch.setattr("app.services.deploying.probe_many", lambda *_: [SHOWN])
    monkeypatch.setattr("app.services.people.guesses.spend", lambda *_: None)
    return guarded


def headers_of(roles: tuple[str, ...]) -> dict[str, dict[str, str]]:
    plain = {"Accept-Encoding": "identity"}
    return {role: {**plain, **(token(role) if role != "nobody" else {})} for role in roles}


def test_the_served_document_holds_for_every_role(quick: Flask, fleet: Fleet, proof: Proof) -> None:
    fleet.add("node-1")
    known = headers_of(ROLES)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", quick, headers=known["viewer"])
    operations = [found.ok() for found in schema.get_all_operations()]
    # A route without parameters has few different requests, so more are asked for than are wanted.
    each = max(1, proof.count(full=60_000, small=150) // len(operations))
    seen: Counter[str] = Counter()
    for operation in operations:
        _fuzz(quick, operation, each, known, seen)
    assert seen["cases"] >= proof.count(full=50_000, small=50)
    wrong = [f"{count} x {what}" for what, count in seen.items() if what != "cases"]
    assert not wrong, "\n".join(wrong)
    proof.row(
        "Generated requests to every documented route, 4 roles",
        "0 failures of ours, 0 bypasses, 0 breaks of the schema",
        f"{seen['cases']} cases on {len(operations)} routes: 0, 0, 0",
    )


def _fuzz(app: Flask, operation: Any, each: int, known: dict[str, dict[str, str]], seen: Counter[str]) -> None:
    endpoint, streams = _behind(app, operation)
    policies = policies_of(app, endpoint)

    @seed(SEED)
    @settings(
        max_examples=each,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), role=st.sampled_from(ROLES))
    def send(case: Any, role: str) -> None:
        let_in = Policy.PUBLIC in policies or (role != "nobody" and lets_in(policies, role))
        if let_in and streams:
            return  # it would not end
        answer = case.call(headers=known[role])
        seen["cases"] += 1
        try:
            case.validate_response(answer, checks=_checks(operation, answer.status_code), headers=known[role])
        except FailureGroup as failures:
            for failure in failures.exceptions:
                seen[f"{operation.label} as {role}: {failure}"] += 1
        if not let_in and answer.status_code not in REFUSED:
            seen[f"{role} got {answer.status_code} from {operation.label}"] += 1

    send()


def _checks(operation: Any, status: int) -> list[Any]:
    expected = (operation.path, status) in EXPECTED_FAILURES
    return [check for check in CHECKS if not (expected and check is not_a_server_error)]


def _behind(app: Flask, operation: Any) -> tuple[str, bool]:
    path = re.sub(r"{(\w+)}", str(uuid4()), operation.path)
    endpoint, _ = app.url_map.bind("localhost").match(path, method=operation.method.upper())
    return endpoint, endpoint.split(".")[-1] in STREAMS
