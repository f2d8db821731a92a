"""Passwords are hashed quickly here; tests about the hash itself ask for the real one."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from app.gateways import password_hash

REAL = password_hash._hasher
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same algorithm, at a hundredth of the price."""
    monkeypatch.setattr(password_hash, "_hasher", QUICK)
    password_hash._of_nobody.cache_clear()
    yield
    password_hash._of_nobody.cache_clear()


@pytest.fixture
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the control plane itself does."""
    monkeypatch.setattr(password_hash, "_hasher", REAL)
    password_hash._of_nobody.cache_clear()
