"""The OpenAPI document, the explorer, and the policy of every route."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.api import policy
from app.api.policy import UndeclaredPolicy
from app.domain.identity.permissions import Policy
from config import Settings
from tests.fleet import CLUSTER

# Pages and files for people; all other routes are the API.
NOT_API = ("docs.", "dashboard.", "flower.", "api-docs.")


def documented(path: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def test_the_document_is_openapi_3_1(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.json["openapi"].startswith("3.1")
    assert answer.json["info"]["title"] == "Muster"


def test_the_document_names_every_route_and_method_of_the_api(app: Flask, client: FlaskClient) -> None:
    told = client.get("/api/openapi.json").json["paths"]
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(NOT_API):
            methods = {method.lower() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
            assert methods <= told[documented(rule.rule)].keys(), rule


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/nodes"),
        ("get", "/nodes/{node_id}"),
        ("post", "/register"),
        ("post", "/heartbeat/{node_id}"),
        ("delete", "/nodes/{node_id}"),
        ("get", "/best-node"),
        ("post", "/test-connection"),
        ("post", "/deploy-via-ssh"),
        ("post", "/nodes/{node_id}/restart"),
        ("get", "/stream"),
    ],
)
def test_the_ten_endpoints_of_the_protocol_are_documented(client: FlaskClient, method: str, path: str) -> None:
    operation = client.get("/api/openapi.json").json["paths"][f"{CLUSTER}{path}"][method]
    assert operation["summary"]


def test_the_document_describes_the_node_object(client: FlaskClient) -> None:
    schemas = client.get("/api/openapi.json").json["components"]["schemas"]
    node = schemas["Node"]["properties"]
    assert node["port"]["type"] == "integer"
    assert node["status"]["enum"] == ["online", "degraded", "offline"]
    assert {"nodeId", "host", "port"} == set(schemas["Registration"]["required"])
    assert schemas["Registration"]["properties"]["port"]["type"] == "integer"


def test_the_explorer_loads_everything_from_us(client: FlaskClient) -> None:
    page = client.get("/api/docs/").text
    assets = re.findall(r'(?:src|href|data-document)="([^"]+)"', page)
    assert len(assets) >= 4
    for asset in set(assets) - {"data:,"}:
        assert asset.startswith("/"), asset
        assert not asset.startswith("//")
        with client.get(asset) as answer:
            assert answer.status_code == 200, asset
            assert len(answer.data) > 50
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize("name", ["../__init__.py", "..%2f__init__.py", "/etc/passwd", "nothing.js"])
def test_only_files_of_the_explorer_are_served_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/api/docs/assets/{name}", follow_redirects=True).status_code == 404


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert policy.policies_of(app, rule.endpoint) <= set(Policy), rule
        assert policy.policies_of(app, rule.endpoint), rule


def test_a_route_without_a_policy_stops_the_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(app: Flask) -> None:
        app.add_url_rule("/forgotten", "forgotten", lambda: "")

    monkeypatch.setattr("app.cli.init_app", forgetful)
    with pytest.raises(UndeclaredPolicy, match=r"/forgotten .* declares no policy"):
        create_app(settings)
