"""Tables of the console as files that people take along."""

from collections.abc import Iterable

from django.http import Http404, HttpResponse

from chuzhi.core.tables import FORMS, Row


def answer(rows: Iterable[Row], name: str, form: str) -> HttpResponse:
    """As `csv` or `xlsx`; nothing else is there."""
    if form not in FORMS:
        raise Http404
    content_type, written = FORMS[form]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return HttpResponse(written(rows, ()), content_type=content_type, headers=headers)
