"""Tables as they circulate: text files of any separator and encoding, with titles above the header.

Read: UTF-8 and UTF-16 with their marks, UTF-8 without, else Windows-1252; separators `;` `,` tab `|`; RFC
4180 quotes; Excel's `sep=;` line; up to twenty lines above the header. A workbook (.xlsx, .xls) is refused by
name.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NoReturn

from ayni.vocabulary.spelling import folded
from ayni.vocabulary.terminology.loading.report import Reason, RefusedRow, Report, UnreadableFile

FILE_BYTES_MAX: Final = 128 << 20
"""The whole of LOINC as text is about 70 MB."""
HEADER_LINES_MAX: Final = 20
"""Lines looked at for the header: titles, dates and empty lines stand above it."""
HEADER_CHARACTERS_MAX: Final = 10_000
"""The register of facilities has 33 columns in 400 characters; a longer line is no header."""
ROWS_MAX: Final = 1_000_000
"""Three times what a code system may hold, so that duplicates can be told; no list has more."""
ROW_LINES_MAX: Final = 50
"""Lines that one row may take; beyond, a quote was opened and never closed, and swallows the file."""

SEPARATORS: Final = (";", ",", "\t", "|")
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LOST: Final = "\ufffd".encode()
_UTF8_LETTER: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_TWICE_ENCODED: Final = re.compile("[ÂÃ][\u0080-\u00bf\u0152-\u2122]")
_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")
_TEXT_MARK: Final = re.compile(r"""(?:="(.*)"|=(\d+)|'(.*))""", re.DOTALL)
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is called here, and in the files (lower case, no accents, words joined by `_`)."""

    name: str
    headers: tuple[str, ...]
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `headers` has the file's own word for each column, which findings say."""

    line: int
    cells: Mapping[str, str]
    headers: Mapping[str, str]
    report: Report

    def text(self, column: str) -> str:
        """The cell, "" where it is empty or the file has no such column."""
        return self.cells.get(column, "")

    def required(self, column: str, expected: str) -> str:
        """The cell; the row is refused without it."""
        text = self.text(column)
        if not text:
            self.refuse(column, "missing", expected)
        return text

    def refuse(self, column: str, reason: Reason, expected: str) -> NoReturn:
        """Gives the row up."""
        header = self.headers.get(column, "")
        found = self.text(column)
        raise RefusedRow(self.report.finding(self.line, header, reason, expected, found))

    def repair(self, column: str, reason: Reason, became: str) -> None:
        """Notes that a cell was read as something else."""
        header = self.headers.get(column, "")
        self.report.repair(self.report.finding(self.line, header, reason, became, self.text(column)))


def read_table(raw: bytes, columns: Sequence[Column], report: Report) -> Iterator[Row]:
    """The rows below the header; what cannot be a row is refused in the report. Raises `UnreadableFile`."""
    # Line by line: a list of all lines would take many times the memory of the file.
    encoding = _encoding(raw, report)
    lines = io.TextIOWrapper(io.BytesIO(raw), encoding=encoding, errors="replace", newline="")
    at, separator, header = _header(list(islice(lines, HEADER_LINES_MAX)), columns, report)
    lines.seek(0)
    places = _places(header, columns)
    headers = {name: header[place].strip() for name, place in places.items()}
    for line, cells in _records(islice(lines, at + 1, None), separator, at + 2, report):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            expected = f"{len(header)} columns"
            report.refuse(report.finding(line, "", "row-length", expected, f"{len(cells)} columns"))
            continue
        row = Row(line, {name: _at(cells, place) for name, place in places.items()}, headers, report)
        try:
            yield _clean(row)
        except RefusedRow as refused:
            report.refuse(refused.finding)


def _encoding(raw: bytes, report: Report) -> str:
    if len(raw) > FILE_BYTES_MAX:
        raise _unreadable(report, 1, f"at most {FILE_BYTES_MAX} bytes", f"{len(raw)} bytes")
    if raw.startswith(_WORKBOOKS):
        raise _unreadable(report, 1, "a text file (CSV)", "a workbook: save it as CSV UTF-8")
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), "")
    if marked == "utf-16" and len(raw) % 2:
        raise _unreadable(report, 1, "text in UTF-16", "an odd number of bytes")
    return marked or ("utf-8" if _is_utf8(raw) else "cp1252")


def _is_utf8(raw: bytes) -> bool:
    """Whether most letters beyond ASCII are UTF-8: one spoilt byte does not spoil a file."""
    not_utf8 = raw.decode("utf-8", "replace").count("\ufffd") - raw.count(_LOST)
    return not_utf8 <= 0 or not_utf8 < len(_UTF8_LETTER.findall(raw))


def _header(lines: list[str], columns: Sequence[Column], report: Report) -> tuple[int, str, list[str]]:
    """The line that has all required columns under one separator, and most columns of such."""
    wanted = {column.name for column in columns if column.is_required}
    best: tuple[int, int, str, list[str]] | None = None
    for at, line in enumerate(lines):
        for separator in SEPARATORS:
            cells = _split(line, separator)
            places = _places(cells, columns)
            if wanted <= places.keys() and (best is None or len(places) > best[0]):
                best = (len(places), at, separator, cells)
        if best is not None:
            return best[1:]
    names = " and ".join(f"{column.headers[0]!r}" for column in columns if column.is_required)
    first = next((line.strip() for line in lines if line.strip()), "")
    raise _unreadable(report, 1, f"a header with {names}", first[:60] or "an empty file")


def _split(line: str, separator: str) -> list[str]:
    if len(line) > HEADER_CHARACTERS_MAX:
        return []
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _places(cells: list[str], columns: Sequence[Column]) -> dict[str, int]:
    """Where each column stands; of several headers that a column knows, the first that it lists."""
    found = {
        _NO_LETTER.sub("_", folded(cell)).strip("_"): place for place, cell in reversed([*enumerate(cells)])
    }
    places = {}
    for column in columns:
        known = next((header for header in column.headers if header in found), None)
        if known is not None:
            places[column.name] = found[known]
    return places


def _records(
    lines: Iterator[str], separator: str, first: int, report: Report
) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row with the line it begins on."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    for _ in range(ROWS_MAX):
        begins = first + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _check_span(report, begins, first + reader.line_num)
            report.refuse(report.finding(begins, "", "quoting", "quotes as in RFC 4180", str(error)))
            continue
        _check_span(report, begins, first + reader.line_num)
        yield begins, cells
    raise _unreadable(report, first + reader.line_num, f"at most {ROWS_MAX} rows", "more")


def _check_span(report: Report, begins: int, ends: int) -> None:
    if ends - begins > ROW_LINES_MAX:
        found = f"one that swallows {ends - begins} lines"
        raise _unreadable(report, begins, "a quote that is closed on its line", found)


def _at(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _clean(row: Row) -> Row:
    """The row without what a spreadsheet or a typist put around the text."""
    cells = {}
    for column, cell in row.cells.items():
        text = _UNSEEN.sub("", cell.replace("\u00a0", " ")).strip()
        if text != cell:
            row.repair(column, "blanks", "text without outer blanks or unseen signs")
        mark = _TEXT_MARK.fullmatch(text)
        if mark:
            text = (mark[1] or mark[2] or mark[3] or "").strip()
            row.repair(column, "spreadsheet-mark", "text without a spreadsheet's mark")
        text = _once_encoded(row, column, text)
        if "\ufffd" in text:
            row.repair(column, "lost-letter", "the letter that the file has lost; loaded without it")
        if _CONTROL.search(text):
            row.refuse(column, "control-character", "printable text")
        cells[column] = " ".join(text.split())
    return Row(row.line, cells, row.headers, row.report)


def _once_encoded(row: Row, column: str, text: str) -> str:
    """`CÃ³lera` is `Cólera`, written as UTF-8 and then taken for Windows-1252."""
    if not _TWICE_ENCODED.search(text):
        return text
    try:
        once = text.encode("cp1252").decode()
    except UnicodeError:
        return text
    row.repair(column, "twice-encoded", once)
    return once


def _unreadable(report: Report, line: int, expected: str, found: str) -> UnreadableFile:
    return UnreadableFile(
        place=f"{report.file}:{line}",
        expected=expected,
        found=found,
        text=f"No se puede leer {report.file} (línea {line}).",
    )
