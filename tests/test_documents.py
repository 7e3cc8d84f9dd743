"""The documents say what is: links lead somewhere, and tests that are named exist."""

import re
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])


def texts() -> Iterator[tuple[Path, str]]:
    for document in DOCUMENTS:
        yield document, re.sub(r"<!--.*?-->", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_every_link_leads_to_a_file() -> None:
    broken = [
        f"{document.relative_to(CHECKOUT)}: {link}"
        for document, text in texts()
        for link in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text)
        if not (document.parent / link).exists()
    ]

    assert broken == []


def test_every_test_that_is_named_exists() -> None:
    missing = [
        f"{document.relative_to(CHECKOUT)}: {file}::{name}"
        for document, text in texts()
        for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
        if not (CHECKOUT / file).is_file() or f"def {name}" not in (CHECKOUT / file).read_text(encoding="utf-8")
    ]

    assert missing == []


def test_no_path_of_a_machine_is_in_a_document() -> None:
    ours = re.compile(r"(?<![\w.])/(work|root)/")

    assert [document for document, text in texts() if ours.search(text)] == []
