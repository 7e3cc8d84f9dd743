"""A payment that the payer's bank takes back: booked on its top-up, and ended when the bank has decided."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.wallets import telling
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Kind
from chuzhi.ledger.queries import Entry
from chuzhi.wallets import disputes, moves, queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

DISPUTE = "console/wallets/dispute.html"
ENDS = {"won", "lost"}


@staff_can("wallets.dispute")
@require_http_methods(["GET", "POST"])
def dispute(request: StaffRequest, operation: str) -> HttpResponse:
    """For a top-up: book that its payment is disputed. For a dispute: say how it ended. Sent twice, it happens once."""
    entry = _entry(operation)
    wallet = get_object_or_404(
        queries.visible_to(request.actor).select_related("customer", "programme"), pk=entry.outcome.wallet
    )
    asset, about = moves.programme_of(wallet).asset_code, f"dispute.{operation}"
    key, said = formkeys.kept(request.POST.get("key", ""), about), ""
    is_opened = entry.outcome.kind is Kind.DISPUTE
    if request.method == "POST" and key == request.POST.get("key") and (not is_opened or request.POST.get("end") in ENDS):
        try:
            moved = _act(request, wallet, entry, key)
            messages.success(request, _("Booked: entry %(number)s.") % {"number": moved.id})
            return redirect("console:wallet", wallet.pk)
        except Refused as no:
            said = values.sentence(no, asset)
    context = {
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": moves.programme_of(wallet),
        "asset": asset,
        "held": queries.standing(wallet),
        "line": next(iter(telling.lines([entry], asset))),
        "is_opened": is_opened,
        "said": said,
        "key": key,
    }
    return render(request, DISPUTE, context, status=422 if request.method == "POST" else 200)


def _act(request: StaffRequest, wallet: Wallet, entry: Entry, key: str) -> Moved:
    seq = entry.outcome.seq
    if entry.outcome.kind is Kind.TOP_UP:
        return disputes.begin(wallet=wallet, top_up=seq, key=key, by=request.actor)
    return disputes.end(wallet=wallet, dispute=seq, won=request.POST.get("end") == "won", key=key, by=request.actor)


def _entry(operation: str) -> Entry:
    place = moves.place_of(operation)
    entry = journal.operation(*place) if place else None
    if entry is None or entry.outcome.refusal is not None or entry.outcome.kind not in {Kind.TOP_UP, Kind.DISPUTE}:
        raise Http404
    return entry
