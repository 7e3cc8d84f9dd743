"""Signed heads: where each book stood, written down outside the database.

Whoever can rewrite the whole database can also rewrite its chain; only a copy of an earlier head, kept elsewhere, shows it.
One file a day, one JSON line a fact, each signed with Ed25519 over its own canonical JSON without `signature`.
"""

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from psycopg import Connection

from chuzhi.ledger.findings import Finding

Raw = Connection[tuple[Any, ...]]
Fact = dict[str, Any]

HEADS = """
    SELECT book, last_batch, last_seq, encode(head_hash, 'hex'), (extract(epoch FROM last_time) * 1000000)::bigint
    FROM ledger_book_head WHERE last_batch > 0 ORDER BY book"""
ASSETS = "SELECT coalesce(json_object_agg(id, code ORDER BY id), '{}') FROM ledger_asset"
PERIODS = """
    SELECT id, (extract(epoch FROM closed_until) * 1000000)::bigint, (extract(epoch FROM closed_at) * 1000000)::bigint,
        closed_by,
        (SELECT json_object_agg(book, last_seq ORDER BY book) FROM ledger_period_book WHERE period = id),
        (SELECT encode(sha256(convert_to(coalesce(string_agg(concat(book, '|', account, '|', pot, '|', total, E'\\n'), ''
            ORDER BY book, account, pot), ''), 'UTF8')), 'hex') FROM ledger_snapshot WHERE period = id)
    FROM ledger_period ORDER BY id"""
BATCH = "SELECT last_seq, encode(hash, 'hex') FROM ledger_batch WHERE book = %s AND batch_no = %s"


def folder() -> Path:
    return Path(settings.LEDGER_HEADS_FOLDER)


def newest() -> Path | None:
    """None: nothing was ever exported."""
    return max(folder().glob("heads-*.jsonl"), default=None)


def exported_at() -> datetime | None:
    """When a head was last written down: what moved since has only the database's own word."""
    path = newest()
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path else None


def private_key() -> Ed25519PrivateKey:
    """The signing key, made at first use and readable by its owner only."""
    path = Path(settings.DATA) / "secrets" / "ledger_heads.pem"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.touch(mode=0o600)
        pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        fresh.write_bytes(Ed25519PrivateKey.generate().private_bytes(*pem))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} is not an Ed25519 key")
    return key


def public_key() -> str:
    """What an auditor needs to check the signatures elsewhere: the raw 32 bytes in base64."""
    raw = private_key().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode("ascii")


def export(connection: Raw) -> tuple[Path, int]:
    """Append a line for each book that moved, and for new assets and periods. Answers the file and how many lines are new.

    The day's first export writes everything, so that each file stands alone. The lines are on disk when this returns.
    """
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder() / f"heads-{datetime.now(UTC):%Y-%m-%d}.jsonl"
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        said = {_subject(fact): _unsigned(fact) for fact in map(json.loads, file)}
        fresh = [fact for fact in _facts(connection) if said.get(_subject(fact)) != fact]
        key = private_key()
        for fact in fresh:
            signature = base64.b64encode(key.sign(canonical(fact))).decode("ascii")
            file.write(json.dumps(fact | {"signature": signature}, ensure_ascii=False, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    _keep_name(path)
    return path, len(fresh)


def check(connection: Raw, path: Path, *, key: str | None = None) -> Iterator[Finding]:
    """What the file says that the database does not, as I9. `key` is a public key as printed; our own if none is given."""
    verifier = Ed25519PublicKey.from_public_bytes(base64.b64decode(key or public_key()))
    today: dict[str, Fact] = {_subject(fact): fact for fact in _facts(connection)}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        place = f"{path.name} line {number}"
        try:
            fact = json.loads(line)
            verifier.verify(base64.b64decode(fact["signature"]), canonical(_unsigned(fact)))
        except (ValueError, KeyError, TypeError, InvalidSignature):
            yield Finding("I9", None, place, "a line signed by our key", line[:120])
            continue
        yield from _compare(connection, place, _unsigned(fact), today)


def _compare(connection: Raw, place: str, fact: Fact, today: dict[str, Fact]) -> Iterator[Finding]:
    if fact["is"] == "head":
        row = connection.execute(BATCH, [fact["book"], fact["batch_no"]]).fetchone()
        if row != (fact["last_seq"], fact["hash"]):
            expected = f"batch {fact['batch_no']} up to seq {fact['last_seq']} with hash {fact['hash']}"
            found = f"up to seq {row[0]} with hash {row[1]}" if row else "no such batch"
            yield Finding("I9", fact["book"], f"batch {fact['batch_no']} ({place})", expected, found)
    elif fact["is"] == "assets":
        codes = today["assets"]["codes"]
        for number, code in fact["codes"].items():
            if codes.get(number) != code:
                yield Finding("I9", None, f"asset {number} ({place})", code, str(codes.get(number)))
    elif today.get(_subject(fact)) != fact:
        yield Finding("I9", None, f"period {fact['period']} ({place})", str(fact), str(today.get(_subject(fact))))


def _facts(connection: Raw) -> list[Fact]:
    heads = [
        {"is": "head", "book": book, "batch_no": batch_no, "last_seq": last_seq, "hash": hash_, "time": at}
        for book, batch_no, last_seq, hash_, at in connection.execute(HEADS)
    ]
    assets = {"is": "assets", "codes": connection.execute(ASSETS).fetchall()[0][0]}
    periods = [
        {
            "is": "period",
            "period": number,
            "closed_until": until,
            "closed_at": at,
            "closed_by": by,
            "cuts": cuts,
            "totals": totals,
        }
        for number, until, at, by, cuts, totals in connection.execute(PERIODS)
    ]
    return [assets, *periods, *heads]


def _subject(fact: Fact) -> str:
    match fact["is"]:
        case "head":
            return f"book {fact['book']}"
        case "period":
            return f"period {fact['period']}"
        case _:
            return "assets"


def _unsigned(fact: Fact) -> Fact:
    return {name: value for name, value in fact.items() if name != "signature"}


def canonical(fact: Fact) -> bytes:
    """The bytes that are signed: JSON with sorted names, no spaces, UTF-8."""
    return json.dumps(fact, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _keep_name(path: Path) -> None:
    """The folder too must be on disk, or a new file could vanish with the power."""
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
