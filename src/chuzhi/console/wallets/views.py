from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.lists import pages
from chuzhi.console.wallets import moving, opening, telling
from chuzhi.console.wallets.listing import LISTING
from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Standing
from chuzhi.topups.assisted import requests as assisted
from chuzhi.wallets import accounts, cards, merging, moves, queries, reactivating, scopes, withholding
from chuzhi.wallets.giving import links
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance

WALLET = "console/wallets/wallet.html"
PAGE_SIZE = 25


STANDINGS = {
    Standing.FROZEN: (accounts.freeze, gettext_lazy("The wallet is frozen.")),
    Standing.OPEN: (accounts.unfreeze, gettext_lazy("The wallet can be used again.")),
    Standing.CLOSED: (accounts.close, gettext_lazy("The wallet is closed.")),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class ShownForm(forms.Form):
    shown = forms.CharField(
        label=gettext_lazy("Which card was shown"),
        max_length=200,
        help_text=gettext_lazy("Its number, as it stands on the card."),
    )


@staff_can("wallets.view")
@require_safe
def wallets_page(request: StaffRequest) -> HttpResponse:
    return pages.show(request, LISTING)


@staff_can("wallets.view")
@require_safe
def entries(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """The statement, newest first."""
    wallet = opening.found(request, wallet_id)
    before = request.GET.get("before", "")
    seen = queries.entries(wallet, before=int(before) if before.isdecimal() else None, limit=PAGE_SIZE + 1)
    lines = telling.lines(seen[:PAGE_SIZE], moves.programme_of(wallet).asset_code)
    more = f"?{urlencode({'before': lines[-1].seq})}" if len(seen) > PAGE_SIZE else ""
    first = request.path if before.isdecimal() else ""
    return _wallet(request, wallet, {"tab": "entries", "lines": lines, "next": more, "first": first})


@staff_can("wallets.view")
@require_safe
def lots(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """What it holds, addition by addition; spent ones too when asked for."""
    wallet = opening.found(request, wallet_id)
    everything, after = request.GET.get("all") == "yes", request.GET.get("after", "")
    seen = queries.lots(wallet, only_open=not everything, after=int(after) if after.isdecimal() else 0, limit=PAGE_SIZE + 1)
    rows = telling.lots(seen[:PAGE_SIZE])
    kept = {"all": "yes"} if everything else {}
    more = f"?{urlencode(kept | {'after': seen[PAGE_SIZE - 1].id})}" if len(seen) > PAGE_SIZE else ""
    return _wallet(request, wallet, {"tab": "lots", "lots": rows, "next": more, "everything": everything})


@staff_can("wallets.view")
@require_safe
def cards_page(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = opening.found(request, wallet_id)
    return _wallet(request, wallet, {"tab": "cards", "cards": cards.of(wallet), "key": formkeys.new(f"card.{wallet.pk}")})


@staff_can("wallets.open")
@require_POST
def issue(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = opening.found(request, wallet_id)
    card = cards.issue(wallet=wallet, key=formkeys.kept(request.POST.get("key", ""), f"card.{wallet.pk}"), by=request.actor)
    messages.success(request, _("Card %(number)s finds this wallet now.") % {"number": card.number})
    return redirect("console:wallet_cards", wallet_id)


@staff_can("wallets.freeze")
@require_POST
def freeze(request: StaffRequest, wallet_id: int) -> HttpResponse:
    return _stand(request, wallet_id, Standing.FROZEN)


@staff_can("wallets.freeze")
@require_POST
def unfreeze(request: StaffRequest, wallet_id: int) -> HttpResponse:
    return _stand(request, wallet_id, Standing.OPEN)


@staff_can("wallets.freeze")
@require_POST
def close(request: StaffRequest, wallet_id: int) -> HttpResponse:
    return _stand(request, wallet_id, Standing.CLOSED)


@staff_can("wallets.reactivate")
@require_POST
def reactivate(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """All that expired comes back, once a form."""
    wallet, form = opening.found(request, wallet_id), ShownForm(posted(request), auto_id="again_%s")
    asset = moves.programme_of(wallet).asset_code
    if form.is_valid():
        key = formkeys.kept(request.POST.get("key", ""), f"again.{wallet.pk}")
        store = request.store.pk if request.store else None
        try:
            moved = reactivating.reactivate(wallet=wallet, key=key, store=store, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Activated again: entry %(number)s.") % {"number": moved.id})
            return redirect("console:wallet", wallet_id)
        except Refused as no:
            form.add_error("shown", values.sentence(no, asset))
    lines = telling.lines(queries.entries(wallet, limit=PAGE_SIZE), asset)
    return _wallet(request, wallet, {"tab": "entries", "lines": lines, "again": form}, status=422)


def _stand(request: StaffRequest, wallet_id: int, standing: Standing) -> HttpResponse:
    wallet = opening.found(request, wallet_id)
    form = ReasonForm(posted(request), auto_id="closing_%s" if standing is Standing.CLOSED else "id_%s")
    command, done = STANDINGS[standing]
    if form.is_valid():
        key = formkeys.kept(request.POST.get("key", ""), f"stand.{wallet.pk}")
        try:
            command(wallet=wallet, reason=form.cleaned_data["reason"], key=key, by=request.actor)
            messages.success(request, str(done))
            return redirect("console:wallet", wallet_id)
        except Refused as no:
            form.add_error("reason", values.sentence(no, moves.programme_of(wallet).asset_code))
    asset = moves.programme_of(wallet).asset_code
    lines = telling.lines(queries.entries(wallet, limit=PAGE_SIZE), asset)
    said = "closing" if standing is Standing.CLOSED else "form"
    return _wallet(request, wallet, {"tab": "entries", "lines": lines, said: form}, status=422)


def _wallet(request: StaffRequest, wallet: Wallet, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    held, may_freeze = queries.standing(wallet), request.actor.may("wallets.freeze")
    is_empty = held.balance == Balance() and held.standing is not Standing.CLOSED
    common = {
        "wallet": wallet,
        "customer": wallet.customer,
        "joined_to": merging.where_joined(wallet),
        "programme": moves.programme_of(wallet),
        "asset": moves.programme_of(wallet).asset_code,
        "held": held,
        "scope": scopes.of(moves.programme_of(wallet).terms()).said,
        "gives": links.offered(wallet),
        "may_move": request.actor.may("wallets.transfer") and moving.others_of(wallet).exists(),
        "may_hand_out": request.actor.may("wallets.transfer") and wallet.customer is not None,
        "kept": [(each, telling.CAUSES[each.cause]) for each in withholding.kept(wallet)],
        "may_freeze": may_freeze,
        "may_close": may_freeze and (is_empty or "closing" in context),
        "expired": reactivating.left(wallet) if held.standing is not Standing.CLOSED else 0,
        "may_reactivate": request.actor.may(reactivating.REACTIVATE),
        "again": ShownForm(auto_id="again_%s"),
        "again_key": formkeys.new(f"again.{wallet.pk}"),
        "may_open": request.actor.may("wallets.open"),
        "may_correct": request.actor.may("wallets.adjust"),
        "may_ask": request.actor.may("approvals.ask"),
        "may_dispute": request.actor.may("wallets.dispute"),
        "may_charge": request.actor.may("till.charge"),
        "may_order": request.actor.may("till.top_up") and moves.programme_of(wallet).kind == Programme.Kind.MONEY,
        "may_assist": request.actor.may(assisted.ASSIST) and moves.programme_of(wallet).kind == Programme.Kind.MONEY,
        "asked": assisted.under_way(wallet, request.actor),
        "stand_key": formkeys.new(f"stand.{wallet.pk}"),
        "form": ReasonForm(),
        "closing": ReasonForm(auto_id="closing_%s"),
    }
    return render(request, WALLET, common | context, status=status)
