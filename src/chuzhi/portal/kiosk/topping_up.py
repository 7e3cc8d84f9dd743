"""Money brought by phone: an amount, a way, a code to scan, and the word that it has arrived."""

import secrets
from typing import cast

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.core.errors import Refused
from chuzhi.kiosk import kiosks, rules, visits
from chuzhi.kiosk.models import Kiosk
from chuzhi.ledger.chart import Method
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.portal.kiosk.access import KioskRequest, away, serving, waiting
from chuzhi.portal.recharge import offering, paying
from chuzhi.portal.recharge.forms import AmountForm
from chuzhi.portal.wording import sentence
from chuzhi.topups import orders, results
from chuzhi.topups.channels import Channel
from chuzhi.topups.errors import NoWayToPay
from chuzhi.topups.models import Order
from chuzhi.topups.ways import Way
from chuzhi.wallets import moves

AMOUNT, ORDER = "portal/kiosk/amount.html", "portal/kiosk/order.html"
SCENES = (Scene.SHOWN,)
"""The payer scans what the kiosk shows; no provider's page is opened here."""
NOT_SCANNED = frozenset({Method.BANK})
"""What is paid later, by hand, from an account number: nobody waits for that before a screen."""


@serving(Kiosk.Service.TOP_UP)
@require_http_methods(["GET", "POST"])
def top_up(request: KioskRequest) -> HttpResponse:
    """Choose how much. Sent twice, one order is placed."""
    wallet = request.visit.card.wallet
    programme = moves.programme_of(wallet)
    form = AmountForm(request.POST if request.method == "POST" else None, currency=programme.asset_code)
    key = request.POST.get("key", "")[:60] or secrets.token_urlsafe(12)
    if form.is_valid():
        try:
            visits.top_up(
                visit=request.visit, amount=form.cleaned_data["amount"], key=f"kiosk:{request.visit.pk}:{key}",
                by=kiosks.actor_of(request.kiosk),
            )  # fmt: skip
            return redirect("kiosk:order")
        except Refused as no:
            form.add_error("amount", sentence(no, programme.asset_code))
    context = {
        "programme": programme, "form": form, "key": key,
        "steps": offering.steps(wallet, store=request.kiosk.store, channel=Channel.KIOSK),
    }  # fmt: skip
    return render(request, AMOUNT, waiting(request) | context, status=422 if form.is_bound else 200)


@serving(Kiosk.Service.TOP_UP)
@require_http_methods(["GET", "POST"])
def order(request: KioskRequest) -> HttpResponse:
    """The order of this visit, and no other: choose a way, scan, wait until it is paid."""
    found, said = request.visit.order, ""
    if found is None:
        return redirect("kiosk:top_up")
    if request.method == "POST":
        try:
            _pay(request, found)
            return redirect("kiosk:order")
        except Refused as no:
            said = sentence(no, found.currency)
    context = _context(request, found)
    seconds = rules.PAYING_SECONDS if context["under_way"] and not context["is_over"] else None
    if seconds:
        visits.stay(request.visit, seconds=seconds)
    return render(request, ORDER, waiting(request, seconds) | context | {"said": said}, status=422 if said else 200)


@serving(Kiosk.Service.TOP_UP, stays=False)
@require_safe
def state(request: KioskRequest) -> HttpResponse:
    """Asked by the page itself, so it is no sign that anybody stands there. What has come of it is a page of its own."""
    found = request.visit.order
    if found is None or (context := _context(request, found))["is_over"] or not context["under_way"]:
        return away(request, "kiosk:order")
    return render(request, f"{ORDER}#state", waiting(request) | context)


def _pay(request: KioskRequest, found: Order) -> None:
    if request.POST.get("method") in {str(int(method)) for method in NOT_SCANNED}:
        raise NoWayToPay

    def pay(scene: Scene, method: Method, circumstances: Circumstances) -> None:
        orders.pay(order=found, scene=scene, method=method, circumstances=circumstances, by=kiosks.actor_of(request.kiosk))

    back = reverse("kiosk:order")
    paying.begin(request, amount=found.amount, currency=found.currency, back=back, pay=pay, scenes=SCENES)


def _context(request: KioskRequest, found: Order) -> dict[str, object]:
    result = results.of(found)
    shown = paying.context(
        request, payments=orders.payments_of(found), amount=found.amount, currency=found.currency,
        is_payable=found.is_payable, scenes=SCENES, payer=found.wallet.customer,
    )  # fmt: skip
    ways = [(way, name) for way, name in cast(list[tuple[Way, str]], shown["ways"]) if way.account.method not in NOT_SCANNED]
    offered = [way for way, _name in ways]
    return shown | {
        "ways": ways,
        "suggested": shown["suggested"] if shown["suggested"] in offered else next(iter(offered), None),
        "order": found,
        "total": found.amount + found.bonus,
        "result": result,
        "gifts": offering.others_of(found, result.gifts) if result else offering.gifts_of(found),
        "is_over": result is not None or found.stage in {Order.Stage.OWED, Order.Stage.RETURNED, Order.Stage.CANCELLED},
        "policy": orders.policy_of(found),
    }
