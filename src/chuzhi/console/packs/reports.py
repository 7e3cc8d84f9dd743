from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuzhi.console import tables
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.confirmation import confirmed
from chuzhi.console.reconciliation.forms import OnForm
from chuzhi.core.packs import reading
from chuzhi.core.packs.errors import Told, Worded
from chuzhi.finance import reports
from chuzhi.organization import confirmations

REPORT = "console/packs/report.html"


@staff_can("reconciliation.view")
@require_safe
def report(request: StaffRequest, pack_id: str) -> HttpResponse:
    """Of the period that a day (`on`) is in; without one, the last that is over."""
    form = OnForm(request.GET if "on" in request.GET else None)
    found = _found(request, pack_id, form.cleaned_data["on"] if form.is_valid() else None)
    context = {
        "report": found,
        "name": str(Worded(found.pack.name)),
        "due": (found.due[0], str(Told(found.due[1]))) if found.due else None,
        "earlier": found.first - timedelta(days=1),
        "later": found.last + timedelta(days=1) if found.is_over else None,
    }
    return render(request, REPORT, context, status=422 if form.is_bound and not form.is_valid() else 200)


@staff_can("reconciliation.view")
@confirmed(confirmations.EXPORT, opening=True)
@require_safe
def export(request: StaffRequest, pack_id: str, form: str) -> HttpResponse:
    given = OnForm(request.GET)
    if not given.is_valid():
        raise Http404
    found = _found(request, pack_id, given.cleaned_data["on"])
    return tables.answer(reports.rows(found), f"{pack_id}-{found.first}", form)


def _found(request: StaffRequest, pack_id: str, on: date | None) -> reports.Report:
    pack = reading.packs().get(pack_id)
    if pack is None:
        raise Http404
    found = reports.of(request.actor, pack, on or reports.last_over(pack, timezone.localdate()))
    if found is None:
        raise Http404
    return found
