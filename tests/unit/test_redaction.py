"""No secret stays in a line, whatever stands around it; and what is no secret stays."""

import base64
import logging
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app import create_app, logs
from app.domain.identity import secret
from app.domain.identity.secret import SecretKind
from app.domain.redaction import HIDDEN, live_pattern, passwords_of, redact
from config import Settings

ROOT = Path(__file__).parents[2]
AROUND = st.text(st.characters(codec="utf-8"), max_size=30)
PASSWORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F), min_size=8, max_size=40)
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAA\nsecretsecret\n-----END OPENSSH PRIVATE KEY-----"
CANARY = "c4n4ry-V4lue"
LEAKS = [
    f"postgresql://muster:{CANARY}@db:5432/muster",
    f"could not connect to redis://:{CANARY}@10.0.0.5:6379/0",
    f"https://user:{CANARY}@with@ats@host/path",
    f"Authorization: Bearer {CANARY}",
    f"authorization=Basic {CANARY}==",
    f"{{'Authorization': 'Bearer {CANARY}'}}",
    f'{{"Authorization": "{CANARY}"}}',
    f"('Authorization', 'Basic {CANARY}')",
    f"Bearer {CANARY}{CANARY}",
    f"password={CANARY}",
    f"host=db password='two {CANARY} words' dbname=x",
    f'{{"password": "{CANARY}"}}',
    f'{{"passphrase":"a\\"b{CANARY}"}}',
    f"{{'privateKey': '{CANARY}', 'host': 'x'}}",
    f'"{{\\"password\\": \\"{CANARY}\\"}}"',
    f"SECRET_KEY={CANARY}",
    f"POSTGRES_PASSWORD: {CANARY}",
    f"csrfToken={CANARY}&next=/",
    f"GET /w/{CANARY}/api/engine/cluster/nodes HTTP/1.1",
    f"http://cp:3100/w/{CANARY}",
    f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----",
    f"-----BEGIN PRIVATE KEY-----\\n{CANARY} cut off",
    f"ghp_{'a1B2' * 9}{CANARY}".replace("-", ""),
    f"password='{CANARY}",
]
HARMLESS = [
    "the database failed a request: OperationalError",
    'File "app/services/heartbeats.py", line 42, in accept_all_the_heartbeats_of_one_batch',
    "GET /api/engine/cluster/nodes/mac-mini?q=cap:gpu HTTP/1.1",
    "celery@host: task fleet.check_silence[8f1c0f8e-9f4e-4a57-a3b1-0b60a0f0aa11] succeeded in 0.004s",
    "http://127.0.0.1:3100/ is ready; mail me@example.com",
    "node mac-mini went silent: 91 s > 90 s",
    "3 tokens are left, 2 passwords were changed",
]


@pytest.mark.parametrize("line", LEAKS)
def test_what_looks_like_a_secret_is_hidden(line: str) -> None:
    assert CANARY.replace("-", "") not in redact(line).replace("-", "")
    assert HIDDEN in redact(line)


@pytest.mark.parametrize("line", HARMLESS)
def test_what_does_not_stays_as_it_is(line: str) -> None:
    assert redact(line) == line


@given(AROUND, st.sampled_from(SecretKind), AROUND)
def test_no_secret_of_ours_stays_anywhere(before: str, kind: SecretKind, after: str) -> None:
    made = secret.make(kind)
    assert made.partition("_")[2] not in redact(before + made + after)


@given(AROUND, AROUND)
def test_no_private_key_stays_anywhere(before: str, after: str) -> None:
    assert "secretsecret" not in redact(before + KEY + after)
    assert "secretsecret" not in redact(repr(before + KEY + after))


@given(AROUND, PASSWORDS, AROUND, st.integers(0, 9))
def test_no_known_value_stays_in_any_form(before: str, password: str, after: str, shift: int) -> None:
    assume(password not in "*" * 40)
    live = live_pattern([password])
    around = b"x" * shift + password.encode() + b"y" * shift
    forms = [
        (password, password),
        (quote(password, safe=""), quote(password, safe="")),
        (quote_plus(password), quote_plus(password)),
        (repr(password)[1:-1], repr(password)[1:-1]),
        (base64.b64encode(around).decode(), base64.b64encode(around).decode()),
        (base64.urlsafe_b64encode(around).decode(), base64.urlsafe_b64encode(around).decode()),
    ]
    for form, forbidden in forms:
        assert forbidden not in redact(before + form + after, live)


@pytest.mark.parametrize("line", LEAKS)
def test_what_was_redacted_once_stays_so(line: str) -> None:
    assert redact(redact(line)) == redact(line)


def test_short_values_are_not_hunted_for() -> None:
    assert live_pattern(["", "muster"]) is None


def test_passwords_are_found_in_urls_as_written_and_decoded() -> None:
    assert passwords_of("postgresql://u:p%40ss%2Fword@h/d") == {"p%40ss%2Fword", "p@ss/word"}
    assert passwords_of("postgresql:///d?host=/run&user=u&password=se%2Bcret") == {"se+cret"}
    assert passwords_of("redis://:only@h") == {"only"}
    assert passwords_of("redis://h/0") == set()


def test_a_long_line_takes_no_time() -> None:
    evil = [
        "password=" * 2000,
        "://a:" * 4000,
        "/w/" * 6000,
        '"password": "' + "\\" * 20_000,
        "mst_" * 5000,
        "eyJ" * 7000,
    ]
    evil += [
        "authorization: " * 1500,
        "-----BEGIN PRIVATE KEY-----" * 800,
        "bearer " * 3000,
        "key " * 5000,
        "a_" * 10_000,
    ]
    for line in evil:
        began = time.process_time()
        redact(line)
        assert time.process_time() - began < 1.0, line[:20]


def test_every_logger_and_handler_writes_redacted_lines(caplog: pytest.LogCaptureFixture) -> None:
    logs.install([CANARY])
    try:
        raise RuntimeError(f"inside {CANARY}")
    except RuntimeError:
        logging.getLogger("other.package").exception("it failed with %s", CANARY)
    assert "it failed with ***" in caplog.text
    assert "RuntimeError: inside ***" in caplog.text
    assert CANARY not in caplog.text


def test_a_process_that_dies_does_not_tell_either() -> None:
    program = f"from app import logs; logs.install(['{CANARY}']); raise RuntimeError('{CANARY} password=hunter2')"
    died = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert died.returncode == 1
    assert "RuntimeError: *** password=***" in died.stderr


def test_an_app_hides_what_its_settings_hold(caplog: pytest.LogCaptureFixture) -> None:
    create_app(Settings("postgresql://u:datab%40se-pw@h/d", "redis://:redis-pw-1@h/0", secret_key="seal-of-muster"))
    logging.getLogger("other.package").error("datab%40se-pw datab@se-pw redis-pw-1 seal-of-muster c2VhbC1vZi1tdXN0ZXI=")
    said = [record.getMessage() for record in caplog.records if record.name == "other.package"]
    assert said[0].startswith("*** *** *** *** ***")
