"""Corrections of a balance by hand. A large one is approved on the spot by a second person, who signs with their own password."""

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
from chuzhi.console.session import attempts
from chuzhi.console.session.attempts import TooManyAttempts, WrongCredentials
from chuzhi.console.values import AmountField
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization import staff
from chuzhi.wallets import adjustments, moves, queries
from chuzhi.wallets.errors import SecondPersonNeeded

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

    username = forms.CharField(label=gettext_lazy("Their username"), max_length=150, required=False)
    password = forms.CharField(label=gettext_lazy("Their password"), required=False, strip=False, widget=forms.PasswordInput)

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
    form, needs_second = CorrectionForm(posted(request), asset=asset), bool(request.POST.get("username"))
    key = formkeys.kept(request.POST.get("key", ""), about)
    if form.is_valid() and key == request.POST.get("key"):
        given = form.cleaned_data
        command = adjustments.give if given["way"] == GIVE else adjustments.take
        try:
            moved = command(
                wallet=wallet, amount=given["amount"], reason=given["reason"], evidence=given["evidence"], key=key,
                by=request.actor, approved_by=_second_person(request, given["username"], given["password"]),
            )  # fmt: skip
            messages.success(request, _("Corrected: entry %(number)s.") % {"number": moved.id})
            return redirect("console:wallet", wallet_id)
        except (WrongCredentials, TooManyAttempts) as no:
            form.add_error("username", str(no))
        except Refused as no:
            form.add_error("amount", values.sentence(no, asset))
            needs_second = isinstance(no, SecondPersonNeeded)
    context = {
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": programme,
        "asset": asset,
        "currency": asset if values.is_money(asset) else "",
        "held": queries.standing(wallet),
        "form": form,
        "needs_second": needs_second,
        "key": key,
    }
    return render(request, CORRECTION, context, status=422 if form.is_bound else 200)


def _second_person(request: StaffRequest, username: str, password: str) -> Actor | None:
    """Whoever approves, if somebody does. Raises what a wrong name or password raises at the door."""
    if not username:
        return None
    return staff.actor_of(attempts.check(request, username=username, password=password))
