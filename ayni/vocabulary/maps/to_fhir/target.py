"""Where a value goes: `name[].given[]`, `location[bed].status`, `extension[religion].valueString`.

`[]` is one item for each repetition of the field that is read, `[label]` one item for the resource, `[5]` the
item that the first repetition of field 5 made, `[=3]` one item for each content that field 3 has in the
segments of the resource; the label of an extension is our word for its URL. `+` at the end adds a line to a
text, also to one in base64 (`data+`); `$this` is the element itself. A first value stays: what comes later
fills gaps and extends lists only, and of a choice (`value[x]`) there is one form.
"""

import base64
import re
from functools import cache
from typing import Any, NamedTuple

from ayni.vocabulary.maps.tables import named

Element = dict[str, Any]
ItemKey = tuple[object, ...]
Items = dict[ItemKey, Element]
"""The items of a resource's lists, by what they are called."""

THIS = "$this"
_STEP = re.compile(r"(?P<name>\$this|_?[A-Za-z]+)(?:\[(?P<label>=?[A-Za-z0-9-]*)\])?(?P<line>\+)?")

COMPARED_MAX = 200
"""In a longer list a value may stand twice: looking for it would take time that grows with the square."""

_EXTENSIONS = ("extension", "modifierExtension")
_CHOICE = re.compile(
    "(value|effective|occurrence|occurred|onset|abatement|performed|deceased|multipleBirth|collected|medication)[A-Z]"
)


class Step(NamedTuple):
    name: str
    label: str | None  # None: not a list; "": an item for each repetition
    lines: bool
    prefix: str
    each: bool  # whether this or an earlier step is one item for each repetition
    start: Element  # what a new item begins with
    choice: str  # the stem of a choice, `occurrence`, of which an element has one form; "" for others


class Target(NamedTuple):
    steps: tuple[Step, ...]
    last: Step
    shared_by: int
    """The field whose content tells the items of a list apart (`[=3]`); 0 for none."""

    def write(self, element: Element, items: Items, key: ItemKey, value: Any) -> bool:
        """`key` says what an item is for: (segment, its number, field, repetition), or a field's content.

        False when the place is taken by another value.
        """
        if value == "" and not self._is_begun(items, key):
            return True  # a blank line before any other says nothing
        for step in self.steps:
            if step.choice and _has_other_form(element, step.name, step.choice):
                return False
            element = _enter(element, items, key, step)
        last = self.last
        if last.choice and _has_other_form(element, last.name, last.choice):
            return False
        if last.label is not None:
            _add(element, items, key, last, value)
            return True
        return _put(element, last, value)

    def _is_begun(self, items: Items, key: ItemKey) -> bool:
        return all(_called(step, key) in items for step in self.steps if step.label is not None)


def _called(step: Step, key: ItemKey) -> ItemKey:
    """What the item of a list is called, for what its step says it is for."""
    if not step.each:
        return (step.prefix, step.label)
    if step.label and step.label.isdecimal():
        key = (*key[:-2], int(step.label), 1)
    return (step.prefix, *key)


def _enter(element: Element, items: Items, key: ItemKey, step: Step) -> Element:
    if step.label is None:
        inner: Element = element.setdefault(step.name, {})
        return inner
    called = _called(step, key)
    item = items.get(called)
    if item is None:
        item = items[called] = dict(step.start)
        element.setdefault(step.name, []).append(item)
    return item


def _add(element: Element, items: Items, key: ItemKey, step: Step, value: Any) -> None:
    called = _called(step, key)
    if step.label and not step.each and called in items:
        return  # the one item of this name is there
    values = element.setdefault(step.name, [])
    if step.start:
        value = step.start | value
    if len(values) < COMPARED_MAX and value in values:
        value = values[values.index(value)]
    else:
        values.append(value)
    items[called] = value


def _put(element: Element, step: Step, value: Any) -> bool:
    name = step.name
    if name == THIS:
        for each, content in value.items():
            choice = _CHOICE.match(each)
            if not (choice and _has_other_form(element, each, choice[1])):
                element.setdefault(each, content)
        return True
    if step.lines and name in element:
        text = element[name]
        element[name] = _base64_with_line(text, value) if name == "data" else f"{text}\n{value}"
        return True
    found = element.setdefault(name, value)
    if found is value or found == value:
        return True
    if isinstance(value, dict):
        element[name] = value | found
    else:
        return False
    return True


def _base64_with_line(data: str, line: str) -> str:
    """The base64 of a text with one more line: its last three bytes alone are packed anew."""
    whole, rest = data[:-4], data[-4:]
    return whole + base64.b64encode(base64.b64decode(rest) + b"\n" + base64.b64decode(line)).decode()


def _has_other_form(element: Element, name: str, choice: str) -> bool:
    """Of `occurrence[x]`, when `occurrenceDateTime` is to be written: is there an `occurrencePeriod`?"""
    return any(
        each.startswith(choice) and each != name and each[len(choice) : len(choice) + 1].isupper()
        for each in element
    )


@cache
def target(path: str) -> Target:
    """Raises ValueError for a path that is not of this language."""
    steps: list[Step] = []
    prefix, each, shared_by = "", False, 0
    for text in path.split("."):
        found = _STEP.fullmatch(text)
        if found is None:
            raise ValueError(f"expected a path to an element, found {path!r}")
        name, label = found["name"], found["label"]
        each = each or (label is not None and (not label or label.isdecimal() or label.startswith("=")))
        if label and label.startswith("="):
            shared_by = int(label[1:])
        prefix += f"{name}[{'' if label and label.isdecimal() else label}]."
        start = {"url": named("extensions")[label]} if label and name in _EXTENSIONS else {}
        choice = _CHOICE.match(name)
        steps.append(Step(name, label, bool(found["line"]), prefix, each, start, choice[1] if choice else ""))
    return Target(tuple(steps[:-1]), steps[-1], shared_by)
