"""A pasted key is read in any common form, and each mistake is answered with what to do."""

from pathlib import Path

import pytest

from app.domain.errors import InvalidInput
from app.gateways.ssh import read_private_key
from tests.gateways.ssh.machines import make_key

FORMATS = ((), ("-m", "PEM"), ("-m", "PKCS8"))
KINDS = (("ed25519", ()), ("ecdsa", ("-b", "256")), ("ecdsa", ("-b", "521")), ("rsa", ("-b", "2048")))


@pytest.mark.parametrize("passphrase", ["", "open sesame"])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_every_format_is_read_however_it_was_pasted(
    tmp_path: Path, kind: str, options: tuple[str, ...], form: tuple[str, ...], passphrase: str
) -> None:
    text = make_key(tmp_path / "key", kind, passphrase, *options, *form)
    public = (tmp_path / "key.pub").read_text().split()[1]

    pastes = (text, "Here:\n" + text.replace("\n", "\r\n   "), text.replace("\n", "\\n"), " ".join(text.split("\n")))
    for paste in pastes:
        assert read_private_key(paste, passphrase).get_base64() == public


@pytest.mark.parametrize("form", FORMATS)
def test_a_passphrase_that_is_missing_or_wrong_is_named(tmp_path: Path, form: tuple[str, ...]) -> None:
    text = make_key(tmp_path / "key", "rsa", "open sesame", "-b", "2048", *form)

    for tried, sentence in (("", "needs its passphrase"), ("guess", "does not open this key")):
        with pytest.raises(InvalidInput, match=sentence) as refusal:
            read_private_key(text, tried)
        assert "passphrase" in refusal.value.fields


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here", "public half"),
        ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none", "PuTTY"),
        ("hello", "not a private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabcd\n-----END OPENSSH PRIVATE KEY-----", "damaged"),
        ("-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----", "damaged"),
        ("x" * 20_000, "at most"),
    ],
)
def test_what_is_not_a_private_key_is_told_apart(pasted: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        read_private_key(pasted)
    assert "privateKey" in refusal.value.fields


def test_a_short_rsa_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="2048"):
        read_private_key(make_key(tmp_path / "key", "rsa", "", "-b", "1024"))


def test_a_refusal_never_quotes_the_key(tmp_path: Path) -> None:
    text = make_key(tmp_path / "key", "ed25519", "open sesame")
    body = text.splitlines()[2]

    with pytest.raises(InvalidInput) as refusal:
        read_private_key(text.replace(body, body[:-10]), "open sesame")

    assert body[:20] not in str(refusal.value)
    assert refusal.value.__cause__ is None
