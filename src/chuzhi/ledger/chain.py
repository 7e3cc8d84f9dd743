"""The hash chain: each batch of a book seals its rows and the batch before it.

Format 1: every operation is one line of its columns in table order, joined by `|`; a batch's hash is SHA-256 of the previous
hash (32 bytes), the line `book|batch_no|first_seq|last_seq|time` and the operations' lines, each ended by a line feed.
Arrays are written as PostgreSQL shows them (`{1,2}`), times as whole microseconds since 1970 UTC, key hashes and fingerprints
as 32 hex digits, NULL as nothing. The free texts, `details` (after its length in characters) and `outcome`, come last and are
JSON, which has no raw line feeds. `proof` derives the same from rows alone.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

FORMAT = 1
START = b"\x00" * 32
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def seal(previous: bytes, header: str, lines: Iterable[str]) -> bytes:
    digest = hashlib.sha256(previous)
    digest.update(f"{header}\n".encode())
    digest.update("".join(f"{line}\n" for line in lines).encode())
    return digest.digest()
