"""Writes dashboard/src/lib/types.ts from the API's own OpenAPI document: `python -m dashboard.generate_types`.

With --check it writes nothing and fails when the file is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app import create_app
from config import Settings

TARGET = Path(__file__).resolve().parent / "src" / "lib" / "types.ts"
HEAD = "/* Written by dashboard/generate_types.py from the OpenAPI document; `make types` writes it again. */\n"
WIDTH = 120


def main(arguments: list[str]) -> int:
    """Write, or check. Returns the exit code."""
    fresh = generate(document())
    stale = not TARGET.exists() or TARGET.read_text() != fresh
    if "--check" in arguments:
        if stale:
            print("dashboard/src/lib/types.ts is stale: run `make types`")
        return 1 if stale else 0
    TARGET.write_text(fresh)
    return 0


def document() -> dict[str, Any]:
    """The OpenAPI document of an app that never meets its database."""
    app = create_app(Settings("postgresql://nobody@localhost/none", "redis://localhost/0"), role="release")
    with app.test_request_context():
        spec: dict[str, Any] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return spec


def generate(spec: dict[str, Any]) -> str:
    """All schemas as interfaces, in the order of their names."""
    schemas = spec["components"]["schemas"]
    return "\n".join([HEAD, *(interface(name, schemas[name]) for name in sorted(schemas))])


def interface(name: str, schema: dict[str, Any]) -> str:
    """One schema. A key that is not required may be absent."""
    required = set(schema.get("required", ()))
    lines = [f"export interface {name} {{"]
    for key, shape in schema.get("properties", {}).items():
        if note := shape.get("description"):
            lines.append(f"  /** {note} */")
        lines.append(f"  {key}{'' if key in required else '?'}: {typescript(shape)};")
    return "\n".join([*lines, "}\n"])


def typescript(shape: dict[str, Any]) -> str:
    """The type of a value."""
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    for combined in ("allOf", "anyOf", "oneOf"):
        if combined in shape:
            return " | ".join(typescript(part) for part in shape[combined])
    if "enum" in shape:
        return " | ".join("null" if value is None else f'"{value}"' for value in shape["enum"])
    kinds = shape.get("type", "unknown")
    named = [one_type(kind, shape) for kind in (kinds if isinstance(kinds, list) else [kinds])]
    return " | ".join(dict.fromkeys(named))


def one_type(kind: str, shape: dict[str, Any]) -> str:
    """The type of a value of one JSON kind."""
    if kind == "array":
        inner = typescript(shape.get("items", {}))
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        values = shape.get("additionalProperties")
        return f"Record<string, {typescript(values) if isinstance(values, dict) and values else 'unknown'}>"
    return {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}.get(
        kind, "unknown"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
