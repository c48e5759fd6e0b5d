"""SQL by name. The words stand in a package's `store.sql`, where they can be read as SQL.

Each statement follows a line `-- name --`; comments below that line say why, in the file and in the database.
"""

import re
from importlib.resources import files

_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


def statements(package: str, file: str = "store.sql") -> dict[str, str]:
    """The statements of a file in a package, by name."""
    _, *parts = _NAME.split(files(package).joinpath(file).read_text("utf-8"))
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}
