"""Private keys as people paste them: any common format, stray spaces and all; each mistake has its own sentence."""

import binascii
import io
import re
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, rsa

from app.domain.errors import InvalidInput

LARGEST_KEY = 16 * 1024
SMALLEST_RSA = 2048  # bits
BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(.*?)-----END \1-----", re.DOTALL)
HEADER = re.compile(r"(Proc-Type:|DEK-Info:)\s*(\S+)")
PUBLIC = re.compile(r"^\s*(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+) |BEGIN (SSH2 )?PUBLIC KEY")
LINE = 70  # characters of base64 in a line


def read_private_key(pasted: str, passphrase: str = "") -> paramiko.PKey:
    """The key in a pasted text. Raises InvalidInput about `privateKey` or `passphrase`, which never quotes the key."""
    loaded = _load(_normalised(pasted), passphrase)
    if isinstance(loaded, dsa.DSAPrivateKey):
        raise _wrong("DSA keys are no longer accepted by SSH servers; use an ed25519 key")
    if isinstance(loaded, rsa.RSAPrivateKey) and loaded.key_size < SMALLEST_RSA:
        raise _wrong(f"This RSA key has {loaded.key_size} bits; at least {SMALLEST_RSA} are needed")
    try:
        openssh = loaded.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
    except (ValueError, TypeError) as failure:
        raise _wrong("This kind of key cannot be used for SSH; use an ed25519, ECDSA or RSA key") from failure
    return _for_paramiko(openssh.decode())


def _normalised(pasted: str) -> bytes:
    """The block from BEGIN to END with lines as the format wants them, whatever was pasted around it."""
    if len(pasted) > LARGEST_KEY:
        raise _wrong(f"A private key has at most {LARGEST_KEY} characters")
    found = BLOCK.search(pasted.replace("\\n", "\n"))
    if found:
        label, body = found.groups()
        headers = [" ".join(found) for found in HEADER.findall(body)]
        packed = re.sub(r"\s+", "", HEADER.sub("", body))
        wrapped = [packed[start : start + LINE] for start in range(0, len(packed), LINE)]
        parts = [f"-----BEGIN {label}-----", *headers, *([""] if headers else []), *wrapped, f"-----END {label}-----"]
        return "\n".join([*parts, ""]).encode()
    if pasted.lstrip().startswith("PuTTY-User-Key-File"):
        raise _wrong("This is a PuTTY key; export it in PuTTYgen with Conversions, Export OpenSSH key")
    if PUBLIC.search(pasted):
        raise _wrong("This is the public half; paste the private key, which begins with -----BEGIN")
    raise _wrong("This is not a private key; it begins with -----BEGIN and ends with -----END … PRIVATE KEY-----")


def _load(block: bytes, passphrase: str) -> Any:
    encrypted = _is_encrypted(block)
    if encrypted and not passphrase:
        raise InvalidInput("This key needs its passphrase", {"passphrase": "this key needs its passphrase"})
    openssh = b"BEGIN OPENSSH" in block
    read = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    try:
        return read(block, passphrase.encode() if encrypted else None)
    except UnsupportedAlgorithm as failure:
        raise _wrong("This kind of key is not supported; use an ed25519, ECDSA or RSA key") from failure
    except (ValueError, TypeError):
        if encrypted:
            sentence = "The passphrase does not open this key"
            raise InvalidInput(sentence, {"passphrase": "does not open this key"}) from None
        raise _wrong("This key is damaged: paste the whole file again, from BEGIN to END") from None


def _is_encrypted(block: bytes) -> bool:
    """PEM says it in words; the OpenSSH format names its key derivation in the first bytes."""
    if b"ENCRYPTED" in block:
        return True
    body = b"".join(line for line in block.splitlines() if not line.startswith(b"-----"))
    try:
        return b"bcrypt" in binascii.a2b_base64(body[:80])
    except binascii.Error:
        return False


def _for_paramiko(openssh: str) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(openssh))
        except paramiko.SSHException:
            continue
    raise _wrong("This kind of key cannot be used for SSH; use an ed25519, ECDSA or RSA key")


def _wrong(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {"privateKey": sentence[:1].lower() + sentence[1:]})
