"""Whether a value is as a JSON Schema says, for the keywords our description uses; anything else is a failure
of the check, not a pass."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
UNDERSTOOD = {
    "$ref",
    "anyOf",
    "additionalProperties",
    "default",
    "description",
    "enum",
    "exclusiveMaximum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minLength",
    "minimum",
    "properties",
    "required",
    "title",
    "type",
}
KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}


def faults(value: Any, schema: Schema, description: Schema, at: str = "$") -> Iterator[str]:
    """Each place where a value is not as described."""
    assert set(schema) <= UNDERSTOOD, set(schema) - UNDERSTOOD
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        yield from faults(value, description["components"]["schemas"][name], description, at)
    elif "anyOf" in schema:
        if all(list(faults(value, each, description, at)) for each in schema["anyOf"]):
            yield f"{at}: none of the choices"
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{at}: {value!r} is not in the list"
    else:
        yield from _of_kind(value, schema, description, at)


def _of_kind(value: Any, schema: Schema, description: Schema, at: str) -> Iterator[str]:
    kind = schema.get("type", "")
    if kind and (not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{at}: expected {kind}, found {type(value).__name__}"
    elif kind == "object":
        yield from _members(value, schema, description, at)
    elif kind == "array":
        for number, each in enumerate(value):
            yield from faults(each, schema.get("items", {}), description, f"{at}[{number}]")


def _members(value: dict[str, Any], schema: Schema, description: Schema, at: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    yield from (f"{at}: {name} is missing" for name in set(schema.get("required", [])) - set(value))
    for name, each in value.items():
        if name in properties:
            yield from faults(each, properties[name], description, f"{at}.{name}")
        elif isinstance(more := schema.get("additionalProperties"), dict):
            yield from faults(each, more, description, f"{at}.{name}")
        else:
            yield f"{at}: {name} is not described"
