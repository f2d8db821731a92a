"""The tables of docs/proof grow row by row and lose none."""

from pathlib import Path

from tests.kit.proof import Proof


def table(folder: Path, **rows: str) -> list[str]:
    """The first and third cell of what stands in the table after a run that saw these."""
    proof = Proof("faults", "Faults", "make proof-faults", folder=folder)
    for what, seen in rows.items():
        proof.row(what, "all well", seen)
    proof.write(full=True)
    lines = (folder / "faults.md").read_text().splitlines()
    return [" ".join(cell.strip() for cell in line.split("|")[1:4:2]) for line in lines if line.startswith("| F")]


def test_a_run_replaces_its_own_rows_and_keeps_the_others_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    assert table(tmp_path, F10="a", F2="b") == ["F2 b", "F10 a"]
    assert table(tmp_path, F10="c") == ["F2 b", "F10 c"]


def test_a_part_of_the_usual_tests_writes_nothing(tmp_path: Path) -> None:
    proof = Proof("faults", "Faults", "make proof-faults", folder=tmp_path)
    proof.row("F1", "all well", "well")

    proof.write(full=False)

    assert list(tmp_path.iterdir()) == []
