"""Whether the last preparation still holds, so that an ordinary start need not load Django to find that nothing changed."""

import hashlib
import json
import sysconfig
from pathlib import Path

import psycopg

PACKAGE = Path(__file__).resolve().parent.parent
WRITTEN_BY_US = {".mo", ".pyc"}


def is_current(data: Path, url: str) -> bool:
    note = data / "prepared.json"
    manifest = data / "static" / "staticfiles.json"
    return note.exists() and manifest.exists() and json.loads(note.read_text(encoding="utf-8")) == _state(data, url)


def remember(data: Path, url: str) -> None:
    fresh = data / "prepared.json.new"
    fresh.write_text(json.dumps(_state(data, url)), encoding="utf-8")
    fresh.replace(data / "prepared.json")


def _state(data: Path, url: str) -> dict[str, str]:
    """Our files, the packages we run on, the role's password, and which migrations the database says it has had."""
    ours = [path for path in sorted(PACKAGE.rglob("*")) if path.is_file() and path.suffix not in WRITTEN_BY_US]
    others = [Path(sysconfig.get_path("purelib")), data / "secrets" / "database_app_password"]
    seen = [f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in [*ours, *others] if path.exists()]
    return {"files": hashlib.sha256("\n".join(seen).encode()).hexdigest(), "migrations": _migrations(url)}


def _migrations(url: str) -> str:
    try:
        with psycopg.connect(url, connect_timeout=10) as there:
            rows = there.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    except psycopg.errors.UndefinedTable:
        return ""
    return hashlib.sha256("\n".join(row[0] for row in rows).encode()).hexdigest()
