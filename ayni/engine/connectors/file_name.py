"""Names of files made from names of messages, so that no message writes where it should not."""

import hashlib
from urllib.parse import quote

from ayni.engine.connectors.contract import Parcel
from ayni.wire.failure import CannotStart

NAME_LENGTH_MAX = 180
"""Below the 255 bytes of most file systems, with room for what a reader appends."""
KEPT_LENGTH = 120
DIGEST_LENGTH = 32

FIELDS = ("{control_id}", "{key}", "{message_id}")


def checked_template(template: str) -> str:
    """The template when it can name files; raises CannotStart."""
    if not any(field in template for field in ("{control_id}", "{message_id}")):
        raise CannotStart(f"name {template!r}: write {{control_id}} or {{message_id}} in it")
    rest = template
    for field in FIELDS:
        rest = rest.replace(field, "")
    if set("/\\{}\0") & set(rest) or template.startswith("."):
        raise CannotStart(f"name {template!r}: write a name without folders and without a dot in front")
    return template


def name_for(template: str, parcel: Parcel) -> str:
    """The name of a message's file: other names give other files, and none leaves the folder."""
    name = template.replace("{control_id}", _safe(parcel.control_id))
    name = name.replace("{key}", _safe(parcel.key)).replace("{message_id}", str(parcel.message_id))
    if len(name) <= NAME_LENGTH_MAX:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:DIGEST_LENGTH]
    return f"{name[:KEPT_LENGTH]}-{digest}{name[-8:]}"


def _safe(text: str) -> str:
    """ASCII letters, digits and `-_` as they are, a dot inside too; all else as percent and hexadecimal."""
    name = quote(text, safe="") or "%"
    return "%2E" + name[1:] if name.startswith(".") else name
