"""Corrections of a balance by hand. Who approves a large one is asked of the command, which refuses it alone."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.values import AmountField
from chuzhi.core.errors import Refused
from chuzhi.wallets import adjustments, moves, queries

CORRECTION = "console/wallets/correction.html"
GIVE, TAKE = "give", "take"


class CorrectionForm(forms.Form):
    way = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[(GIVE, gettext_lazy("Add, as a bonus")), (TAKE, gettext_lazy("Take away, bonus first"))],
        widget=forms.RadioSelect,
        initial=GIVE,
    )
    amount = AmountField(label=gettext_lazy("Amount to correct by"), asset="CNY")
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"), max_length=200, help_text=gettext_lazy("Where it can be looked up, such as a receipt.")
    )

    def __init__(self, *args: Any, asset: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["amount"].asset = asset  # type: ignore[attr-defined]  # an AmountField


@staff_can("wallets.adjust")
@require_http_methods(["GET", "POST"])
def correct(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """The key of the form lets a correction happen once, however often it is sent."""
    wallet = get_object_or_404(queries.visible_to(request.actor).select_related("customer", "programme"), pk=wallet_id)
    programme = moves.programme_of(wallet)
    asset, about = programme.asset_code, f"correct.{wallet.pk}"
    form = CorrectionForm(posted(request), asset=asset)
    key = formkeys.kept(request.POST.get("key", ""), about)
    if form.is_valid() and key == request.POST.get("key"):
        given = form.cleaned_data
        command = adjustments.give if given["way"] == GIVE else adjustments.take
        try:
            moved = command(
                wallet=wallet, amount=given["amount"], reason=given["reason"], evidence=given["evidence"], key=key,
                by=request.actor,
            )  # fmt: skip
            messages.success(request, _("Corrected: entry %(number)s.") % {"number": moved.id})
            return redirect("console:wallet", wallet_id)
        except Refused as no:
            form.add_error("amount", values.sentence(no, asset))
    context = {
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": programme,
        "asset": asset,
        "currency": asset if values.is_money(asset) else "",
        "held": queries.standing(wallet),
        "form": form,
        "key": key,
    }
    return render(request, CORRECTION, context, status=422 if form.is_bound else 200)
