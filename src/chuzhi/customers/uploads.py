"""Files that were brought and are not taken in yet, and what was found wrong in them: sealed on disk, gone after a day."""

import hashlib
import re
import time
from pathlib import Path

from django.conf import settings

from chuzhi.core import sealed

KEPT_SECONDS = 86_400
_COLUMN = "customers.uploads"


def keep(content: bytes) -> str:
    """The file's hash, to ask for it by. What was kept too long is thrown away."""
    number = hashlib.sha256(content).hexdigest()
    write(number, content)
    return number


def write(name: str, content: bytes) -> None:
    folder = _folder()
    for old in folder.glob("*.sealed"):
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            old.unlink(missing_ok=True)
    sealed.write(folder / f"{name}.sealed", content, column=_COLUMN)


def read(name: str) -> bytes | None:
    """What was kept, if it still is."""
    if not re.fullmatch(r"[0-9a-f]{64}|(rejected|alike)-\d{1,18}", name):
        return None
    return sealed.read(_folder() / f"{name}.sealed", column=_COLUMN)


def _folder() -> Path:
    folder = Path(settings.DATA) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
