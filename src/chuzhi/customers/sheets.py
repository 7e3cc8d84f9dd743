"""Reading a table that somebody exported somewhere: CSV in the encodings of Chinese Windows, or XLSX. Nothing is believed."""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import python_calamine
from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused

MOST_BYTES = 50 * 1024 * 1024
MOST_UNPACKED_BYTES = 256 * 1024 * 1024
MOST_ROWS = 199_999
MOST_COLUMNS = 100
DELIMITERS = ",;\t|，"
_BEYOND = re.compile(rb"""\sr\s*=\s*["'](?:(?:[A-Z]{3,}|[D-Z][A-Z]|C[W-Z])\d|[A-Z]{1,2}(?:[2-9]\d{5}|\d{7,})["'])""")
"""Finds a cell beyond column CV or row 199,999.

The reader makes room for every cell up to the last: one of these fills the memory.
"""


class FileTooLarge(Refused):
    code = "import.file_too_large"
    message = _("The file is too large: at most %(megabytes)s MB, %(rows)s rows and %(columns)s columns.")

    def __init__(self) -> None:
        super().__init__(megabytes=MOST_BYTES // 1024 // 1024, rows=MOST_ROWS, columns=MOST_COLUMNS)


class EncodingUnknown(Refused):
    code = "import.encoding_unknown"
    message = _("The text is neither UTF-8 nor GB18030. Save the file as CSV UTF-8 and try again.")


class NotATable(Refused):
    code = "import.not_a_table"
    message = _("The file is not a table that can be read. Save it as CSV or XLSX and try again.")


class NothingInside(Refused):
    code = "import.empty"
    message = _("The file has no rows under its headings.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Headings, and the rows under them as text, each with the number of its line in the file."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    encoding: str  # utf-8, utf-16, gb18030 or xlsx
    delimiter: str  # empty for XLSX
    sha256: str


def read(content: bytes, *, encoding: str | None = None, delimiter: str | None = None, titles: bool = False) -> Sheet:
    """The first table of the file, under its titles unless they are wanted too. Encoding and delimiter are guessed unless given."""
    if len(content) > MOST_BYTES:
        raise FileTooLarge
    if content.startswith(b"PK\x03\x04"):
        encoding, delimiter, lines = "xlsx", "", _workbook(content)
    else:
        text, encoding = _decoded(content, encoding)
        delimiter = delimiter or _delimiter(text)
        lines = _separated(text, delimiter)
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not titles:
        filled = _below_titles(filled)
    if len(filled) < 2:
        raise NothingInside
    if len(filled) > MOST_ROWS + 1 or len(filled[0][1]) > MOST_COLUMNS:
        raise FileTooLarge
    headings = filled[0][1]
    while not headings[-1]:
        headings = headings[:-1]
    return Sheet(headings, tuple(filled[1:]), encoding, delimiter, hashlib.sha256(content).hexdigest())


def _below_titles(filled: list[tuple[int, tuple[str, ...]]]) -> list[tuple[int, tuple[str, ...]]]:
    """Some programs put the name of the table over its headings: a line of one cell, over lines of several."""
    while len(filled) > 2 and _filled(filled[0][1]) == 1 and _filled(filled[1][1]) > 2:
        filled = filled[1:]
    return filled


def _filled(cells: tuple[str, ...]) -> int:
    return sum(map(bool, cells))


def _decoded(content: bytes, encoding: str | None) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried = ["utf-16"]
    else:
        tried = [encoding] if encoding in {"utf-8", "gb18030"} else ["utf-8", "gb18030"]
    for name in tried:
        try:
            text = content.decode("utf-8-sig" if name == "utf-8" else name)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise NotATable
        return text, name
    raise EncodingUnknown


def _delimiter(text: str) -> str:
    """Whichever stands most often in the first line, outside quotes; a comma if none does."""
    first = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    return max(DELIMITERS, key=first.count)


def _separated(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if reader.line_num > 2 * MOST_ROWS:
                raise FileTooLarge
            yield reader.line_num, tuple(cell.strip() for cell in cells)
    except csv.Error:
        raise NotATable from None


def _workbook(content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    _check_package(content)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, IndexError):
        raise NotATable from None
    for number, row in enumerate(rows, start=1):
        yield number, tuple(_text(cell) for cell in row)


def _check_package(content: bytes) -> None:
    """An XLSX file is a ZIP of XML: unpack it within limits before a reader that knows none gets it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            if sum(member.file_size for member in members) > MOST_UNPACKED_BYTES or len(members) > 1000:
                raise FileTooLarge
            for member in members:
                # Reading checks the length and the checksum, so a member that lies about its size is refused here.
                if _BEYOND.search(package.read(member)) and member.filename.endswith(".xml"):
                    raise FileTooLarge
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError):
        raise NotATable from None


def _text(cell: object) -> str:
    """A cell as a person sees it. Excel keeps fifteen digits, so what stands after them is noise of binary fractions."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return f"{cell:.15g}"
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return str(cell).strip()
