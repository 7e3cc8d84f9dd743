import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from chuzhi.core import documents

PNG = b"\x89PNG\r\n\x1a\n and pixels"


def test_a_file_is_sealed_on_disk_and_read_back() -> None:
    kept = documents.keep('C:\\scans\\card "front".png', PNG)

    assert (kept.name, kept.media_type, kept.size) == ("card front.png", "image/png", len(PNG))
    on_disk = Path(settings.DATA) / "documents" / f"{kept.hash}.sealed"
    assert PNG not in on_disk.read_bytes()
    assert documents.read(kept.hash) == PNG


def test_two_hand_in_the_same_file_at_the_same_moment() -> None:
    at_once = threading.Barrier(8)

    def keep(content: bytes) -> str:
        at_once.wait()
        return documents.keep("proof.png", content).hash

    with ThreadPoolExecutor(8) as several:
        for turn in range(20):
            content = PNG + bytes([turn]) * 100_000
            [number] = set(several.map(keep, [content] * 8))
            assert documents.read(number) == content
    assert not list((Path(settings.DATA) / "documents").glob("*.new"))


@pytest.mark.parametrize("number", ["", "0" * 64, "../secrets/vault/encryption/1"])
def test_what_was_never_kept_is_not_found(number: str) -> None:
    assert documents.read(number) is None


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"MZ", b"GIF89a"])
def test_a_file_is_known_by_its_content_not_by_its_name(content: bytes) -> None:
    with pytest.raises(documents.DocumentUnusable):
        documents.keep("proof.pdf", content)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(documents.DocumentTooLarge):
        documents.keep("proof.png", PNG + bytes(documents.MOST_BYTES))


def test_a_file_that_was_handed_in_waits_for_a_day() -> None:
    taken, forgotten = documents.hand_in("front.png", PNG + b"1"), documents.hand_in("back.png", PNG + b"2")
    assert documents.handed_in(taken.hash) == ("front.png", PNG + b"1")
    assert documents.read(taken.hash) is None
    yesterday = time.time() - documents.WAITS_FOR.total_seconds() - 1
    os.utime(Path(settings.DATA) / "documents" / f"{forgotten.hash}.waiting", (yesterday, yesterday))

    assert documents.forget_waiting() == 1

    assert documents.handed_in(taken.hash)
    for number in (forgotten.hash, "../secrets"):
        with pytest.raises(documents.DocumentUnknown):
            documents.handed_in(number)
