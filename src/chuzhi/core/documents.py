"""Files that people hand in as proof: small, of a kind that can be looked at, sealed on disk under the hash of their content.

They are kept for good, outside of whatever a web server gives out; who may read one is decided by the page that asks for it.
A program hands a file in first and names it in its request afterwards; one that no request names is gone after a day.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chuzhi.core import sealed
from chuzhi.core.errors import NotFound, Refused

MOST_BYTES = 10 * 2**20
MOST_FILES = 5
LONGEST_NAME = 120
WAITS_FOR = timedelta(days=1)
_COLUMN = "core.documents"
_BEGINNINGS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class DocumentTooLarge(Refused):
    code = "document.too_large"
    message = _("A file may have at most %(megabytes)s MB, and a request at most %(files)s files.")


class DocumentUnusable(Refused):
    code = "document.type"
    message = _("“%(name)s” is not a PDF, PNG or JPEG file.")


class DocumentUnknown(NotFound):
    code = "document.unknown"
    message = _("There is no such document. Hand it in first; it waits for a day.")


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was kept: ask for its content by `hash`."""

    hash: str
    name: str
    media_type: str
    size: int


def checked(name: str, content: bytes) -> Document:
    """The file as it would be kept. Refuses what is too large and what is not, by its content, of a kind that can be shown."""
    if len(content) > MOST_BYTES:
        raise DocumentTooLarge(megabytes=MOST_BYTES // 2**20, files=MOST_FILES)
    shown = _clean(name)
    media_type = next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)
    if media_type is None:
        raise DocumentUnusable(name=shown)
    return Document(hashlib.sha256(content).hexdigest(), shown, media_type, len(content))


def keep(name: str, content: bytes) -> Document:
    """Refuses as `checked` does."""
    found = checked(name, content)
    _write(f"{found.hash}.sealed", content)
    return found


def hand_in(name: str, content: bytes) -> Document:
    """Take a file in that a request will name by its hash. Refuses as `checked` does."""
    found = checked(name, content)
    _write(f"{found.hash}.waiting", found.name.encode() + b"\n" + content)
    return found


def handed_in(number: str) -> tuple[str, bytes]:
    """Name and content of a file that waits. Raises DocumentUnknown."""
    written = _read(number, "waiting")
    if written is None:
        raise DocumentUnknown
    name, _line, content = written.partition(b"\n")
    return name.decode(), content


def forget_waiting() -> int:
    """For the clock: files that no request came for. Answers how many; what a request took is kept elsewhere."""
    before = time.time() - WAITS_FOR.total_seconds()
    waiting = [*_folder().glob("*.waiting"), *_folder().glob("*.new")]  # the second of a writer who was cut off
    old = [path for path in waiting if path.stat().st_mtime < before]
    for path in old:
        path.unlink()
    return len(old)


def keep_all(files: list[tuple[str, bytes]]) -> list[Document]:
    if len(files) > MOST_FILES:
        raise DocumentTooLarge(megabytes=MOST_BYTES // 2**20, files=MOST_FILES)
    return [keep(name, content) for name, content in files]


def read(number: str) -> bytes | None:
    """The content, if it was ever kept."""
    return _read(number, "sealed")


def _read(number: str, state: str) -> bytes | None:
    if not re.fullmatch(r"[0-9a-f]{64}", number):
        return None
    return sealed.read(_folder() / f"{number}.{state}", column=_COLUMN)


def _write(name: str, content: bytes) -> None:
    sealed.write(_folder() / name, content, column=_COLUMN)


def _clean(name: str) -> str:
    """The last part of a name, without what could end a header or a line."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable() and letter not in '"<>')[:LONGEST_NAME] or "file"


def _folder() -> Path:
    folder = Path(settings.DATA) / "documents"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
