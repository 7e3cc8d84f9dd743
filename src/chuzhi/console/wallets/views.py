from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console import formkeys, keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.wallets import telling
from chuzhi.core.errors import Refused
from chuzhi.customers import search
from chuzhi.ledger.chart import Standing
from chuzhi.wallets import accounts, cards, moves, queries
from chuzhi.wallets.models import Card, Programme, Wallet
from chuzhi.wallets.moves import Balance

LIST = "console/wallets/list.html"
WALLET = "console/wallets/wallet.html"
PAGE_SIZE = 25
ORDER = ("-id",)


STANDINGS = {
    Standing.FROZEN: (accounts.freeze, gettext_lazy("The wallet is frozen.")),
    Standing.OPEN: (accounts.unfreeze, gettext_lazy("The wallet can be used again.")),
    Standing.CLOSED: (accounts.close, gettext_lazy("The wallet is closed.")),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@staff_can("wallets.view")
@require_safe
def wallets_page(request: StaffRequest) -> HttpResponse:
    """Newest first, or those of a card or of the customers found by what was typed."""
    find, programme = request.GET.get("find", "").strip(), request.GET.get("programme", "")
    wallets = queries.visible_to(request.actor).select_related("customer", "programme")
    if programme.isdecimal():
        wallets = wallets.filter(programme=int(programme))
    if find:
        by_card = queries.by_card(find, request.actor)
        people = [one.id for one in search.find(find, by=request.actor, limit=PAGE_SIZE)]
        wallets = wallets.filter(pk=by_card.pk) if by_card else wallets.filter(customer__in=people)
    page = keyset.page(wallets, ORDER, request.GET, size=PAGE_SIZE)
    rows = [{"wallet": wallet, "held": queries.standing(wallet), "asset": wallet.programme.asset} for wallet in page.rows]
    programmes = Programme.objects.order_by("pk")
    context = {"rows": rows, "page": page, "find": find, "programme": programme, "programmes": programmes}
    return render(request, LIST, context)


@staff_can("wallets.view")
@require_safe
def entries(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """The statement, newest first."""
    wallet = _visible(request, wallet_id)
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
    wallet = _visible(request, wallet_id)
    everything, after = request.GET.get("all") == "yes", request.GET.get("after", "")
    seen = queries.lots(wallet, only_open=not everything, after=int(after) if after.isdecimal() else 0, limit=PAGE_SIZE + 1)
    rows = telling.lots(seen[:PAGE_SIZE])
    kept = {"all": "yes"} if everything else {}
    more = f"?{urlencode(kept | {'after': seen[PAGE_SIZE - 1].id})}" if len(seen) > PAGE_SIZE else ""
    return _wallet(request, wallet, {"tab": "lots", "lots": rows, "next": more, "everything": everything})


@staff_can("wallets.view")
@require_safe
def cards_page(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = _visible(request, wallet_id)
    return _wallet(request, wallet, {"tab": "cards", "cards": cards.of(wallet), "key": formkeys.new(f"card.{wallet.pk}")})


@staff_can("wallets.open")
@require_POST
def issue(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = _visible(request, wallet_id)
    card = cards.issue(wallet=wallet, key=formkeys.kept(request.POST.get("key", ""), f"card.{wallet.pk}"), by=request.actor)
    messages.success(request, _("Card %(number)s finds this wallet now.") % {"number": card.number})
    return redirect("console:wallet_cards", wallet_id)


@staff_can("wallets.open")
@require_POST
def lost(request: StaffRequest, card_id: int) -> HttpResponse:
    """The card finds nothing any more; found again, it does."""
    card = get_object_or_404(Card.objects.filter(wallet__in=queries.visible_to(request.actor)), pk=card_id)
    try:
        if request.POST.get("found"):
            cards.found_again(card=card, by=request.actor)
        else:
            cards.report_lost(card=card, by=request.actor)
        messages.success(request, _("Saved."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:wallet_cards", card.wallet_id)


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


def _stand(request: StaffRequest, wallet_id: int, standing: Standing) -> HttpResponse:
    wallet = _visible(request, wallet_id)
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


def _visible(request: StaffRequest, wallet_id: int) -> Wallet:
    return get_object_or_404(queries.visible_to(request.actor).select_related("customer", "programme"), pk=wallet_id)


def _wallet(request: StaffRequest, wallet: Wallet, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    held, may_freeze = queries.standing(wallet), request.actor.may("wallets.freeze")
    is_empty = held.balance == Balance() and held.standing is not Standing.CLOSED
    common = {
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": moves.programme_of(wallet),
        "asset": moves.programme_of(wallet).asset_code,
        "held": held,
        "may_freeze": may_freeze,
        "may_close": may_freeze and (is_empty or "closing" in context),
        "may_open": request.actor.may("wallets.open"),
        "may_correct": request.actor.may("wallets.adjust"),
        "may_dispute": request.actor.may("wallets.dispute"),
        "may_charge": request.actor.may("till.charge"),
        "stand_key": formkeys.new(f"stand.{wallet.pk}"),
        "form": ReasonForm(),
        "closing": ReasonForm(auto_id="closing_%s"),
    }
    return render(request, WALLET, common | context, status=status)
