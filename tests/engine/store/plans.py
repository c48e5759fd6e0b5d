"""Which queries a search asks, so that the planner can be asked about each."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ayni.engine.store.contract import Question, Row
from ayni.engine.store.sql import SqlStore


def queries_of(store: SqlStore, question: Question) -> list[tuple[str, Sequence[Any]]]:
    """(statement, values) of everything that a search asks."""
    asked: list[tuple[str, Sequence[Any]]] = []
    books = store.books

    def rows(sql: str, values: Sequence[Any]) -> list[Row]:
        asked.append((sql, values))
        return books.rows(sql, values)

    store.books = replace(books, rows=rows)
    store.search(question)
    store.books = books
    return asked
