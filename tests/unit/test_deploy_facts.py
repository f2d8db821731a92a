"""What a machine says of itself decides whether a deploy begins, before anything is changed there."""

import pytest

from app.domain.deploying.facts import boot_advice, findings, read_facts
from app.domain.deploying.ssh import SshFault

NOW = 1_770_000_000.0
GOOD = {
    "os": "Linux",
    "home": "yes",
    "free_mb": "5000",
    "tar": "yes",
    "python3": "yes",
    "python_version": "3.11.2",
    "python_whole": "yes",
    "systemd_user": "yes",
    "reach": "yes",
    "port": "free",
    "clock": str(int(NOW)),
    "done": "yes",
}


def said(**facts: str | None) -> list[tuple[bool, str]]:
    found = {key: value for key, value in {**GOOD, **facts}.items() if value is not None}
    return [(one.refuses, one.sentence) for one in findings(found, "node-1", NOW)]


def test_a_machine_in_good_order_is_no_word_worth() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"os": "SunOS"}, "not supported"),
        ({"home": "no"}, "home folder"),
        ({"free_mb": "12"}, "12 MB are free"),
        ({"tar": "no"}, "tar is missing"),
        ({"python3": "no", "python_version": None, "python_whole": None}, "Python is missing"),
        ({"python_whole": "no"}, "not python3-minimal"),
        ({"python_version": "3.7.1"}, "too old"),
        ({"port": "busy"}, "another port"),
        ({"reach": "Connection refused"}, "cannot reach the control plane"),
    ],
)
def test_what_stands_in_the_way_refuses_the_deploy(facts: dict[str, str | None], sentence: str) -> None:
    [(refuses, told)] = said(**facts)

    assert refuses
    assert sentence in told


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"node_id": "other"}, "is the node other already"),
        ({"clock": str(int(NOW) - 300)}, "off by 300 s"),
        ({"systemd_user": "no", "crontab": "no"}, "after a reboot"),
        ({"sudo": "password"}, "not needed"),
    ],
)
def test_what_is_only_worth_knowing_does_not(facts: dict[str, str], sentence: str) -> None:
    [(refuses, told)] = said(**facts)

    assert not refuses
    assert sentence in told


@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        ({"systemd_user": "yes", "crontab": "no"}, ""),
        ({"systemd_user": "no", "crontab": "yes"}, ""),
        ({"systemd_user": "no", "crontab": "no"}, "Install cron and deploy again"),
        ({"systemd_user": "no", "crontab": "yes", "boot": "none"}, "Let this user use cron"),
        ({"systemd_user": "yes", "boot_note": "systemd starts it when this user signs in"}, "After a reboot, systemd"),
    ],
)
def test_who_deployed_is_told_what_does_not_survive_a_reboot(facts: dict[str, str], advice: str) -> None:
    said = boot_advice(facts)
    assert advice in said
    assert bool(said) == bool(advice)


def test_our_own_daemon_may_hold_the_port() -> None:
    assert said(port="busy", node_id="node-1") == []


def test_a_shell_that_runs_nothing_is_named() -> None:
    [finding] = findings({}, "node-1", NOW)

    assert finding.fault is SshFault.NO_SHELL


def test_a_noisy_login_is_not_heard() -> None:
    assert read_facts("Welcome!\n@@ fact os=Linux\nlast login @ 12\n") == {"os": "Linux"}
