"""The dashboard's files over HTTP: one page for all its addresses, assets for ever, nothing else."""

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import dashboard

PAGE = b"<!doctype html><title>Muster</title>"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built dashboard of two files."""
    (tmp_path / "assets").mkdir()
    for name, content in (("index.html", PAGE), ("assets/index-1a2b.js", b"run()"), ("theme.js", b"dark()")):
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(dashboard, "BUILT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "path", ["/", "/operations/cluster", "/operations/cluster/n-1/agents", "/sign-in", "/access/x"]
)
def test_every_address_of_the_dashboard_is_the_one_page(client: FlaskClient, built: Path, path: str) -> None:
    with client.get(path) as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "text/html", PAGE)
        assert answer.headers["Cache-Control"] == "no-cache"


def test_the_page_allows_no_script_but_our_own_files(client: FlaskClient, built: Path) -> None:
    with client.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


def test_an_asset_is_kept_for_ever_and_comes_compressed_to_who_asks(client: FlaskClient, built: Path) -> None:
    with client.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.data) == b"run()"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.mimetype == "text/javascript"
    with client.get("/assets/index-1a2b.js") as answer:
        assert answer.data == b"run()"
        assert "Content-Encoding" not in answer.headers


def test_a_page_that_is_known_already_is_not_sent_again(client: FlaskClient, built: Path) -> None:
    with client.get("/") as answer:
        etag = answer.headers["ETag"]
    with client.get("/", headers={"If-None-Match": etag}) as answer:
        assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/gone.js", "/index.html"]
)
def test_nothing_else_is_served(client: FlaskClient, built: Path, path: str) -> None:
    with client.get(path) as answer:
        assert (answer.status_code, answer.mimetype) == (404, "application/json")


def test_without_a_build_the_page_says_how_to_get_one(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "BUILT", tmp_path / "nothing")
    answer = client.get("/operations/cluster")
    assert answer.status_code == 503
    assert "make setup" in answer.text
