"""Each benchmark keeps its own chapter of the results."""

from pathlib import Path

from bench.results import chapters, put


def test_a_chapter_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    for chapter in ("# A\n\nold", "# B\n\n## Part\n\nkept", "# A\n\nnew"):
        put(chapter, file)

    assert file.read_text() == "# A\n\nnew\n\n# B\n\n## Part\n\nkept\n"


def test_headings_within_a_chapter_begin_none() -> None:
    assert list(chapters("# A\n\n## Part\n# B\n")) == ["# A", "# B"]
