"""The report of a bench says what was measured, and calls a missed target missed."""

from bench.deploy.measure import Found
from bench.deploy.report import chapter


def test_each_target_is_judged_by_the_rounds_own_ratios() -> None:
    found = Found(
        small={1: [(1.0, 1.0), (3.0, 2.0), (2.0, 2.0)], 8: [(3.0, 2.0)]},
        playbook={1: 30.0},
        installs=[(5.0, 4.9)],
        reruns=[1.5],
        cancels=[(0.9, 0), (1.2, 1)],
        idle_memory=60_000_000,
        peak_memory=70_000_000,
        missing=["Ansible: no\nindex"],
    )

    written = chapter(found, [("CPU", "two cores")])

    assert "| Small steps against raw ssh, 1 host | ≤ 1.1x | 1.00x | met |" in written
    assert "| Small steps against raw ssh, 8 hosts | ≤ 1.1x | 1.50x | **not met** |" in written
    assert "| Faster than Ansible, 1 host | ≥ 10x | 15x | met |" in written
    assert "| Cancel | ≤ 3 s, nothing left | 1.2 s, 1 left | **not met** |" in written
    assert "| Not measured | Ansible: no index |" in written
