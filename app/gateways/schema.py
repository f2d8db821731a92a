"""Which schema version this code wants: the newest migration."""

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@cache
def newest() -> str:
    """The id of the newest migration, such as "0001"."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None  # noqa: S101 - the repository holds at least one migration
    return head
