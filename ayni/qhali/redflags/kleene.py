"""Kleene's three-valued logic: True, False, and None for what nobody has said. Unknown is not absent."""

from collections.abc import Iterable

Truth = bool | None


def all_hold(values: Iterable[Truth]) -> Truth:
    """Kleene's "and"."""
    listed = list(values)
    if False in listed:
        return False
    return None if None in listed else True


def count_holds(values: Iterable[Truth], least: int) -> Truth:
    """Whether at least so many hold (with 1: Kleene's "or")."""
    listed = list(values)
    if listed.count(True) >= least:
        return True
    return None if listed.count(True) + listed.count(None) >= least else False


def negated(value: Truth) -> Truth:
    """Kleene's "not"."""
    return None if value is None else not value
