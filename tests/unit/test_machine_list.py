"""Lists of machines are read as people paste them, and what cannot be read is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.deploying.machine_list import read_machines
from app.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("web-1", [{"host": "web-1"}]),
        ("web-1,22,root\nweb-2", [{"host": "web-1", "port": "22", "user": "root"}, {"host": "web-2"}]),
        ("host\tname\nweb-1\tGPU 1 (office)", [{"host": "web-1", "name": "GPU 1 (office)"}]),
        ("Host, Node-ID\r\nweb-1, w1\r\n\r\n", [{"host": "web-1", "nodeId": "w1"}]),
        ('host,agents\nweb-1,"a-1, a-2"', [{"host": "web-1", "agents": ["a-1", "a-2"]}]),
        ("host;runtime\nweb-1;machine", [{"host": "web-1", "runtime": "machine"}]),
        ("\ufeffhost,user\nweb-1,deploy", [{"host": "web-1", "user": "deploy"}]),
    ],
)
def test_a_list_is_read_in_any_common_form(text: str, found: list[dict[str, object]]) -> None:
    assert read_machines(text) == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no machine"),
        ("# only a note", "names no machine"),
        ("host,color\nweb-1,red", "'color'"),
        ("host,host\nweb-1,web-2", "twice"),
        ("host,user\nweb-1,root,extra", "3 cells in row 1"),
        ('host\n"web-1', "not CSV"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        read_machines(text)
    assert "csv" in refusal.value.fields


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rows = read_machines(text)
    except InvalidInput:
        return
    assert rows
