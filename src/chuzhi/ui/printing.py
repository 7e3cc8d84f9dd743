"""Pages as PDF files, drawn on this machine with the styles and the fonts that are here."""

from functools import cache
from importlib import import_module
from types import ModuleType

from django.contrib.staticfiles import finders


def is_possible() -> bool:
    return _program() is not None


def pdf(page: str, *, style: str = "ui/css/chuzhi.css") -> bytes:
    """Needs `is_possible`. `style` is one of our stylesheets, by its name among the static files."""
    program = _program()
    if program is None:
        raise RuntimeError("nothing on this machine draws PDF files")
    made: bytes = program.HTML(string=page).write_pdf(stylesheets=[program.CSS(filename=finders.find(style))])
    return made


@cache
def _program() -> ModuleType | None:
    """Loaded only here: it takes seconds, and needs pango on the machine, which only whoever draws has to have."""
    try:
        return import_module("weasyprint")
    except OSError:
        return None
