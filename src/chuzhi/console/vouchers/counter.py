"""At the till: a card is scanned, paid and alive at once; a card is redeemed into a wallet."""

import secrets

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, at_till, posted, staff_can
from chuzhi.console.till.forms import TenderForm
from chuzhi.console.vouchers.forms import BuyerForm, RedeemForm
from chuzhi.core.errors import Refused
from chuzhi.limits.rules import Channel
from chuzhi.wallets import queries
from chuzhi.wallets.vouchers import activating, lawful, purchases, redeeming, selling
from chuzhi.wallets.vouchers.errors import TooManyTries, VoucherUnknown
from chuzhi.wallets.vouchers.models import Voucher, VoucherPurchase
from chuzhi.wallets.vouchers.purchases import Buyer

SELL = "console/vouchers/sell.html"
REDEEM = "console/vouchers/redeem.html"
PURCHASE = "voucher_purchase"


@staff_can("vouchers.sell")
@at_till
@require_http_methods(["GET", "POST"])
def sell(request: StaffRequest) -> HttpResponse:
    """Scan (GET, may be reloaded), then take the money (POST). The key of the form sells a card once."""
    typed, voucher, said = request.GET.get("find", "").strip(), None, ""
    try:
        voucher = selling.find(typed) if typed else None
    except VoucherUnknown as no:
        said = str(no)
    mark, purchase = _purchase(request)
    must_tell = voucher is not None and lawful.must_be_identified(_sale(request, voucher, purchase))
    form, buyer = TenderForm(posted(request)), BuyerForm(posted(request) if must_tell else None)
    key = formkeys.kept(request.POST.get("key", ""), f"voucher.{voucher.pk}.0") if voucher else ""
    is_right = form.is_valid() and (not must_tell or buyer.is_valid())
    if voucher and request.store and is_right and key == request.POST.get("key"):
        till = request.till.pk if request.till else None
        try:
            moved = selling.sell(
                voucher=voucher, method=form.cleaned_data["method"], slip=form.cleaned_data["paper"], store=request.store.pk,
                till=till, key=key, purchase=mark, buyer=Buyer(**buyer.cleaned_data) if must_tell else None, by=request.actor,
            )  # fmt: skip
            messages.success(request, _("Card %(name)s is alive.") % {"name": activating.name_of(voucher)})
            return redirect("console:till_receipt", moved.id)
        except Refused as no:
            said = values.sentence(no, voucher.batch.programme.asset)
    is_here = voucher is not None and request.store is not None and voucher.store_id == request.store.pk
    context = {
        "typed": typed,
        "said": said,
        "card": voucher,
        "name": activating.name_of(voucher) if voucher else "",
        "asset": voucher.batch.programme.asset if voucher else "",
        "may_be_sold": is_here and voucher is not None and voucher.status == "sent",
        "form": form if form.is_bound else TenderForm(),
        "buyer": buyer if must_tell else None,
        "taken": _taken(purchase),
        "key": key,
    }
    return render(request, SELL, context, status=422 if request.method == "POST" else 200)


@staff_can("vouchers.sell")
@require_POST
def next_buyer(request: StaffRequest) -> HttpResponse:
    """Somebody else buys: their cards are counted from the first one on."""
    request.session.pop(PURCHASE, None)
    return redirect("console:voucher_sell")


def _purchase(request: StaffRequest) -> tuple[str, VoucherPurchase | None]:
    """What is sold here without another buyer being called is one purchase, for a while: its mark, and what it holds so far."""
    mark = request.session.get(PURCHASE, "")
    found = purchases.of(mark=mark, store=request.store.pk, by=request.actor) if mark and request.store else None
    if found is None:
        mark = request.session[PURCHASE] = secrets.token_urlsafe(12)
    return mark, found


def _sale(request: StaffRequest, voucher: Voucher, purchase: VoucherPurchase | None) -> lawful.Sale:
    store = request.store.pk if request.store else None
    return lawful.sale_of(voucher, store=store, channel=Channel.COUNTER, purchase=purchase)


def _taken(purchase: VoucherPurchase | None) -> dict[str, object] | None:
    """What this buyer has taken so far, for the cashier to see."""
    cards = list(purchase.cards.select_related("batch__programme")) if purchase else []
    if not cards or purchase is None:
        return None
    asset = cards[-1].batch.programme.asset
    return {"count": len(cards), "paid": values.text(purchases.paid(purchase, asset), asset), "name": purchase.name or ""}


@staff_can("vouchers.redeem")
@at_till
@require_http_methods(["GET", "POST"])
def redeem(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """The value of a card into this wallet. One answer for every card that cannot be redeemed."""
    wallet = get_object_or_404(queries.visible_to(request.actor).select_related("customer", "programme"), pk=wallet_id)
    form, status = RedeemForm(posted(request)), 200
    key = formkeys.kept(request.POST.get("key", ""), f"redeem.{wallet.pk}.0")
    if request.method == "POST":
        status = 422
    if form.is_valid() and key == request.POST.get("key"):
        try:
            done = redeeming.redeem(
                wallet=wallet, number=form.cleaned_data["number"], secret=form.cleaned_data["secret"], key=key,
                source=get_adapter(request).get_client_ip(request), store=request.store.pk if request.store else None,
                by=request.actor,
            )  # fmt: skip
            messages.success(
                request, _("%(value)s are in the wallet.") % {"value": values.text(done.value, wallet.programme.asset)}
            )
            return redirect("console:till_receipt", done.arrived.id)
        except Refused as no:
            form.add_error("secret", values.sentence(no, wallet.programme.asset))
            status = 429 if isinstance(no, TooManyTries) else 422
    context = {"wallet": wallet, "customer": wallet.customer, "programme": wallet.programme, "form": form, "key": key}
    return render(request, REDEEM, context, status=status)
