"""Gifts by link from a wallet's page: made for its holder, shown as link and code to be sent on, withdrawn."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import formfields, formkeys, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.values import AmountField
from chuzhi.console.wallets import opening
from chuzhi.core.errors import Refused
from chuzhi.ui import drawing
from chuzhi.wallets import moves, queries
from chuzhi.wallets.giving import links
from chuzhi.wallets.giving.models import GiftLink
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.transfers import SEND

LIST, NEW, GIFT = "console/wallets/gift_links.html", "console/wallets/gift_link_new.html", "console/wallets/gift_link.html"
FIELD_OF = {"gift_link.sender_missing": "sender", "gift_link.days": "days"}
MOST_SHOWN = 100


class GiftLinkForm(forms.Form):
    amount = AmountField(label=gettext_lazy("Amount"), asset="CNY")
    sender = forms.CharField(
        label=pgettext_lazy("gift", "From"), max_length=40, help_text=gettext_lazy("Whoever opens the link reads this name.")
    )
    words = forms.CharField(
        label=gettext_lazy("A few words"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    days = forms.IntegerField(
        label=gettext_lazy("Can be taken for"), min_value=1, max_value=links.MOST_DAYS, initial=links.USUAL_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "amount", AmountField).asset = asset


@staff_can("wallets.view")
@require_safe
def gift_links_page(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = opening.found(request, wallet_id)
    return render(request, LIST, _context(request, wallet) | {"rows": links.of_wallet(wallet, request.actor)[:MOST_SHOWN]})


@staff_can(SEND)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """Made once, however often it is sent."""
    wallet = opening.found(request, wallet_id)
    asset, key = moves.programme_of(wallet).asset_code, formkeys.kept(request.POST.get("key", ""), f"gift_link.{wallet_id}")
    initial = {"sender": wallet.customer.name if wallet.customer else ""}
    form = GiftLinkForm(posted(request), asset=asset, initial=initial)
    if form.is_valid() and key == request.POST.get("key"):
        try:
            made = links.make(wallet=wallet, key=key, by=request.actor, **form.cleaned_data)
            return redirect("console:wallet_gift_link", made.pk)
        except Refused as no:
            form.add_error(FIELD_OF.get(no.code, "amount"), values.sentence(no, asset))
    context = _context(request, wallet) | {"form": form, "key": key, "held": queries.standing(wallet)}
    return render(request, NEW, context, status=422 if form.is_bound else 200)


@staff_can("wallets.view")
@never_cache
@require_safe
def gift_link(request: StaffRequest, gift_id: int) -> HttpResponse:
    """Only who may give sees the address: having it is having the gift."""
    found = get_object_or_404(links.visible_to(request.actor), pk=gift_id)
    book, taker = found.wallet.book, queries.visible_to(request.actor).filter(gifts_taken=found).first()
    context = _context(request, found.wallet) | {
        "gift": found, "hold": f"{book}-{found.hold}", "left": f"{book}-{found.taken_seq}" if found.taken_seq else "",
        "taker": taker,
    }  # fmt: skip
    if context["may_give"] and found.state == GiftLink.State.OPEN:
        address = links.address_of(found)
        context |= {"address": address, "code": drawing.qr(address)}
    return render(request, GIFT, context)


@staff_can(SEND)
@require_POST
def withdraw(request: StaffRequest, gift_id: int) -> HttpResponse:
    found = get_object_or_404(links.visible_to(request.actor), pk=gift_id)
    try:
        links.withdraw(gift=found, by=request.actor)
        messages.success(request, _("Withdrawn: the holder can spend it again."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:wallet_gift_link", gift_id)


def _context(request: StaffRequest, wallet: Wallet) -> dict[str, Any]:
    most = moves.programme_of(wallet).terms().most_per_gift
    return opening.told(wallet) | {"most": most, "may_give": request.actor.may(SEND)}
