"""What is written on a node reads back as it was meant, and nothing in it is ever carried out."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.deploying.files import agents_json, quoted, runner_vars, worker_env
from app.domain.deploying.request import AgentOrder, DeployOrder, node_id_for
from app.domain.errors import InvalidInput
from app.domain.nodes.registration import NODE_ID
from node_daemon.worker_env import parse

HARD = ["", "a b", "$HOME", "`id`", "#x", "a\\b", " x ", "it's", 'say "hi"', "$(touch /tmp/canary)", "😀", "a;b|c&d"]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


@pytest.mark.parametrize("value", HARD)
def test_hard_values_read_back_from_our_reader_and_from_a_shell(value: str, tmp_path: Path) -> None:
    written = worker_env({"NAME": value})

    assert parse(written, "file") == {"NAME": value}
    file = tmp_path / "worker.env"
    file.write_text(written)
    shown = subprocess.run(["sh", "-c", f'. {file}; printf %s "$NAME"'], capture_output=True, text=True, check=True)
    assert shown.stdout == value


@given(TEXT)
def test_every_value_reads_back_or_is_refused(value: str) -> None:
    try:
        written = worker_env({"NAME": value})
    except InvalidInput:
        assert "'" in value
        return
    assert parse(written, "file") == {"NAME": value}
    assert shlex.split(quoted("NAME", value)) in ([value], [])


@pytest.mark.parametrize("value", ["a\nB=1", "a\rb", "a\x00b", "'$x"])
def test_what_no_quoting_holds_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="NAME"):
        worker_env({"NAME": value})


@pytest.mark.parametrize("value", ["a b", "$x", "'", "a\nb", "`"])
def test_the_runners_settings_hold_plain_values_only(value: str) -> None:
    with pytest.raises(ValueError, match="JOB_ID"):
        runner_vars({"JOB_ID": value})


@given(TEXT, TEXT)
def test_distinct_names_never_fall_on_the_same_node_id(one: str, other: str) -> None:
    assert NODE_ID.fullmatch(node_id_for(one))
    assert one == other or node_id_for(one) != node_id_for(other)


def test_an_agents_command_is_the_template_unless_it_has_its_own() -> None:
    agents = (AgentOrder("a-1"), AgentOrder("a-2", command=("sleep", "{id}")))

    order = DeployOrder("h", "root", "SHA256:x", "n-1", node_port=4000, agents=agents)

    written = json.loads(agents_json(order, ("agent", "--id", "{id}")))

    assert [agent["command"] for agent in written["agents"]] == [["agent", "--id", "a-1"], ["sleep", "a-2"]]
    assert [agent["env"]["PORT"] for agent in written["agents"]] == ["4001", "4002"]
