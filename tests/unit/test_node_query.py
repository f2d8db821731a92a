"""The filter language and the orders of node lists."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.nodes.query import KEYS, parse
from app.domain.query import MAX_LENGTH, MAX_TERMS, QueryError
from tests.unit.machines import Machine

# The dashboard reads the same language: dashboard/test/filter.test.ts walks the same table.
CASES = json.loads(Path(__file__).with_name("node_query_cases.json").read_text())
NODE = Machine()
FRESH = Machine(cpu_usage=None, memory_usage=None, cpu_count=0, memory_mb=0, issues=(), schedulable=False)


@pytest.mark.parametrize("text", CASES["matches"])
def test_a_node_matches(text: str) -> None:
    assert parse(text).matches(NODE)


@pytest.mark.parametrize("text", CASES["misses"])
def test_a_node_does_not_match(text: str) -> None:
    assert not parse(text).matches(NODE)


@pytest.mark.parametrize("word", ["gpu", "linux", "scout", "eu", "memory_pressure", "0.5"])
def test_free_text_looks_in_name_host_and_id_alone(word: str) -> None:
    assert not parse(word).matches(Machine(host="edge1"))


@pytest.mark.parametrize("key", ["cap", "status", "platform", "arch", "version", "id", "name", "host", "agent"])
def test_a_key_looks_in_its_own_field_alone(key: str) -> None:
    fields = {
        "cap": Machine(capabilities=("needle",)),
        "status": Machine(status="needle"),
        "platform": Machine(platform="needle"),
        "arch": Machine(arch="needle"),
        "version": Machine(version="needle"),
        "id": Machine(node_id="needle"),
        "name": Machine(name="needle"),
        "host": Machine(host="needle"),
        "agent": Machine(agents=("needle",)),
    }

    assert [name for name, node in fields.items() if parse(f"{key}:needle").matches(node)] == [key]


@pytest.mark.parametrize("minus", ["", "-"])
@pytest.mark.parametrize("key", ["cpu", "mem", "disk", "cpus", "memory"])
@pytest.mark.parametrize("value", [">=0", "<1", "1"])
def test_a_number_that_was_never_reported_matches_no_comparison(minus: str, key: str, value: str) -> None:
    assert not parse(f"{minus}{key}:{value}").matches(FRESH)


def test_a_node_without_issues_is_found() -> None:
    assert parse("issue:none is:cordoned").matches(FRESH)
    assert not parse("issue:any").matches(FRESH)


def test_quotes_keep_a_colon_as_text() -> None:
    assert parse('"fe80::1"').matches(Machine(host="fe80::1"))


@pytest.mark.parametrize(("text", "term"), CASES["faults"])
def test_an_error_names_the_term_and_the_keys(text: str, term: str) -> None:
    with pytest.raises(QueryError) as refusal:
        parse(text)

    assert refusal.value.term == term
    assert f'"{term}"' in str(refusal.value)
    assert ", ".join(KEYS) in str(refusal.value)


def test_an_open_quote_is_named() -> None:
    with pytest.raises(QueryError, match="quote") as refusal:
        parse('edge name:"my node')

    assert refusal.value.term == '"my node'


def test_a_filter_that_is_too_long_is_refused() -> None:
    assert parse("x" * MAX_LENGTH)
    with pytest.raises(QueryError, match=str(MAX_LENGTH)):
        parse("x" * (MAX_LENGTH + 1))


def test_a_filter_with_too_many_terms_is_refused() -> None:
    assert parse("x " * MAX_TERMS).terms
    with pytest.raises(QueryError, match=str(MAX_TERMS)) as refusal:
        parse("x " * MAX_TERMS + "last")
    assert refusal.value.term == "last"


def test_a_long_term_is_shown_in_part() -> None:
    with pytest.raises(QueryError) as refusal:
        parse(f"colour:{'x' * 400}")

    assert len(str(refusal.value)) < 400


@given(st.text(max_size=MAX_LENGTH) | st.text('ab:,"-<>=1 cpu', max_size=60))
def test_any_text_is_a_filter_or_a_query_error(text: str) -> None:
    with contextlib.suppress(QueryError):
        assert parse(text).matches(NODE) in (True, False)


@given(st.sampled_from(["cap:gpu", "status:on", "edge", "label:region=eu", "cpu:>20", "issue:any", "is:cordoned"]))
def test_a_minus_turns_a_term_round_where_the_value_is_known(term: str) -> None:
    assert parse(term).matches(NODE) is not parse(f"-{term}").matches(NODE)
