"""Rows of texts as spreadsheets keep them: CSV, TSV and XLSX, out and in without loss.

No text ever becomes a formula. In CSV and TSV, where a spreadsheet guesses, a ``'`` stands before a
text that it would take for one; in XLSX every cell is written as text and says so.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_fair.files import DamagedDocument, FairError, reading, writing
from napari_fair.files import replace as replace_file

if TYPE_CHECKING:
    from openpyxl import Workbook

Rows = Sequence[Sequence[str]]

XLSX = ".xlsx"
SUFFIXES = (".tsv", ".csv", XLSX)
"""What a table's file can be called; anything else is read as tab-separated."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula, and the mark that we put before it."""
_LARGEST = 256 << 20
_LONGEST_CELL = 32_767
"""Characters; Excel cuts what is longer."""
_MOST_COLUMNS = 16_384
_MOST_ROWS = 1_048_576
_MOST_CELLS = 20_000_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_DECLARATIONS = tuple("<!DOCTYPE".encode(name) for name in ("ascii", "utf-16-le", "utf-16-be"))


class NoXlsx(FairError):
    """XLSX files need a package that is not installed."""


def guarded(text: str) -> str:
    """Return a cell's text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    return text[1:] if text.startswith("'") else text


def read_rows(path: Path) -> list[list[str]]:
    """Read a table file; empty lines stay, texts are as they were before they were guarded.

    Raises
    ------
    UnreadableFile, DamagedDocument
        If it cannot be opened, is too large, or is no table.
    NoXlsx
        If it is an XLSX file and openpyxl is not installed.
    """
    with reading(path):
        if path.stat().st_size > _LARGEST:
            raise DamagedDocument(
                f"{path.name} is larger than any table of images: choose another."
            )
        data = path.read_bytes()
    if path.suffix.lower() == XLSX:
        return _read_xlsx(data, path.name)
    try:
        return parse_rows(data.decode("utf-8-sig"), delimiter=delimiter_of(path))
    except UnicodeDecodeError:
        sentence = f"{path.name} is no UTF-8 text: save it as CSV UTF-8 or XLSX."
        raise DamagedDocument(sentence) from None


def write_rows(path: Path, rows: Rows) -> None:
    """Write a table file; its name's ending says which kind.

    Raises
    ------
    FolderNotWritable, UnwritableFile
        If it cannot be written.
    LossyDocument
        If a text is too long for an XLSX cell, or there are too many.
    NoXlsx
        If it is an XLSX file and openpyxl is not installed.
    """
    if path.suffix.lower() == XLSX:
        data = _xlsx(rows, path.name)
    else:
        data = dump_rows(rows, delimiter=delimiter_of(path)).encode("utf-8")
    with writing(path):
        replace_file(path, data)


def delimiter_of(path: Path) -> str:
    """Return what stands between cells of a text file of this name."""
    return "," if path.suffix.lower() == ".csv" else "\t"


def parse_rows(text: str, *, delimiter: str) -> list[list[str]]:
    """Return the rows of CSV or TSV text.

    Raises
    ------
    DamagedDocument
        If its quotes do not fit.
    """
    # a cell may be as long as the file, which is bounded
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as problem:
        raise DamagedDocument(f"The table cannot be read ({problem}): export it again.") from None
    return [[unguarded(cell) for cell in line] for line in lines]


def dump_rows(rows: Rows, *, delimiter: str) -> str:
    """Return rows as CSV or TSV text; `parse_rows` takes it back."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue()


# ---- XLSX -----------------------------------------------------------------------------------


@contextmanager
def _with_openpyxl() -> Iterator[Any]:
    try:
        import openpyxl
    except ImportError:
        sentence = "XLSX files need the package openpyxl: install napari-fair[xlsx], or use CSV."
        raise NoXlsx(sentence) from None
    yield openpyxl


def _xlsx(rows: Rows, name: str) -> bytes:
    with _with_openpyxl() as openpyxl:
        book: Workbook = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Images")
        sheet.freeze_panes = "C2"
        _check_fits(rows, name)
        for row in rows:
            sheet.append([_text_cell(sheet, text) for text in row])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()


def _check_fits(rows: Rows, name: str) -> None:
    from napari_fair.files import LossyDocument

    longest = max((len(_escaped(cell)) for row in rows for cell in row), default=0)
    if longest > _LONGEST_CELL:
        raise LossyDocument(
            f"{name}: a text is too long for a spreadsheet cell; write CSV instead."
        )
    if len(rows) > _MOST_ROWS or max((len(row) for row in rows), default=0) > _MOST_COLUMNS:
        raise LossyDocument(f"{name}: there is more than a spreadsheet holds; write CSV instead.")


def _text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that is text, whatever it looks like, and stays so when it is edited."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=None)
    if text:
        cell.value = _escaped(text)
        cell.data_type = "s"
        cell.number_format = "@"
    return cell


def _escaped(text: str) -> str:
    """Write what XML cannot hold as ``_xHHHH_`` (ECMA-376, ST_Xstring)."""
    return _TO_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _read_xlsx(data: bytes, name: str) -> list[list[str]]:
    with _with_openpyxl() as openpyxl:
        _check_parts(data, name)
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says about its own size is not to be trusted
            rows = [
                list(map(_text_of, row))
                for row in _bounded(sheet.iter_rows(values_only=True), name)
            ]
            width = len(rows[0]) if rows else 0  # blank cells at the end of a row are left out
            return [[*row, *[""] * (width - len(row))] for row in rows]
        except FairError:
            raise
        except Exception as problem:  # openpyxl raises whatever its parsers do
            sentence = f"{name} is no spreadsheet that can be read: save it as XLSX or CSV again."
            raise DamagedDocument(sentence) from problem


def _bounded(rows: Iterable[tuple[Any, ...]], name: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows up to the last that says something; a stranger's sheet may go on for ever."""
    waiting: list[tuple[Any, ...]] = []
    cells = 0
    for row in rows:
        cells += 1 + len(row)
        if cells > _MOST_CELLS:
            raise DamagedDocument(f"{name} has more cells than a table of images holds.")
        waiting.append(row)
        if any(value is not None for value in row):
            yield from waiting
            waiting.clear()


def _check_parts(data: bytes, name: str) -> None:
    """Refuse what unpacks to more than a table, and XML that declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _LARGEST:
                raise DamagedDocument(f"{name} unpacks to more than a table of images holds.")
            if any(_declares_entities(parts, part) for part in parts.infolist()):
                raise DamagedDocument(f"{name} declares its own XML entities, which is refused.")
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
    ) as problem:
        raise DamagedDocument(f"{name} is damaged or no XLSX file: save it again.") from problem


def _declares_entities(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    end = b""
    with parts.open(part) as stream:
        while block := stream.read(1 << 20):
            if any(mark in end + block for mark in _DECLARATIONS):
                return True
            end = block[-32:]
    return False


def _text_of(value: Any) -> str:
    """Return the text of a cell; what a spreadsheet made a number or a date gets its plain form."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _unescaped(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)
