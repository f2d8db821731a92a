"""Who asks, how and under which name; and who may say so for others."""

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.api.gate.arrival import Arrival
from app.domain.network.host_names import host_names
from config import Settings
from tests.fleet import CLUSTER

PROXY, STRANGER = "10.0.0.1", "192.0.2.9"
FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "6.6.6.6, 192.0.2.7",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "muster.example.com",
    "HTTP_X_REQUEST_ID": "from-the-proxy",
    "HTTP_FORWARDED": "for=6.6.6.6",
    "HTTP_X_REAL_IP": "6.6.6.6",
    "HTTP_X_FORWARDED_PREFIX": "/below",
}


def arrived(settings: Settings, **environ: str) -> dict[str, Any]:
    """What the app behind finds in its environment."""
    found: dict[str, Any] = {}
    arrival = Arrival(lambda environ, _start: found.update(environ) or [], settings)
    arrival({"wsgi.url_scheme": "http", "RAW_URI": "/", "HTTP_HOST": "cp:3100", **environ}, None)
    return found


@pytest.fixture
def behind(settings: Settings) -> Settings:
    """The settings of a control plane behind a proxy."""
    return replace(settings, trusted_proxies=(ip_network("10.0.0.0/8"),))


def test_a_trusted_proxy_is_believed(behind: Settings) -> None:
    found = arrived(behind, REMOTE_ADDR=PROXY, **FORWARDED)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"], found["HTTP_X_REQUEST_ID"]) == (
        "192.0.2.7",
        "https",
        "muster.example.com",
        "from-the-proxy",
    )


@pytest.mark.parametrize("peer", [STRANGER, "", "127.0.0.1"])
def test_nobody_else_is(behind: Settings, peer: str) -> None:
    found = arrived(behind, REMOTE_ADDR=peer, **FORWARDED)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"]) == (peer, "http", "cp:3100")
    assert not FORWARDED.keys() & found.keys()


def test_without_the_setting_no_proxy_is(settings: Settings) -> None:
    assert not FORWARDED.keys() & arrived(settings, REMOTE_ADDR="127.0.0.1", **FORWARDED).keys()


def test_what_we_do_not_read_reaches_nobody_behind(behind: Settings) -> None:
    found = arrived(behind, REMOTE_ADDR=PROXY, **FORWARDED)
    assert FORWARDED.keys() & found.keys() == {"HTTP_X_REQUEST_ID"}


@pytest.mark.parametrize("scheme", ["javascript", "https, http", "", "ftp"])
def test_only_a_last_word_of_https_is_https(behind: Settings, scheme: str) -> None:
    assert arrived(behind, REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_PROTO=scheme)["wsgi.url_scheme"] == "http"


def test_who_comes_by_the_public_url_came_as_it_says(settings: Settings) -> None:
    public = replace(settings, public_url="https://muster.example.com")
    assert arrived(public, HTTP_HOST="Muster.example.com")["wsgi.url_scheme"] == "https"
    assert arrived(public, HTTP_HOST="127.0.0.1:3100")["wsgi.url_scheme"] == "http"


def test_the_name_in_an_absolute_target_counts_instead_of_the_header(settings: Settings) -> None:
    assert arrived(settings, RAW_URI="http://evil.example/nodes")["HTTP_HOST"] == "evil.example"


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f", "<script>alert(1)", "naïve-naïve", ""])
def test_an_id_that_is_not_well_formed_is_replaced(behind: Settings, given: str) -> None:
    client = create_app(behind).test_client()
    answer = client.get("/healthz", environ_base={"REMOTE_ADDR": PROXY}, headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] not in ("", given)


def test_the_id_of_a_trusted_proxy_is_kept_and_one_of_a_stranger_is_not(behind: Settings) -> None:
    client, sent = create_app(behind).test_client(), {"X-Request-Id": "0af7651916cd43dd"}
    kept = client.get("/healthz", environ_base={"REMOTE_ADDR": PROXY}, headers=sent)
    assert kept.headers.getlist("X-Request-Id") == ["0af7651916cd43dd"]
    made = client.get("/healthz", environ_base={"REMOTE_ADDR": STRANGER}, headers=sent)
    assert made.headers["X-Request-Id"] != "0af7651916cd43dd"


@pytest.mark.parametrize("path", [f"{CLUSTER}/nodes", "/", "/api/session", "/nowhere", "/healthz/x"])
def test_a_foreign_name_is_told_which_setting_is_missing(client: FlaskClient, path: str) -> None:
    answer = client.get(path, base_url="http://evil.example:3100")
    assert (answer.status_code, answer.json["code"]) == (421, "host_not_allowed")
    assert "evil.example" in answer.json["error"]
    assert "ALLOWED_HOSTS" in answer.json["error"]


def test_a_name_that_cannot_be_one_is_not_repeated(client: FlaskClient) -> None:
    answer = client.get(f"{CLUSTER}/nodes", headers={"Host": "<script>"})
    assert answer.status_code in (400, 421)
    assert "script" not in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_load_balancers_may_ask_for_health_under_any_name(client: FlaskClient, path: str) -> None:
    assert client.get(path, base_url="http://web:3100").status_code != 421


def test_a_page_under_the_public_url_may_change_things_through_a_proxy_that_renames_us(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = replace(app.extensions["settings"], public_url="https://muster.example.com")
    monkeypatch.setitem(app.extensions, "settings", public)
    monkeypatch.setitem(app.extensions, "answers_to", host_names("127.0.0.1", (), "muster.example.com", "x").allow)
    for origin, status in (("https://muster.example.com", 400), ("https://evil.example", 403)):
        answer = client.post(f"{CLUSTER}/register", json={}, headers={"Origin": origin})
        assert answer.status_code == status
