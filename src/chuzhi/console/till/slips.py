"""Receipts: on the screen with what can be done next, and for the printer."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuzhi.approvals import requests
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.till import acts
from chuzhi.console.wallets import telling
from chuzhi.core import audit
from chuzhi.core.audit import AuditEntry
from chuzhi.desk import queries as desk
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Kind
from chuzhi.till import receipts, walkins
from chuzhi.till.errors import ReceiptUnknown
from chuzhi.till.receipts import Receipt
from chuzhi.topups import agents
from chuzhi.wallets import adjustments, moves, queries
from chuzhi.wallets.models import Wallet

RECEIPT = "console/till/receipt.html"
WALKIN = "console/till/walkin.html"
PAPER = "console/till/paper.html"
PAPERS = ("58", "80", "a4")
PRINTED = "receipt.printed"
CORRECTABLE = frozenset(Kind) - telling.WITHOUT_MOVEMENT - {Kind.STANDING}
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
    if walkins.is_number(operation):
        return render(request, WALKIN, {"receipt": _walkin(request, operation)})
    shown = _receipt(request, operation)
    wallet = Wallet.objects.select_related("customer").get(pk=shown.wallet.pk)
    book, seq = moves.place_of(shown.number) or (0, 0)
    answered, wallet_asset = journal.answering(book, wallet.pk, seq), moves.programme_of(wallet).asset_code
    context = {
        "receipt": shown,
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": moves.programme_of(wallet),
        "held": queries.standing(wallet),
        "asset": shown.currency,
        "done": _("Given back, each part the way it came") if shown.answers and shown.tenders else DONE.get(shown.kind),
        "label": telling.KINDS[shown.kind][0],
        "was_done": was_done,
        "agent": agents.of(book, seq),
        "ticket": desk.behind(wallet, seq, request.actor),
        "answered_by": [line for line in telling.lines(answered, wallet_asset) if line.is_done],
        "may_correct": shown.kind in CORRECTABLE and any(map(request.actor.may, (adjustments.ADJUST, requests.ASK))),
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
    size = request.POST.get("paper", "")
    size = size if size in PAPERS else "80"
    walkin = _walkin(request, operation) if walkins.is_number(operation) else None
    shown = None if walkin else _receipt(request, operation)
    audit.record(PRINTED, f"operation:{operation}", by=request.actor, paper=size)
    if shown is None:
        return render(request, PAPER, {"receipt": walkin, "paper": size})
    context = {
        "receipt": shown,
        "paper": size,
        "label": telling.KINDS[shown.kind][0],
        "asset": shown.currency,
        "programme": moves.programme_of(shown.wallet),
    }
    return render(request, PAPER, context)


def _receipt(request: StaffRequest, operation: str) -> Receipt:
    try:
        return receipts.of(operation=operation, actor=request.actor, is_copy=_was_printed(operation))
    except ReceiptUnknown:
        raise Http404 from None


def _walkin(request: StaffRequest, number: str) -> walkins.Receipt:
    """Of a sale that no wallet paid."""
    try:
        return walkins.of(number=number, actor=request.actor, is_copy=_was_printed(number))
    except ReceiptUnknown:
        raise Http404 from None


def _was_printed(operation: str) -> bool:
    return AuditEntry.objects.filter(subject=f"operation:{operation}"[:80], action=PRINTED).exists()
