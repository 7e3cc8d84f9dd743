from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuzhi.console import tables
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.audit import telling
from chuzhi.console.audit.forms import SearchForm
from chuzhi.console.confirmation import confirmed
from chuzhi.core import audit
from chuzhi.ledger import trail
from chuzhi.ledger.trail import Edge
from chuzhi.organization import confirmations

PAGE = "console/audit/list.html"
PAGE_SIZE = 100
MOST_EXPORTED = 100_000


@staff_can("audit.view")
@require_safe
def audit_page(request: StaffRequest) -> HttpResponse:
    """Newest first; `after` is the last line of the page before."""
    form = _asked(request)
    if not form.is_valid():
        return render(request, PAGE, {"form": form}, status=422)
    found = trail.read(form.search(), PAGE_SIZE + 1, Edge.read(request.GET.get("after", "")))
    lines, is_more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    asked = {name: value for name, value in request.GET.items() if name != "after" and value}
    context = {
        "form": form,
        "lines": telling.of(lines),
        "query": urlencode(asked),
        "first": f"?{urlencode(asked)}" if "after" in request.GET else "",
        "next": f"?{urlencode(asked | {'after': Edge.of(lines[-1])})}" if is_more else "",
    }
    return render(request, PAGE, context)


@staff_can("audit.view")
@confirmed(confirmations.EXPORT, opening=True)
@require_safe
def export(request: StaffRequest, form: str) -> HttpResponse:
    """All that the page finds, as a file. Who took it along is a line of the log, too."""
    asked = _asked(request)
    if asked.is_valid() and trail.has_more_than(asked.search(), MOST_EXPORTED):
        asked.add_error("since", _("More than %(most)s lines: choose fewer days.") % {"most": f"{MOST_EXPORTED:,}"})
    if not asked.is_valid():
        return render(request, PAGE, {"form": asked}, status=422)
    answer = tables.answer(telling.as_table(asked.search()), f"audit-{asked.days}", form)
    audit.record("audit.exported", "audit:log", by=request.actor, form=form, days=asked.days, **asked.words)
    return answer


def _asked(request: StaffRequest) -> SearchForm:
    """Lines do not say whose store they are of: who works in some stores only cannot read them."""
    if request.actor.stores is not None:
        raise PermissionDenied
    return SearchForm(request.GET)
