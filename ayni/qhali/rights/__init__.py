"""What a citizen may ask about what is kept of them."""

from ayni.qhali.rights.export import export
from ayni.qhali.rights.kept import Kept
from ayni.qhali.rights.rights import Rights
from ayni.qhali.rights.statements import SCHEMA

__all__ = ["SCHEMA", "Kept", "Rights", "export"]
