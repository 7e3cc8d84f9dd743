"""Value moves from one wallet of a customer to another of the same customer, from its page: once a form."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chuzhi.console import formfields, formkeys, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.values import AmountField
from chuzhi.console.wallets import opening
from chuzhi.core.errors import Refused
from chuzhi.wallets import moves, queries, transfers
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.transfers import SEND

MOVE = "console/wallets/move.html"


class NamedWallet(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Wallet) -> str:
        return f"{obj.programme.name} · {obj.pk}"


class MoveForm(forms.Form):
    to = NamedWallet(label=gettext_lazy("Into which wallet"), queryset=Wallet.objects.none(), widget=forms.RadioSelect)
    amount = AmountField(label=gettext_lazy("Amount"), asset="CNY")
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(self, *args: Any, asset: str, others: QuerySet[Wallet], **more: Any) -> None:
        super().__init__(*args, **more)
        formfields.named(self, "amount", AmountField).asset = asset
        target = formfields.named(self, "to", NamedWallet)
        target.queryset, target.empty_label = others, None


def others_of(wallet: Wallet) -> QuerySet[Wallet]:
    """The same customer's other wallets that hold the same: a bearer's card has none."""
    if wallet.customer_id is None:
        return Wallet.objects.none()
    own = Wallet.objects.filter(customer=wallet.customer_id, programme__asset=wallet.programme.asset, is_joined=False)
    return own.exclude(pk=wallet.pk).select_related("programme").order_by("pk")


@staff_can(SEND)
@require_http_methods(["GET", "POST"])
def move(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """What the other wallet will not take comes back at once, and the page says why."""
    wallet = opening.found(request, wallet_id)
    asset, key = moves.programme_of(wallet).asset_code, formkeys.kept(request.POST.get("key", ""), f"move.{wallet_id}")
    form = MoveForm(posted(request), asset=asset, others=others_of(wallet))
    if form.is_valid() and key == request.POST.get("key"):
        try:
            sent = transfers.send(wallet=wallet, key=key, by=request.actor, **form.cleaned_data)
            if sent.refusal is not None:
                raise sent.refusal
            messages.success(request, _("Moved: entry %(number)s.") % {"number": sent.left.id})
            return redirect("console:wallet", wallet_id)
        except Refused as no:
            form.add_error("amount", values.sentence(no, asset))
            key = formkeys.new(f"move.{wallet_id}")
    context = opening.told(wallet) | {"key": key, "held": queries.standing(wallet), "form": form}
    return render(request, MOVE, context, status=422 if form.is_bound else 200)
