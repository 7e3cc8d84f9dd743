"""Settings from the environment only: `NAME`, or `NAME_FILE` naming a file that holds the value."""

import os
import secrets
from pathlib import Path
from typing import overload


class Misconfigured(SystemExit):
    """A setting that cannot work, said in one line."""


@overload
def read(name: str) -> str | None: ...
@overload
def read(name: str, default: str) -> str: ...
def read(name: str, default: str | None = None) -> str | None:
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise Misconfigured(f"{name}_FILE cannot be read: {fault}") from fault
    return os.environ.get(name, default)


def flag(name: str, *, default: bool) -> bool:
    given = (read(name) or ("yes" if default else "no")).lower()
    if given not in {"yes", "no", "true", "false", "1", "0", "on", "off"}:
        raise Misconfigured(f"{name} is “{given}”; say yes or no.")
    return given in {"yes", "true", "1", "on"}


def number(name: str, *, default: int) -> int:
    given = read(name) or str(default)
    if not given.isascii() or not given.isdigit() or int(given) > 65_535:
        raise Misconfigured(f"{name} is “{given}”; give a whole number.")
    return int(given)


def data_folder() -> Path:
    """Where everything that must survive a restart is kept: the database, the keys, the signed heads."""
    if given := read("CHUZHI_DATA"):
        return Path(given).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/chuzhi")
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "chuzhi"


def kept_secret(folder: Path, name: str, size: int = 32) -> str:
    """A random secret, made at first use and kept in the data folder, readable by its owner only."""
    path = folder / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(size), encoding="ascii")
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()
