"""One card: reported lost, found again, replaced; and all that was said of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chuzhi.approvals import people
from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.values import AmountField
from chuzhi.core.errors import Refused
from chuzhi.desk import queries as desk
from chuzhi.wallets import cards, losses, queries
from chuzhi.wallets.losses import Said
from chuzhi.wallets.models import Card, CardReport, Programme
from chuzhi.wallets.spending import CHARGE

CARD = "console/wallets/card.html"
LOST, FOUND, REPLACE = "lost", "found", "replace"
DONE: dict[str, Promise] = {
    LOST: gettext_lazy("Blocked: this number finds nothing any more."),
    FOUND: gettext_lazy("The card can be used again."),
    REPLACE: gettext_lazy("Replaced. The old number has ended."),
}


class ReportForm(forms.Form):
    """Who says so, by which way, and how we know them."""

    channel = forms.ChoiceField(
        label=gettext_lazy("How it was reported"), choices=CardReport.Channel.choices[:2], widget=forms.RadioSelect
    )
    verified = forms.ChoiceField(
        label=gettext_lazy("How we know who it is"), choices=CardReport.Verified.choices[:4],
        help_text=gettext_lazy("To block it, a call is enough. To use it again or replace it, be sure that it is the holder."),
    )  # fmt: skip
    caller = forms.CharField(
        label=gettext_lazy("Name of whoever speaks for the holder"), max_length=80, required=False,
        help_text=gettext_lazy("Empty: the holder in person."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("What was said"), max_length=200)

    def __init__(self, given: Any, *, asset: str) -> None:
        super().__init__(given)
        self.fields["fee"] = AmountField(
            label=_("Fee for a new card"), asset=asset, required=False, help_text=_("Taken from the balance. Empty: none.")
        )

    def said(self) -> Said:
        given = self.cleaned_data
        return Said(
            channel=CardReport.Channel(given["channel"]), verified=CardReport.Verified(given["verified"]),
            reason=given["reason"], caller=given["caller"],
        )  # fmt: skip


@staff_can("wallets.open")
@require_http_methods(["GET", "POST"])
def card(request: StaffRequest, card_id: int) -> HttpResponse:
    """The form's button says what is done: `lost`, `found` or `replace`. Its key replaces once."""
    visible = Card.objects.filter(wallet__in=queries.visible_to(request.actor))
    found = get_object_or_404(visible.select_related("wallet__customer", "wallet__programme", "replaces"), pk=card_id)
    asset = found.wallet.programme.asset
    form, act = ReportForm(posted(request), asset=asset), request.POST.get("act", "")
    key = formkeys.kept(request.POST.get("key", ""), f"replace.{found.wallet_id}.{found.pk}")
    if form.is_valid() and act in DONE:
        try:
            now = _done(request, found, form, act, key)
            messages.success(request, str(DONE[act]))
            return redirect("console:wallet_card", now.pk)
        except Refused as no:
            form.add_error(None, values.sentence(no, asset))
    reports = list(found.reports.order_by("-pk"))
    names = people.names({each.made_by for each in reports})
    context = {
        "card": found,
        "wallet": found.wallet,
        "asset": asset,
        "held": queries.standing(found.wallet),
        "replaced_by": Card.objects.filter(replaces=found).first(),
        "tickets": desk.about_card(found, request.actor),
        "no_loss": cards.loss_objection(found),
        "reports": [(each, names.get(each.made_by, each.made_by)) for each in reports],
        "form": form,
        "key": key,
        "may_charge": request.actor.may(CHARGE)
        and request.store is not None
        and found.wallet.programme.kind == Programme.Kind.MONEY,
    }
    return render(request, CARD, context, status=422 if form.is_bound else 200)


def _done(request: StaffRequest, found: Card, form: ReportForm, act: str, key: str) -> Card:
    if act == LOST:
        return losses.report(card=found, said=form.said(), by=request.actor)
    if act == FOUND:
        return losses.found(card=found, said=form.said(), by=request.actor)
    return losses.replace(
        card=found, said=form.said(), key=key, fee=form.cleaned_data["fee"] or 0, by=request.actor,
        store=request.store.pk if request.store else None, till=request.till.pk if request.till else None,
    )  # fmt: skip
