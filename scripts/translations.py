"""The Chinese catalogue kept level with the code, without GNU gettext.

`update` rewrites it, taking in what the files named after it translate: Python files with a dict `ZH` from English to Chinese
(from the singular to a tuple, where there is a plural; from (context, English), where the English has one). `check` fails on
anything untranslated, fuzzy, malformed or left over.
"""

import argparse
import re
import runpy
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parent.parent / "src" / "chuzhi"
CATALOGUE = SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    "npgettext": ((1, "c"), 2, 3),
}
TEXT = r"u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
CALL_IN_TEMPLATE = re.compile(rf"\b(?:_|n?p?gettext)\(\s*{TEXT}(?:\s*,\s*{TEXT})*(?:\s*,\s*\w+)?\s*\)")
HEADER = "# Simplified Chinese for Chuzhi. Kept level with the code by scripts/translations.py."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("act", choices=["update", "check"])
    parser.add_argument("parts", nargs="*", type=Path)
    given = parser.parse_args()
    settings.configure(USE_I18N=True)
    wanted = in_the_code()
    if given.act == "update":
        write(level(wanted, given.parts))
    found = list(complaints(wanted, kept()))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


def in_the_code() -> Catalog:
    catalogue = Catalog(locale="zh_Hans_CN", header_comment=HEADER, fuzzy=False, charset="utf-8")
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/**/*.*")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = "\n".join(CALL_IN_TEMPLATE.findall(templatize(text)))
        name = path.relative_to(SOURCE.parent).as_posix()
        for _line, message, _comments, context in extract("python", BytesIO(text.encode()), KEYWORDS):
            catalogue.add(message, locations=[(name, 0)], context=context)
    return catalogue


def kept() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(locale="zh_Hans_CN")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


def level(wanted: Catalog, parts: Iterable[Path]) -> Catalog:
    """What the code says, each with the Chinese it has in the parts, or else had before."""
    before = kept()
    chinese = {english: text for part in parts for english, text in runpy.run_path(str(part))["ZH"].items()}
    for message in wanted:
        if message.id:
            singular = message.id[0] if message.pluralizable else message.id
            old = before.get(message.id, message.context)
            own = chinese.get((message.context, singular)) if message.context else chinese.get(singular)
            message.string = own or (old and old.string) or chinese.get(singular) or ""
            if message.pluralizable and isinstance(message.string, str):
                message.string = (message.string,)
    return wanted


def write(catalogue: Catalog) -> None:
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False)


def complaints(wanted: Catalog, have: Catalog) -> Iterable[str]:
    for message in wanted:
        mine = have.get(message.id, message.context)
        where = ", ".join(name for name, _line in message.locations[:2])
        if not message.id:
            continue
        if mine is None or not all(mine.string if isinstance(mine.string, tuple | list) else [mine.string]):
            yield f"not translated: {message.id!r} ({where})"
        elif mine.fuzzy:
            yield f"fuzzy: {message.id!r} ({where})"
        else:
            yield from (f"{fault}: {message.id!r} ({where})" for fault in mine.check(have))
    yield from (f"no longer in the code: {mine.id!r}" for mine in have if mine.id and not wanted.get(mine.id, mine.context))


if __name__ == "__main__":
    sys.exit(main())
