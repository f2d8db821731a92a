"""What marshmallow says about a message, as one sentence per field."""

from collections.abc import Mapping
from typing import Any


def sentence(said: Any) -> str:
    """The first sentence in it, as the end of one that names the field."""
    while isinstance(said, (list, Mapping)) and said:
        said = said[0] if isinstance(said, list) else next(iter(said.values()))
    text = str(said).rstrip(".")
    return text[:1].lower() + text[1:]


def by_field(messages: Mapping[str, Any]) -> dict[str, str]:
    """One sentence for each field."""
    return {str(name): sentence(said) for name, said in messages.items()}
