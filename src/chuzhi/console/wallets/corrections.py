"""Corrections of a balance by hand: made alone, signed on the spot by a second person, or sent to whoever may approve them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chuzhi.approvals import requests
from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.console import confirmation, formfields, formkeys, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.session import attempts
from chuzhi.console.session.attempts import OnlyByPasskey, TooManyAttempts, WrongCode, WrongCredentials
from chuzhi.console.values import AmountField
from chuzhi.console.wallets import opening, telling
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries as journal
from chuzhi.organization import staff
from chuzhi.organization.confirmations import CORRECTION as CORRECTION_ACT
from chuzhi.ui.templatetags import ui
from chuzhi.wallets import adjustments, moves, queries
from chuzhi.wallets.adjustments import GIVE, TAKE
from chuzhi.wallets.models import Wallet

CORRECTION = "console/wallets/correction.html"
OFFERED = 50


class CorrectionForm(forms.Form):
    way = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[(GIVE, gettext_lazy("Add, as a bonus")), (TAKE, gettext_lazy("Take away, bonus first"))],
        widget=forms.RadioSelect,
        initial=GIVE,
    )
    amount = AmountField(label=gettext_lazy("Amount to correct by"), asset="CNY")
    corrects = forms.ChoiceField(
        label=gettext_lazy("The entry that it puts right"), required=False, help_text=gettext_lazy("Both show each other then.")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"), max_length=200, help_text=gettext_lazy("Where it can be looked up, such as a receipt.")
    )
    username = forms.CharField(label=gettext_lazy("Their username"), max_length=150, required=False)
    password = forms.CharField(label=gettext_lazy("Their password"), required=False, strip=False, widget=forms.PasswordInput)
    password_code = forms.CharField(  # so called, because what is named after a password is never written back into a page
        label=gettext_lazy("Code of their app"), max_length=20, required=False,
        help_text=gettext_lazy("If they sign in with an authenticator app."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args: Any, wallet: Wallet, asked: str = "", **more: Any) -> None:
        asset = moves.programme_of(wallet).asset_code
        super().__init__(*args, **more)
        self.fields["corrects"].initial = asked
        formfields.named(self, "amount", AmountField).asset = asset
        wanted = self.data.get("corrects", asked)
        formfields.named(self, "corrects", forms.ChoiceField).choices = [
            ("", _("No single entry")), *_entries(wallet, asset, wanted)
        ]  # fmt: skip

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if self.cleaned_data.get("username") and not password:
            raise forms.ValidationError(self.fields["password"].error_messages["required"], code="required")
        return str(password)


def _entries(wallet: Wallet, asset: str, wanted: str) -> Iterator[tuple[str, str]]:
    """The latest of the wallet, and the one that was asked for, however old it is."""
    found = queries.entries(wallet, limit=OFFERED)
    if wanted and wanted not in {moves.operation_id(each.outcome.book, each.outcome.seq) for each in found}:
        known = journal.operation(*(moves.place_of(wanted) or (wallet.book, 0)))
        found += [known] if known and known.outcome.wallet == wallet.pk else []
    for line in telling.lines(found, asset):
        if line.is_done and line.moves_value:
            yield line.id, f"{line.id} · {line.label} {values.signed(line.change, line.asset)} · {ui.when(line.at)}"


@staff_can("wallets.adjust")
@require_http_methods(["GET", "POST"])
def correct(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """The key of the form lets a correction happen once, however often it is sent."""
    wallet = opening.found(request, wallet_id)
    asset, about = moves.programme_of(wallet).asset_code, f"correct.{wallet.pk}"
    form, needs_second = _form(request, wallet), bool(request.POST.get("username"))
    key = formkeys.kept(request.POST.get("key", ""), about)
    if form.is_valid() and key == request.POST.get("key"):
        given = form.cleaned_data
        if page := confirmation.asked(request, CORRECTION_ACT, given["amount"]):
            return page
        command = adjustments.give if given["way"] == GIVE else adjustments.take
        try:
            moved = command(
                wallet=wallet, amount=given["amount"], reason=given["reason"], evidence=given["evidence"], key=key,
                corrects=given["corrects"], by=request.actor, approved_by=_second_person(request, given),
            )  # fmt: skip
            messages.success(request, _("Corrected: entry %(number)s.") % {"number": moved.id})
            return redirect("console:wallet", wallet_id)
        except (WrongCredentials, TooManyAttempts, OnlyByPasskey) as no:
            form.add_error("username", str(no))
        except WrongCode as no:
            form.add_error("password_code", str(no))
        except Refused as no:
            form.add_error("amount", values.sentence(no, asset))
            needs_second = needs_second or isinstance(no, SecondPersonNeeded)
    return _page(request, wallet, form, key, may_correct=True, needs_second=needs_second)


@staff_can("approvals.ask")
@require_http_methods(["GET", "POST"])
def ask(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """The same form, sent to whoever may approve it. Nothing moves before they do."""
    wallet = opening.found(request, wallet_id)
    asset, about = moves.programme_of(wallet).asset_code, f"correct.{wallet.pk}"
    form, key = _form(request, wallet), formkeys.kept(request.POST.get("key", ""), about)
    if form.is_valid() and key == request.POST.get("key"):
        given = form.cleaned_data
        try:
            asked = adjustments.ask(
                wallet=wallet, way=given["way"], amount=given["amount"], reason=given["reason"], evidence=given["evidence"],
                corrects=given["corrects"], store=request.store.pk if request.store else None, key=key, by=request.actor,
            )  # fmt: skip
            messages.success(request, _("Sent for approval: %(number)s.") % {"number": asked.number})
            return redirect("console:approval", asked.pk)
        except Refused as no:
            form.add_error("amount", values.sentence(no, asset))
    return _page(request, wallet, form, key, may_correct=request.actor.may(adjustments.ADJUST), needs_second=False)


def _form(request: StaffRequest, wallet: Wallet) -> CorrectionForm:
    return CorrectionForm(posted(request), wallet=wallet, asked=request.GET.get("entry", "")[:40])


def _page(
    request: StaffRequest, wallet: Wallet, form: CorrectionForm, key: str, *, may_correct: bool, needs_second: bool
) -> HttpResponse:
    context = opening.told(wallet) | {
        "held": queries.standing(wallet),
        "form": form,
        "may_correct": may_correct,
        "may_ask": request.actor.may(requests.ASK),
        "needs_second": needs_second,
        "key": key,
    }
    return render(request, CORRECTION, context, status=422 if form.is_bound else 200)


def _second_person(request: StaffRequest, given: Mapping[str, Any]) -> Actor | None:
    """Whoever approves, if somebody does. Raises what a wrong name, password or code raises at the door."""
    if not given["username"]:
        return None
    signer = attempts.sign(request, username=given["username"], password=given["password"], code=given["password_code"])
    return staff.actor_of(signer)
