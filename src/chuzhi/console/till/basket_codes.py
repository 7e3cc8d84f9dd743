"""A basket waits for the code on a customer's phone: how far it is, asking again, giving it up, and money that has to go back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console.access import StaffRequest, at_till, staff_can
from chuzhi.console.till.basket_views import find_basket
from chuzhi.console.till.counter import onward
from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.payments import accounts, methods, queries, refunds
from chuzhi.till import code_refunds, code_words, codes
from chuzhi.till.errors import NotByCode
from chuzhi.till.models import Basket, CodePayment

PAGE = "console/till/basket_code.html"


@staff_can("till.charge")
@at_till
@require_safe
def code(request: StaffRequest, basket_id: int) -> HttpResponse:
    """The page asks for itself while the customer has not paid; it may be left, and opened again."""
    found = find_basket(request, basket_id)
    try:
        made = codes.latest(found, request.actor)
    except NotByCode:
        return redirect("console:till_basket", found.pk)
    if found.state == Basket.State.PAID and made.state == CodePayment.State.SOLD:
        return onward(request, reverse("console:till_receipt", args=[found.operations[0]]))
    return render(request, PAGE, _facts(found, made))


@staff_can("till.charge")
@at_till
@require_POST
def look(request: StaffRequest, basket_id: int) -> HttpResponse:
    """Ask the provider now."""
    found = find_basket(request, basket_id)
    _do(request, codes.look, found)
    return redirect("console:till_basket_code", found.pk)


@staff_can("till.charge")
@at_till
@require_POST
def give_up(request: StaffRequest, basket_id: int) -> HttpResponse:
    found = find_basket(request, basket_id)
    _do(request, codes.give_up, found)
    return redirect("console:till_basket_code", found.pk)


@staff_can("till.refund")
@at_till
@require_POST
def send_back(request: StaffRequest, basket_id: int, number: int) -> HttpResponse:
    """A refund that the provider refused: once more, now."""
    found = find_basket(request, basket_id)
    made = get_object_or_404(found.codes.select_related("payment"), pk=number)
    try:
        refund = refunds.send(code_refunds.try_again(made=made, by=request.actor))
    except Refused as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("Asked for again: %(state)s.") % {"state": refund.get_stage_display()})
    return redirect("console:till_code_refunds")


@staff_can("till.refund")
@at_till
@require_safe
def waiting_to_go_back(request: StaffRequest) -> HttpResponse:
    """Money of customers in this store that a provider did not take back."""
    owed = code_refunds.owed(request.store.pk if request.store else 0)
    rows = [(made, methods.name(made.payment.account.method)) for made in owed]
    return render(request, "console/till/code_refunds.html", {"rows": rows})


def _do(request: StaffRequest, command: Any, found: Basket) -> None:
    try:
        command(basket=found, by=request.actor)
    except Refused as no:
        messages.error(request, str(no))


def _facts(found: Basket, made: CodePayment) -> dict[str, Any]:
    said, asset = made.means, found.currency
    typed = {"cash": money.plain(said["cash"], asset) if said["cash"] else "", "by_code": "on"}
    if said["from_wallet"]:
        typed["from_wallet"] = money.plain(said["from_wallet"], asset)
    return {
        "basket": found,
        "made": made,
        "payment": made.payment,
        "asset": asset,
        "is_waiting": made.state == CodePayment.State.WAITING,
        "is_open": found.state == Basket.State.OPEN,
        "method": methods.name(made.payment.account.method),
        "why": code_words.of_attempt(made),
        "back": [each.refund for each in queries.refunds_of(made.payment)],
        "unsent": code_refunds.unsent(made),
        "stand_in": accounts.stand_in_of(made.payment.account),
        "again": f"{reverse('console:till_basket_pay', args=[found.pk])}?{urlencode(typed)}",
    }
