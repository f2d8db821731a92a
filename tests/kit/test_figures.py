"""The table of figures says what was seen, and what was not."""

from tests.kit.figures import FIGURES, MISSING, ROOT, page, written

FAULTS = """| what | expected | seen | when, seed |
|---|---|---|---|
| F12 Postgres hangs | 503 | slowest 3.1 s | 2026, 1 |
"""


def test_a_figure_shows_the_row_that_proves_it_and_one_without_is_missing() -> None:
    lines = page(written({"docs/proof/faults.md": FAULTS})).splitlines()

    hung = next(line for line in lines if line.startswith("| T25 "))
    slow = next(line for line in lines if line.startswith("| T24 "))
    assert hung.endswith("| slowest 3.1 s | docs/proof/faults.md |")
    assert MISSING in slow
    assert any("| T29 Faults survived | 34/34 | 1/34 with a row |" in line for line in lines)


def test_the_tests_that_hold_a_figure_exist() -> None:
    assert [name for figure in FIGURES for name in figure.tests if not (ROOT / name).exists()] == []
