"""The documents say what is: links lead somewhere, and tests that are named exist."""

import re
from collections import Counter
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
        f"{document.relative_to(CHECKOUT)}: {file}{names}"
        for document, text in texts()
        for file, names in re.findall(r"`(tests/[\w/]+\.py)((?:::\w+)*)`", text)
        if not (CHECKOUT / file).is_file() or not _defines(CHECKOUT / file, names.split("::")[1:])
    ]

    assert missing == []


def _defines(file: Path, names: list[str]) -> bool:
    said = file.read_text(encoding="utf-8")
    return all(re.search(rf"^ *(def|class) {name}\b", said, re.MULTILINE) for name in names)


def test_each_requirement_is_covered_in_one_row() -> None:
    """A row may speak of several: `B07, B08`. What works is not also begun."""
    coverage = (CHECKOUT / "docs/coverage.md").read_text(encoding="utf-8")
    named = Counter(
        name for cell in re.findall(r"^\| ([A-Z]\d+(?:, [A-Z]\d+)*) \|", coverage, re.MULTILINE) for name in cell.split(", ")
    )

    assert named
    assert [name for name, times in named.items() if times > 1] == []


def test_no_path_of_a_machine_is_in_a_document() -> None:
    ours = re.compile(r"(?<![\w.])/(work|root)/")

    assert [document for document, text in texts() if ours.search(text)] == []
