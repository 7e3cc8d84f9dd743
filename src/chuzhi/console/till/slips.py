"""Receipts: on the screen with what can be done next, and for the printer."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.till import acts
from chuzhi.console.wallets import telling
from chuzhi.core import audit
from chuzhi.core.audit import AuditEntry
from chuzhi.ledger.chart import Kind
from chuzhi.till import receipts
from chuzhi.till.errors import ReceiptUnknown
from chuzhi.till.receipts import Receipt
from chuzhi.wallets import moves, queries
from chuzhi.wallets.models import Wallet

RECEIPT = "console/till/receipt.html"
PAPER = "console/till/paper.html"
PAPERS = ("58", "80", "a4")
PRINTED = "receipt.printed"
DONE = {
    Kind.CHARGE: acts.CHARGE.done,
    Kind.TOP_UP: acts.TOP_UP.done,
    Kind.HOLD: acts.HOLD.done,
    Kind.CAPTURE: acts.CAPTURE.done,
    Kind.RELEASE: acts.RELEASE.done,
    Kind.REFUND: acts.REFUND.done,
    Kind.TOP_UP_REFUND: acts.PAY_BACK.done,
}


@staff_can("wallets.view")
@require_safe
def receipt(request: StaffRequest, operation: str) -> HttpResponse:
    return show(request, operation, was_done=request.GET.get("was") == "done")


def show(request: StaffRequest, operation: str, *, was_done: bool = False) -> HttpResponse:
    """The receipt's page; to htmx only its part, in place of the confirmation, so that “back” leads before it."""
    shown = _receipt(request, operation)
    wallet = Wallet.objects.select_related("customer").get(pk=shown.wallet.pk)
    context = {
        "receipt": shown,
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": moves.programme_of(wallet),
        "held": queries.standing(wallet),
        "asset": shown.currency,
        "done": DONE.get(shown.kind),
        "label": telling.KINDS[shown.kind][0],
        "was_done": was_done,
    }
    if request.headers.get("HX-Request") != "true":
        return render(request, RECEIPT, context)
    part = render(request, f"{RECEIPT}#receipt", context)
    part["HX-Replace-Url"] = reverse("console:till_receipt", args=[operation])
    return part


@staff_can("wallets.view")
@require_POST
def paper(request: StaffRequest, operation: str) -> HttpResponse:
    """For the printer. The first time it is the receipt; every other time it is marked as a reprint, and each is kept."""
    size = request.POST.get("paper", "80")
    shown = _receipt(request, operation)
    audit.record(PRINTED, f"operation:{operation}", by=request.actor, paper=size if size in PAPERS else "80")
    context = {
        "receipt": shown,
        "paper": size if size in PAPERS else "80",
        "label": telling.KINDS[shown.kind][0],
        "asset": shown.currency,
        "programme": moves.programme_of(shown.wallet),
    }
    return render(request, PAPER, context)


def _receipt(request: StaffRequest, operation: str) -> Receipt:
    was_printed = AuditEntry.objects.filter(subject=f"operation:{operation}"[:80], action=PRINTED).exists()
    try:
        return receipts.of(operation=operation, actor=request.actor, is_copy=was_printed)
    except ReceiptUnknown:
        raise Http404 from None
