import gettext
from pathlib import Path

import pytest

from chuzhi.config import translations

CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Wallet"
msgstr "钱包"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(CATALOGUE, encoding="utf-8")
    return folder / "django.po"


def test_a_catalogue_is_compiled_once_for_each_change(source: Path, tmp_path: Path) -> None:
    compiled = translations.compile_stale(tmp_path)
    again = translations.compile_stale(tmp_path)

    assert (compiled, again) == ([source.with_suffix(".mo")], [])
    with compiled[0].open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Wallet") == "钱包"
