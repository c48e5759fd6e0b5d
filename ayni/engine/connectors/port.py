"""The port a listener declares."""

from ayni.engine.connectors.contract import World
from ayni.wire.settings import PORT_MAX, SettingError


def port_in(world: World, template: str) -> int:
    """The TCP port a declared text names; raises SettingError."""
    value = world.text(template)
    if not value.isdecimal() or not 0 < int(value) <= PORT_MAX:
        raise SettingError(f"{template}={value!r}: write a port number from 1 to {PORT_MAX}")
    return int(value)
