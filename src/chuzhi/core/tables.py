"""Tables to take along, CSV or XLSX, with no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

import openpyxl

Row = Sequence[str]
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def safe_cell(text: str) -> str:
    """Spreadsheets run cells that begin with these signs; an apostrophe makes them text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def csv_of(rows: Iterable[Row], about: Iterable[Row] = ()) -> bytes:
    """With the mark by which Excel knows UTF-8. What it is `about` stands below the rows, and is read after them."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows(rows)
    writer.writerows(about)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(rows: Iterable[Row], about: Iterable[Row] = ()) -> bytes:
    """What it is `about` stands on a sheet of its own."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    if signed := list(about):
        sheet = book.create_sheet()
        for row in signed:
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


FORMS: dict[str, tuple[str, Callable[[Iterable[Row], Iterable[Row]], bytes]]] = {"csv": (CSV, csv_of), "xlsx": (XLSX, xlsx_of)}
