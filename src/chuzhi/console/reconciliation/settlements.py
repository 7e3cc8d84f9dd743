from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.reconciliation.forms import SettlementForm
from chuzhi.core.errors import Refused
from chuzhi.finance import queries, settlements, terminals

LIST, ADD = "console/reconciliation/settlements.html", "console/reconciliation/settlement_add.html"
PAGE_SIZE = 50


@staff_can("reconciliation.view")
@require_safe
def settlements_page(request: StaffRequest) -> HttpResponse:
    """Files of acquirers, newest first."""
    context = {
        "page": keyset.page(queries.settlement_files(request.actor), ["-id"], request.GET, size=PAGE_SIZE),
        "is_ready": terminals.accounts().exists(),
        "may_close": request.actor.may("reconciliation.close"),
        "open_cases": queries.cases(request.actor).filter(closed_at=None).count(),
    }
    return render(request, LIST, context)


@staff_can("reconciliation.close")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = SettlementForm(posted(request), request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept, is_new = settlements.take_in(
                account=form.cleaned_data["account"],
                content=file.read(settlements.MOST_BYTES + 1),
                file_name=file.name,
                by=request.actor,
            )
            if is_new:
                said = ngettext("%(lines)s new line was compared.", "%(lines)s new lines were compared.", kept.lines_new)
                messages.success(request, said % {"lines": kept.lines_new})
            else:
                messages.info(request, _("This file has been taken in before. Nothing was counted again."))
            return redirect("console:reconciliation_settlements")
        except Refused as no:
            form.add_error("file", str(no))
    context = {"form": form, "is_ready": terminals.accounts().exists()}
    return render(request, ADD, context, status=422 if form.is_bound else 200)
