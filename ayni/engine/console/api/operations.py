"""The table: every operation of the interface."""

from importlib.metadata import PackageNotFoundError, version

import msgspec
from starlette.responses import Response

from ayni.engine.console.access.roles import Role
from ayni.engine.console.api import administration, channels, holds, messages
from ayni.engine.console.api.openapi import description
from ayni.engine.console.api.operation import Call, Operation


async def _described(_: Call) -> Response:
    return Response(DESCRIPTION, media_type="application/json")


def _version() -> str:
    try:
        return version("ayni")
    except PackageNotFoundError:
        return "0"


OPERATIONS: tuple[Operation, ...] = (
    *channels.OPERATIONS,
    *messages.OPERATIONS,
    *holds.OPERATIONS,
    *administration.OPERATIONS,
    Operation(
        method="GET",
        path="/api/openapi.json",
        name="openapi",
        role=Role.VIEWER,
        summary="This description",
        handler=_described,
        answer="application/json",
    ),
)

DESCRIPTION = msgspec.json.encode(description(OPERATIONS, _version()))
