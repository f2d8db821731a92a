"""The Procfile: what is read from it, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from standalone import procfile
from standalone.errors import StandaloneError


def test_a_line_becomes_an_argument_list() -> None:
    text = "# processes\n\nweb: gunicorn wsgi:app -c 'a b.py'\nworker:  celery worker\n"

    assert procfile.parse(text) == {"web": ["gunicorn", "wsgi:app", "-c", "a b.py"], "worker": ["celery", "worker"]}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("web gunicorn", 'line 1 must read "name: command"'),
        ("web:", 'line 1 must read "name: command"'),
        ("web: a\n\nweb: b", "line 3 names web a second time"),
        ("web: gunicorn --bind :$PORT", "line 1 needs a shell"),
        ("web: a && b", "line 1 needs a shell"),
        ("web: 'open", "line 1 cannot be read: no closing quotation"),
    ],
)
def test_what_cannot_run_without_a_shell_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(StandaloneError, match=complaint):
        procfile.parse(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StandaloneError, match="Procfile is missing"):
        procfile.read(tmp_path / "Procfile")


def test_our_own_lists_the_processes_that_hosts_run() -> None:
    commands = procfile.read(Path(__file__).parents[2] / "Procfile")

    assert list(commands) == ["release", "web", "worker", "beat", "flower"]
    assert not any("auth" in word.lower() for command in commands.values() for word in command)
