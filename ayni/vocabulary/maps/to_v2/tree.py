"""A v2 value while it is built: a text, or its parts by number.

Parts of a field are components, parts of a component subcomponents; deeper ones do not exist and the first
text of what would be deeper stands for it.
"""

from ayni.vocabulary.hl7 import Encoding

Tree = str | dict[int, "Tree"]


def merged(old: "Tree | None", new: Tree) -> Tree:
    """The old value with the parts of the new one that it lacks."""
    if not old:
        return new
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {
            number: merged(old.get(number), part) for number, part in new.items() if part or number not in old
        }
    if isinstance(old, dict) and new and 1 not in old:
        return {1: new, **old}
    if isinstance(new, dict) and isinstance(old, str):
        return {**new, 1: old}
    return old


def first_text(tree: "Tree | None") -> str:
    while isinstance(tree, dict):
        tree = tree.get(1)
    return tree or ""


def part(tree: Tree, number: int) -> "Tree | None":
    if isinstance(tree, dict):
        return tree.get(number)
    return tree if number == 1 else None


def encoded(tree: Tree, written: Encoding, depth: int = 0) -> str:
    """As a field holds it."""
    if isinstance(tree, str):
        return written.escape(tree)
    if depth == 2:
        return encoded(first_text(tree), written)
    separator = (written.component, written.subcomponent)[depth]
    last = max((number for number, each in tree.items() if each), default=0)
    parts = [encoded(tree.get(number) or "", written, depth + 1) for number in range(1, last + 1)]
    return separator.join(parts)
