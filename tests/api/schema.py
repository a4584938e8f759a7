"""A small judge of values by JSON Schema: exactly the words that the API's document uses; any other word is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

KNOWN = {
    "$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "oneOf", "allOf",
    "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern", "format",
}  # fmt: skip
NOTES = {"description", "default"}
TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], where: str = "it") -> Iterator[str]:
    """What of the value is not as the schema says, in words."""
    assert set(schema) <= KNOWN | NOTES, f"the test does not know {set(schema) - KNOWN - NOTES}"
    if "$ref" in schema:
        yield from faults(value, resolve(schema["$ref"], document), document, where)
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        yield f"{where} is no {kind}"
        return
    yield from _bounds(value, schema, where)
    yield from _choices(value, schema, document, where)
    if isinstance(value, dict):
        yield from _properties(value, schema, document, where)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), document, f"{where}[{index}]")


def resolve(reference: str, document: dict[str, Any]) -> dict[str, Any]:
    """What a reference into the document points at."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _bounds(value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    size = len(value) if isinstance(value, str | list) else 0
    low, high = (schema.get(f"{end}{'Length' if isinstance(value, str) else 'Items'}") for end in ("min", "max"))
    if (low is not None and size < low) or (high is not None and size > high):
        yield f"{where} has a size of {size}"
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{where} is out of bounds"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where} does not match {schema['pattern']}"
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        yield f"{where} has no offset"


def _choices(value: Any, schema: dict[str, Any], document: dict[str, Any], where: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{where} is not {schema['const']}"
    fits = {
        word: sum(not list(faults(value, one, document, where)) for one in schema.get(word, ()))
        for word in ("anyOf", "oneOf", "allOf")
    }
    if ("anyOf" in schema and not fits["anyOf"]) or ("oneOf" in schema and fits["oneOf"] != 1):
        yield f"{where} fits {fits['anyOf'] or fits['oneOf']} of its shapes"
    if fits["allOf"] != len(schema.get("allOf", ())):
        yield f"{where} does not fit all of its shapes"


def _properties(value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], where: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    yield from (f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, item in value.items():
        if name in properties:
            yield from faults(item, properties[name], document, f"{where}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{where}.{name} is not in the document"
