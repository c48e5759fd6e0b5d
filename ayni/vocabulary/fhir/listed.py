"""Lists of objects in what a stranger sent, where there may be anything."""

from typing import Any


def objects(holder: Any, name: str) -> list[dict[str, Any]]:
    """The objects in the list that an object has under a name; [] when it has none."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def by_id(holder: Any, name: str) -> dict[str, dict[str, Any]]:
    """The objects of such a list that have an id, by it."""
    return {each["id"]: each for each in objects(holder, name) if isinstance(each.get("id"), str)}
