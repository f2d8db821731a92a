"""Every change leaves a row in the audit log, and so does every attempt that was refused."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.api.policy import policies_of
from app.domain.identity.permissions import Policy
from app.extensions import db
from app.gateways import task_queue
from app.models import AuditEntry
from tests.fleet import Fleet
from tests.identity.accepted_calls import CALLS, NOT_AUDITED
from tests.identity.call import Call
from tests.identity.test_policies import address, lets_in
from tests.people import token

# These routes let everybody in, and their verbs refuse: test_joining.py, test_sign_in.py.
AT_THE_VERB = {Policy.PUBLIC, Policy.NODE_IN_BATCH}
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch, settings_with: Callable[..., None]) -> None:
    """Jobs are asked for, and nobody waits long for their end."""
    monkeypatch.setattr(task_queue, "send_job", lambda _job_id: None)
    settings_with(answer_within=0.05)


def changing(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for verb in CHANGING:
            if verb in (rule.methods or ()) and rule.endpoint not in NOT_AUDITED:
                yield rule, verb


def rows() -> list[AuditEntry]:
    """What was written since the last look."""
    with db.engine.begin() as connection:
        found = connection.execute(text("SELECT actor_kind, result, action FROM audit_log ORDER BY id")).all()
        connection.execute(text("TRUNCATE audit_log"))
    return list(found)


def send(app: Flask, verb: str, call: Call, headers: dict[str, str]) -> TestResponse:
    if call.sender is not None:
        found: TestResponse = call.sender.send(verb, call.path, json=call.json)
        return found
    sent = headers if call.headers is None else call.headers
    return app.test_client().open(call.path, method=verb, json=call.json, headers=sent)


def test_every_accepted_change_leaves_a_row(guarded: Flask, fleet: Fleet) -> None:
    headers = token("admin")
    for rule, verb in changing(guarded):
        assert (rule.endpoint, verb) in CALLS, f"say in accepted_calls.py how {verb} {rule} succeeds"
        call = CALLS[rule.endpoint, verb](guarded, fleet)
        rows()
        answer = send(guarded, verb, call, headers)
        assert answer.status_code < 300, (verb, rule, answer.json)
        assert "done" in {row.result for row in rows()}, (verb, rule)


def test_every_change_that_nobody_we_know_wants_leaves_a_row(guarded: Flask) -> None:
    for rule, verb in changing(guarded):
        if not policies_of(guarded, rule.endpoint) & AT_THE_VERB:
            assert guarded.test_client().open(address(rule), method=verb, json={}).status_code == 401
            assert [(row.actor_kind, row.result) for row in rows()] == [("nobody", "refused")], (verb, rule)


def test_every_change_for_which_a_role_does_not_suffice_leaves_a_row(guarded: Flask) -> None:
    headers = token("viewer")
    for rule, verb in changing(guarded):
        policies = policies_of(guarded, rule.endpoint)
        if not policies & AT_THE_VERB and not lets_in(policies, "viewer"):
            answer = guarded.test_client().open(address(rule), method=verb, json={}, headers=headers)
            assert answer.status_code == 403
            assert [(row.actor_kind, row.result) for row in rows()] == [("token", "refused")], (verb, rule)


def test_every_change_from_a_page_of_another_site_leaves_a_row(guarded: Flask) -> None:
    for rule, verb in changing(guarded):
        headers = {"Origin": "https://evil.example"}
        assert guarded.test_client().open(address(rule), method=verb, headers=headers).status_code == 403
        assert [(row.actor_kind, row.result) for row in rows()] == [("nobody", "refused")], (verb, rule)


def test_what_leaves_no_row_still_exists(guarded: Flask) -> None:
    assert NOT_AUDITED.keys() <= guarded.view_functions.keys()
