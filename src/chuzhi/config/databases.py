"""Two roles on one database: the product connects as the one that cannot rewrite history, migrations as the owner."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from chuzhi.config import environment


def settings(data: Path) -> dict[str, dict[str, Any]]:
    """Django's `DATABASES`: `default` is the product's role, `owner` is for migrations only."""
    owner = _from_url(url) if (url := environment.read("DATABASE_URL")) else _embedded(data)
    shared = {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    app_role = environment.read("CHUZHI_DATABASE_ROLE") or f"{owner['NAME']}_app"
    return {
        "default": shared | owner | {"USER": app_role, "PASSWORD": environment.kept_secret(data, "database_app_password")},
        "owner": shared | owner,
    }


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise environment.Misconfigured("DATABASE_URL must read postgresql://user:password@host:port/name.")
    return {
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


def _embedded(data: Path) -> dict[str, Any]:
    """What the embedded server wrote down about itself when it was made; nothing yet before its first start."""
    note = data / "embedded.json"
    if not note.exists():
        return {"NAME": "chuzhi", "USER": "chuzhi", "PASSWORD": "", "HOST": "127.0.0.1", "PORT": "0"}
    kept = json.loads(note.read_text(encoding="utf-8"))
    return {"NAME": "chuzhi", "USER": "chuzhi", "PASSWORD": kept["password"], "HOST": "127.0.0.1", "PORT": str(kept["port"])}
