"""Passwords and tokens of partners: each in a file of its own, never in a declaration."""

from ayni.engine.connectors.contract import World
from ayni.wire.failure import CannotStart


def secret_in(world: World, template: str) -> str:
    """The one line in the file a partner gave us; raises CannotStart when there is none."""
    path = world.path(template)
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{template}: write the secret into the file {path}") from error
    if not secret or not secret.isprintable():
        raise CannotStart(f"{template}: the file {path} must hold one line")
    return secret


def bearer_of(world: World, token_file: str) -> dict[str, str]:
    """The header with a partner's bearer token, nothing where none is declared."""
    return {"Authorization": f"Bearer {secret_in(world, token_file)}"} if token_file else {}
