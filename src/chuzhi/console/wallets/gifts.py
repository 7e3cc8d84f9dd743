"""A bonus given by hand from a wallet's page: at once, or sent to whoever may approve it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.console import formfields, formkeys, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.values import AmountField
from chuzhi.console.wallets import opening
from chuzhi.core.errors import Refused
from chuzhi.wallets import gifts, moves, queries
from chuzhi.wallets.gifts import Cause
from chuzhi.wallets.models import Wallet

GIFT = "console/wallets/gift.html"


class CauseForm(forms.Form):
    """Why something is given, and where that can be looked up."""

    cause = forms.ChoiceField(label=gettext_lazy("Reason"), choices=Cause.choices, widget=forms.RadioSelect)
    ticket = forms.CharField(
        label=gettext_lazy("Ticket or campaign"), max_length=200, help_text=gettext_lazy("Its number or name.")
    )


class GiftForm(CauseForm):
    amount = AmountField(label=gettext_lazy("Amount of the bonus"), asset="CNY")
    field_order = ("amount", "cause", "ticket")

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "amount", AmountField).asset = asset


@staff_can("approvals.ask")
@require_http_methods(["GET", "POST"])
def gift(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """Given at once by whoever may; by anybody else, or above what they may do alone, sent for approval. Once a form."""
    wallet = opening.found(request, wallet_id)
    asset, key = moves.programme_of(wallet).asset_code, formkeys.kept(request.POST.get("key", ""), f"gift.{wallet_id}")
    form, may_give, is_too_much = GiftForm(posted(request), asset=asset), request.actor.may(gifts.GIVE), False
    if form.is_valid() and key == request.POST.get("key"):
        try:
            if may_give and request.POST.get("act") != "ask":
                moved = gifts.give(wallet=wallet, key=key, by=request.actor, **form.cleaned_data)
                messages.success(request, _("Given: entry %(number)s.") % {"number": moved.id})
                return redirect("console:wallet", wallet_id)
            return _ask(request, wallet, form, key)
        except Refused as no:
            form.add_error("amount", values.sentence(no, asset))
            is_too_much = isinstance(no, SecondPersonNeeded)
    context = opening.told(wallet) | {
        "key": key, "held": queries.standing(wallet), "form": form, "may_give": may_give, "is_too_much": is_too_much,
    }  # fmt: skip
    return render(request, GIFT, context, status=422 if form.is_bound else 200)


def _ask(request: StaffRequest, wallet: Wallet, form: GiftForm, key: str) -> HttpResponse:
    store = request.store.pk if request.store else None
    asked = gifts.ask(wallet=wallet, key=key, store=store, by=request.actor, **form.cleaned_data)
    messages.success(request, _("Sent for approval: %(number)s.") % {"number": asked.number})
    return redirect("console:approval", asked.pk)
