from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.core.errors import Refused
from chuzhi.topups import automatic, mandates, queries
from chuzhi.topups.mandate_texts import TEXTS
from chuzhi.topups.models import Mandate

MANDATES, MANDATE = "console/mandates/list.html", "console/mandates/mandate.html"
PAGE_SIZE = 50
ACTS = {"stop": mandates.stop, "pause": mandates.pause, "resume": mandates.resume}


@staff_can("wallets.view")
@require_safe
def mandates_page(request: StaffRequest) -> HttpResponse:
    stage = request.GET.get("stage", "")
    found = queries.mandates(request.actor)
    if stage in Mandate.Stage.values:
        found = found.filter(stage=stage)
    page = keyset.page(found, ("-id",), request.GET, size=PAGE_SIZE)
    return render(request, MANDATES, {"page": page, "stage": stage, "stages": Mandate.Stage.choices})


@staff_can("wallets.view")
@require_safe
def mandate(request: StaffRequest, number: str) -> HttpResponse:
    found = get_object_or_404(queries.mandates(request.actor), number=number)
    context = {
        "mandate": found,
        "customer": found.wallet.customer,
        "currency": found.account.currency,
        "next": automatic.upcoming(found) if found.stage == Mandate.Stage.ACTIVE else None,
        "text": TEXTS[found.text_version],
        "events": found.events.select_related("order").order_by("-pk")[:200],
        "address": mandates.address_of(found),
    }
    return render(request, MANDATE, context)


@staff_can("till.top_up")
@require_POST
def act(request: StaffRequest, number: str) -> HttpResponse:
    """Stop, pause, or go on, because the customer asked for it."""
    found = get_object_or_404(queries.mandates(request.actor), number=number)
    command = ACTS.get(request.POST.get("act", ""))
    if command is None:
        messages.error(request, _("There is no such thing to do."))
    else:
        try:
            command(mandate=found, by=request.actor)
            messages.success(request, _("Done."))
        except Refused as no:
            messages.error(request, str(no))
    return redirect("console:mandate", number)
