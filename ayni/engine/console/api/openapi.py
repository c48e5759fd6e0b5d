"""The description of the interface (OpenAPI 3.1), made from the table of operations: what is not in the
table has no route, and what is in it is described."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ayni.engine.console.api.operation import Operation
from ayni.engine.console.problems import BY_STATUS
from ayni.engine.console.shown.resources import Health, ProblemDetails

SCHEMA_REF = "#/components/schemas/{name}"
_CONVERTOR = re.compile(r":row(?=\})")
_PARAMETER = re.compile(r"\{(\w+)(:row)?\}")
ROW_NUMBER = {"type": "integer", "minimum": 1}


def description(operations: Iterable[Operation], version: str) -> dict[str, Any]:
    """The whole document."""
    listed = list(operations)
    paths: dict[str, Any] = {"/health": {"get": _health()}}
    for operation in listed:
        path = paths.setdefault(_CONVERTOR.sub("", operation.path), {})
        path[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ayni engine",
            "version": version,
            "description": "Channels, messages, decisions and the audit of one integration engine.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"basic": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(listed),
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "session": {"type": "apiKey", "in": "cookie", "name": "ayni_console"},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": _rules(operation),
        "x-role": operation.role.value,
        "parameters": [*_path_parameters(operation.path), *_query_parameters(operation.query)],
        "responses": {
            str(operation.status): {"description": "As asked.", "content": _content(operation.answer)},
            "default": _problem(operation),
        },
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    if operation.is_deprecated:
        described["deprecated"] = True
    return described


def _rules(operation: Operation) -> str:
    audited = f" Audited: {operation.audited}." if operation.audited else ""
    return f"Needs the role {operation.role.value}.{audited}"


def _content(shape: type | str) -> dict[str, Any]:
    if isinstance(shape, str):
        return {shape: {}}
    return {"application/json": {"schema": {"$ref": SCHEMA_REF.format(name=shape.__name__)}}}


def _problem(operation: Operation) -> dict[str, Any]:
    codes = sorted({*operation.own_problems(), *BY_STATUS.values()} - {"not-now", "other-method"})
    schema = {"$ref": SCHEMA_REF.format(name=ProblemDetails.__name__)}
    return {
        "description": f"A problem: {', '.join(codes)}.",
        "content": {"application/problem+json": {"schema": schema}},
    }


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name, convertor in _PARAMETER.findall(path):
        schema = ROW_NUMBER if convertor else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: type) -> Iterator[dict[str, Any]]:
    schema = msgspec.json.schema(query)
    described = schema["$defs"][query.__name__] if "$defs" in schema else schema
    for name, each in described["properties"].items():
        required = name in described.get("required", [])
        yield {"name": name, "in": "query", "required": required, "schema": each}


def _schemas(operations: list[Operation]) -> dict[str, Any]:
    shapes: set[type] = {ProblemDetails, Health}
    for operation in operations:
        shapes |= {each for each in (operation.answer, operation.body) if isinstance(each, type)}
    ordered = sorted(shapes, key=lambda shape: shape.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=SCHEMA_REF)
    return schemas


def _health() -> dict[str, Any]:
    return {
        "operationId": "health",
        "summary": "Whether the engine works; figures only, for everybody",
        "security": [],
        "parameters": [],
        "responses": {
            "200": {"description": "It works.", "content": _content(Health)},
            "503": {"description": "It does not."},
        },
    }
