"""What a channel's Python files say of themselves: read as text, never run."""

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from ayni.engine.tooling.revision import sources_in

OURS = ("ayni.engine", "ayni.vocabulary")
"""What a channel may import besides the standard library and the files beside it."""


class ChannelCode:
    """The Python files of one channel's folder that can be read as such."""

    def __init__(self, folder: Path) -> None:
        texts = [path.read_text("utf-8", "replace") for path in sources_in(folder)]
        self._files = [(text, tree) for text in texts if (tree := _parsed(text)) is not None]

    def strangers(self) -> list[str]:
        """Modules it imports that are not for channels."""
        found = {module for _, tree in self._files for module in _imported(tree)}
        return sorted(module for module in found if not _is_for_channels(module))

    def handover_targets(self) -> set[str]:
        """The channels it names in `Handover(channel="…")`, there or by a name it gave to that text."""
        return {
            target
            for _, tree in self._files
            for value in _keywords(tree, "channel", of="Handover")
            if (target := _text_of(value, tree))
        }

    def endless_without_reason(self) -> bool:
        """Whether an `attempts_max=None` has no comment in its line or in the one above; or none is found."""
        found = [
            _is_explained(value.lineno, text)
            for text, tree in self._files
            for value in _keywords(tree, "attempts_max", of="Policy")
            if isinstance(value, ast.Constant) and value.value is None
        ]
        return not (found and all(found))


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level != 1:
            yield "." * node.level + (node.module or "")


def _is_for_channels(module: str) -> bool:
    is_ours = any(module == name or module.startswith(f"{name}.") for name in OURS)
    return is_ours or module.partition(".")[0] in sys.stdlib_module_names


def _keywords(tree: ast.Module, name: str, *, of: str) -> Iterator[ast.expr]:
    """The values of an argument wherever `of` is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == of:
            yield from (keyword.value for keyword in node.keywords if keyword.arg == name)


def _text_of(value: ast.expr, tree: ast.Module) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    assigned = (node for node in tree.body if isinstance(node, ast.Assign))
    named = (node.value for node in assigned if ast.unparse(node.targets[0]) == ast.unparse(value))
    return next((str(each.value) for each in named if isinstance(each, ast.Constant)), "")


def _is_explained(line: int, text: str) -> bool:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return any(token.type == tokenize.COMMENT and token.start[0] in (line - 1, line) for token in tokens)
