"""Whatever people type into a deploy's fields is refused, or reads back the same and is only text."""

import json
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.api.schemas.deploy import MachineSchema
from app.api.schemas.setup import SetupSchema
from app.domain.deploying.files import agents_json, runner_vars, worker_env
from app.domain.deploying.request import DeployOrder
from app.domain.errors import InvalidInput
from app.services.deploying import parcel
from app.services.deploying.remote import _word
from node_daemon.agents.agents_file import AgentsFile
from node_daemon.errors import SettingsError
from node_daemon.worker_env import parse
from tests.kit.proof import Proof

BATCH = 100
CANARY = "executed"
PIECES = (
    f"$(:>{CANARY})",
    f"`:>{CANARY}`",
    f";:>{CANARY};",
    f"\n:>{CANARY}\n",
    f"\u2028:>{CANARY}\u2028",
    f"&& :>{CANARY} #",
    f"| tee {CANARY}",
    f"${{x:={CANARY}}}",
    *(
        "'",
        '"',
        "\\",
        "\\'",
        "'\"'\"'",
        "$'\\n'",
        "!!",
        "*",
        "~",
        "{id}",
        "%s",
        "=",
        "#",
        "\t",
        "\r",
        "\x0b",
        "\x85",
        "\x1b[2J",
    ),
    *(
        "EOF",
        "PYTHON\n",
        "START",
        "@@ end ok",
        "--",
        "-o ProxyCommand=x",
        "../..",
        "\u202e",
        "\ufeff",
        "😀",
        "export A=1",
    ),
)
SAMPLES = [
    pytest.param(2, id="200"),
    pytest.param(200, id="20000", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
]


def batch(seed: int) -> list[str]:
    """Values of every kind, from a seed: hypothesis would take longer to think of them than a shell to read them."""
    chance = random.Random(seed)

    def letters(most: int) -> str:
        codes = (chance.choice((range(32, 127), range(0xD800), range(0xE000, 0x11000))) for _ in range(most))
        return "".join(chr(chance.choice(code)) for code in codes)

    def value() -> str:
        kind = chance.randrange(4)
        if kind == 0:
            return letters(chance.randrange(40))
        if kind == 1:
            return "".join(chance.choices("abcXYZ019._-", k=chance.randrange(1, 20)))
        parts = (chance.choice(PIECES) if chance.random() < 0.7 else letters(3) for _ in range(chance.randrange(1, 6)))
        return "".join(parts)

    return [value() for _ in range(BATCH)]


VALUES = st.integers(0, 2**64).map(batch)
GOOD = {"host": "10.0.0.9", "fingerprint": "SHA256:" + "A" * 43, "password": "x", "nodeId": "node-1"}

SCHEMA = MachineSchema()


def field(name: str) -> Callable[[str], dict[str, Any]]:
    return lambda value: {name: value}


def agent(part: str, wrap: Callable[[str], Any] = str) -> Callable[[str], dict[str, Any]]:
    return lambda value: {"agents": [{"id": "a-1", "command": ["true"], part: wrap(value)}]}


# How a value is said, and what it is known by where it arrives.
FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    **{name: field(name) for name in ("host", "user", "fingerprint", "nodeId", "name", "workerHost")},
    "capabilities": lambda value: {"capabilities": [value]},
    "bastion host": lambda value: {"bastion": {"host": value, "fingerprint": GOOD["fingerprint"]}},
    "bastion user": lambda value: {"bastion": {"host": "h", "user": value, "fingerprint": GOOD["fingerprint"]}},
    "agent": lambda value: {"agents": [value]},
    "agent id": agent("id"),
    "agent name": agent("name"),
    "agent role": agent("role"),
    "agent command": agent("command", lambda value: ["run", value]),
    "agent command line": agent("command"),
}


def taken(said: dict[str, Any]) -> DeployOrder | None:
    """The order, or None when the API refuses it."""
    try:
        order, _ = SCHEMA.load({**GOOD, **said})
    except ValidationError:
        return None
    return cast("DeployOrder", order)


def environment(order: DeployOrder) -> dict[str, str]:
    return {**parcel._environment(order, "http://cp:1", with_pm2=False), "DATABASE_URL": ""}


def sourced(files: Mapping[str, str], folder: Path) -> dict[str, dict[str, str]]:
    """What a shell has in its environment after it read each file, one after the other in one process."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    # Unset first, or a file that sets too little would show what another one set.
    script = 'for f in "$@"; do (set -a; . "./$f" && env -0 && printf "%s\\0" "@ $f"); done'
    command = ["env", "-i", f"PATH={Path('/usr/bin')}:/bin", "sh", "-c", script, "sh", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=60)
    assert not (folder / CANARY).exists()
    found: dict[str, dict[str, str]] = {}
    seen: dict[str, str] = {}
    for entry in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
        if entry.startswith("@ "):
            found[entry[2:]], seen = seen, {}
        else:
            key, _, value = entry.partition("=")
            seen[key] = value
    assert done.stderr == b""
    assert found.keys() == files.keys()
    return found


def check(name: str, values: list[str], folder: Path) -> int:
    """One batch for one field: both readers of the environment file, and the reader of the list of agents.

    Returns how many of the values were taken: nothing that is taken fails later, when it is written.
    """
    files: dict[str, str] = {}
    expected: dict[str, dict[str, str]] = {}
    for number, value in enumerate(values):
        order = taken(FIELDS[name](value))
        if order is None:
            continue
        same = DeployOrder.from_stored(json.loads(json.dumps(order.stored())))
        assert same == order
        check_agents(order, folder)
        files[f"env-{number}"] = text = worker_env(environment(order), parcel.NO_DATABASE)
        expected[f"env-{number}"] = environment(order)
        assert parse(text, "worker.env") == expected[f"env-{number}"]
    for file, variables in sourced(files, folder).items():
        assert {key: variables[key] for key in expected[file]} == expected[file]
    return len(files)


def check_agents(order: DeployOrder, folder: Path) -> None:
    path = folder / "agents.json"
    path.write_text(agents_json(order, ("the-agent", "--id", "{id}")), encoding="utf-8")
    try:
        read = AgentsFile(path).load() or {}
    except SettingsError:  # the daemon refuses it as a whole, and runs none of it
        return
    for agent in order.agents:
        command = [part.replace("{id}", agent.id) for part in agent.command or ("the-agent", "--id", "{id}")]
        assert list(read[agent.id].command) == command


@pytest.mark.parametrize("batches", SAMPLES)
@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_refused_or_arrives_as_it_was_typed(
    app: Flask, tmp_path: Path, proof: Proof, name: str, batches: int
) -> None:
    seen = Counter[str]()

    @settings(max_examples=batches, suppress_health_check=list(HealthCheck), database=None)
    @given(VALUES)
    def all_arrive(values: list[str]) -> None:
        arrived = check(name, values, tmp_path)
        seen.update(arrived=arrived, refused=len(values) - arrived)

    all_arrive()
    row(proof, f"`{name}` of a deploy", seen)


@pytest.mark.parametrize("batches", SAMPLES)
def test_every_variable_of_the_environment_file_is_refused_or_arrives(
    tmp_path: Path, proof: Proof, batches: int
) -> None:
    seen = Counter[str]()

    @settings(max_examples=batches, suppress_health_check=list(HealthCheck), database=None)
    @given(VALUES)
    def all_arrive(values: list[str]) -> None:
        files, expected = {}, {}
        for number, value in enumerate(values):
            try:
                text = worker_env({"DATABASE_URL": value, "LAST": "1"})
            except InvalidInput:
                continue
            assert parse(text, "worker.env") == {"DATABASE_URL": value, "LAST": "1"}
            files[f"env-{number}"], expected[f"env-{number}"] = text, value
        for file, variables in sourced(files, tmp_path).items():
            assert (variables["DATABASE_URL"], variables["LAST"]) == (expected[file], "1")
        seen.update(arrived=len(files), refused=len(values) - len(files))

    all_arrive()
    row(proof, "a variable of `worker.env`", seen)


@pytest.mark.parametrize("batches", SAMPLES)
def test_what_goes_into_a_command_or_into_the_runners_settings_is_plain_or_refused(
    tmp_path: Path, proof: Proof, batches: int
) -> None:
    seen = Counter[str]()

    @settings(max_examples=batches, suppress_health_check=list(HealthCheck), database=None)
    @given(VALUES)
    def all_plain(values: list[str]) -> None:
        files, words = {}, []
        for number, value in enumerate(values):
            with suppress(ValueError):
                files[f"vars-{number}"] = runner_vars({"JOB_ID": value})
            with suppress(ValueError):
                words.append((value, _word(value)))
        for file, variables in sourced(files, tmp_path).items():
            assert variables["JOB_ID"] == values[int(file.removeprefix("vars-"))]
        said = "".join(f"printf '%s\\0' {word};" for _, word in words)
        done = subprocess.run(["sh", "-c", said], cwd=tmp_path, capture_output=True, check=True, timeout=60)
        assert done.stdout.decode().split("\0")[:-1] == [value for value, _ in words]
        assert not (tmp_path / CANARY).exists()
        arrived = len(files) + len(words)
        seen.update(arrived=arrived, refused=2 * len(values) - arrived)

    all_plain()
    row(proof, "a word of a command, and a setting of the runner", seen)


def row(proof: Proof, what: str, seen: Counter[str]) -> None:
    """What became of the values, in the table of a full run."""
    said = f"{seen.total()} values: {seen['arrived']} arrived equal, {seen['refused']} refused, 0 run"
    proof.row(f"Generated values as {what}", "20,000 values: each refused or equal, 0 run", said)


@pytest.mark.parametrize("name", ['Bob\'s "box"', "it's $HOME", "two\nlines"])
def test_a_name_that_no_environment_file_holds_is_refused_when_it_is_typed(name: str) -> None:
    for schema in (MachineSchema(), SetupSchema()):
        said = {"name": name} | (GOOD if isinstance(schema, MachineSchema) else {"nodeId": "node-1"})
        with pytest.raises(ValidationError) as refusal:
            schema.load(said)
        assert str(refusal.value.normalized_messages()["name"]).startswith("['may not contain")
