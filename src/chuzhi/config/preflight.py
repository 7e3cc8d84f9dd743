"""What must be true before the product starts. Each answer is one line, and says what to do."""

import contextlib
import errno
import fcntl
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from chuzhi.config import embedded, environment
from chuzhi.config.programs import CannotStart

OLDEST_POSTGRESQL = 15
LEAST_FREE_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Database:
    """Its owner's address, and the server if that is ours to keep alive."""

    url: str
    server: embedded.Server | None = None


@contextlib.contextmanager
def database(data: Path) -> Iterator[Database]:
    """A database that answers and is fit for the product, for as long as the block lasts."""
    check_disk(data)
    if url := environment.read("DATABASE_URL"):
        check_server(url)
        yield Database(url)
        return
    with embedded.running(data) as server:
        check_server(server.url())
        yield Database(server.url(), server)


def check_server(url: str) -> None:
    with connected(url) as there:
        major = there.info.server_version // 10_000
        if major < OLDEST_POSTGRESQL:
            raise CannotStart(f"The database at {_shown(url)} is PostgreSQL {major}; {OLDEST_POSTGRESQL} or newer is needed.")
        if there.info.parameter_status("server_encoding") != "UTF8":
            raise CannotStart(f"The database at {_shown(url)} is not in UTF8; make it with ENCODING 'UTF8'.")


def check_chinese(owner: psycopg.Connection[Any]) -> None:
    """A server made with LC_CTYPE=C drops every Chinese character from its trigrams, and search finds nobody, silently."""
    try:
        with owner.transaction(force_rollback=True):
            owner.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            row = owner.execute("SELECT similarity('王小明会员', '王小明') > 0.3").fetchone()
    except psycopg.Error as fault:
        raise CannotStart(f"The database cannot use pg_trgm: {_first_line(fault)}") from fault
    if row is None or not row[0]:
        raise CannotStart("The database does not see Chinese characters: make it with LC_CTYPE 'C.UTF-8', not 'C'.")


def check_disk(data: Path) -> None:
    nearest = next(folder for folder in (data, *data.parents) if folder.exists())
    if (free := shutil.disk_usage(nearest).free) < LEAST_FREE_BYTES:
        raise CannotStart(
            f"The disk of {data} is full: {free // 2**20} MB are left, {LEAST_FREE_BYTES // 2**20} MB are needed."
        )


def check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            why = "is taken by another program" if fault.errno == errno.EADDRINUSE else f"cannot be used ({fault.strerror})"
            raise CannotStart(f"{host} port {port} {why}; set CHUZHI_PORT or CHUZHI_HOST.") from fault


def free_port(first: int) -> int:
    """The first port of the loopback address from this one on that nobody listens at."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise CannotStart(f"No port from {first} on is free.")


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """One `serve` a data folder. The lock goes with its process, so no crash leaves one behind."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise CannotStart(f"Chuzhi already runs on {data}; stop it first, or set another CHUZHI_DATA.") from fault
        yield


@contextlib.contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        there = psycopg.connect(url, connect_timeout=10, autocommit=True)
    except psycopg.OperationalError as fault:
        raise CannotStart(f"The database at {_shown(url)} does not answer: {_first_line(fault)}") from fault
    with there:
        yield there


def _shown(url: str) -> str:
    """Where, without the password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


def _first_line(fault: Exception) -> str:
    return str(fault).strip().splitlines()[0]
