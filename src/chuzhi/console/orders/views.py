from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.lists import pages
from chuzhi.console.orders.forms import FollowUpForm, GiveBackForm, OrderForm
from chuzhi.console.orders.listing import LISTING
from chuzhi.core.errors import Refused
from chuzhi.payments.models import Incident
from chuzhi.payments.queries import refunds_of
from chuzhi.topups import clearing, follow_ups, orders, overdue, results, speed
from chuzhi.topups import queries as order_queries
from chuzhi.topups.models import Channel, Order
from chuzhi.ui import drawing
from chuzhi.wallets import moves, policies, queries

ORDER, NEW, GIVE_BACK, FOLLOW_UP, SPEED = (
    f"console/orders/{name}.html" for name in ("order", "new", "give_back", "follow_up", "speed")
)
PERIODS = ("30", "7", "90", "365")
"""Days, the usual one first."""


@staff_can("wallets.view")
@require_safe
def orders_page(request: StaffRequest) -> HttpResponse:
    return pages.show(request, LISTING)


@staff_can("till.top_up")
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """An order made for a customer who is not here; its page has the link to send. Sent twice, one order is placed."""
    wallet = get_object_or_404(queries.visible_to(request.actor).select_related("customer", "programme"), pk=wallet_id)
    asset, about = moves.programme_of(wallet).asset_code, f"order.{wallet.pk}.0"
    form, key = OrderForm(posted(request), asset=asset), formkeys.kept(request.POST.get("key", ""), about)
    if form.is_valid() and key == request.POST.get("key"):
        try:
            placed = orders.place(
                wallet=wallet, amount=form.cleaned_data["amount"], channel=Channel(form.cleaned_data["channel"]), key=key,
                store=request.store, by=request.actor, open_for=follow_ups.asked_open_for(),
            )  # fmt: skip
            return redirect("console:order", placed.number)
        except Refused as no:
            form.add_error("amount", values.sentence(no, asset))
    policy = policies.of(wallet, store=request.store.pk if request.store else None)
    context = {"wallet": wallet, "customer": wallet.customer, "asset": asset, "form": form, "key": key, "policy": policy}
    return render(request, NEW, context, status=422 if form.is_bound else 200)


@staff_can("wallets.view")
@require_safe
def order(request: StaffRequest, number: str) -> HttpResponse:
    found = get_object_or_404(order_queries.visible_to(request.actor), number=number)
    payments = orders.payments_of(found)
    address = orders.address_of(found)
    context = {
        "order": found,
        "customer": found.wallet.customer,
        "payments": payments,
        "claims": [each for each in refunds_of(*payments) if each.claim_url],
        "expected": [each for each in map(overdue.expected, payments) if each],
        "late": Incident.objects.filter(payment__in=payments, kind=Incident.Kind.OVERDUE, closed_at=None).first(),
        "may_cancel": found.stage in {Order.Stage.OPEN, Order.Stage.EXPIRED} and request.actor.may("till.top_up"),
        "result": results.of(found),
        "held": clearing.of(found),
        "may_clear": request.actor.may(clearing.CLEAR),
        "clear_key": formkeys.new(f"clear.{found.wallet_id}.{found.pk}"),
        "policy": orders.policy_of(found),
        "address": address,
        "code": drawing.qr(address) if found.is_payable else "",
        "operation": moves.operation_id(found.book, found.seq) if found.book is not None and found.seq else "",
    }
    return render(request, ORDER, context)


@staff_can("payments.clear")
@require_POST
def clear(request: StaffRequest, number: str) -> HttpResponse:
    """Somebody knows that the money is here: what it brought can be spent."""
    found = get_object_or_404(order_queries.visible_to(request.actor), number=number)
    key = formkeys.kept(request.POST.get("key", ""), f"clear.{found.wallet_id}.{found.pk}")
    try:
        clearing.clear(order=found, key=key, by=request.actor)
        messages.success(request, _("It can be spent now."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:order", number)


@staff_can("till.top_up")
@require_POST
def cancel(request: StaffRequest, number: str) -> HttpResponse:
    try:
        orders.cancel(order=get_object_or_404(order_queries.visible_to(request.actor), number=number), by=request.actor)
        messages.success(request, _("Cancelled. Money that still comes goes back."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:order", number)


@staff_can("messages.manage")
@require_http_methods(["GET", "POST"])
def follow_up(request: StaffRequest) -> HttpResponse:
    """When customers are reminded of orders that they have not paid."""
    form = FollowUpForm(posted(request), now=follow_ups.current())
    if form.is_valid():
        try:
            follow_ups.change(by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:order_follow_up")
        except Refused as no:
            form.add_error("remind_after", str(no))
    return render(request, FOLLOW_UP, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("payments.view")
@require_safe
def speed_page(request: StaffRequest) -> HttpResponse:
    """From payment to usable balance, by way of paying."""
    chosen = request.GET.get("days", "")
    days = int(chosen) if chosen in PERIODS else int(PERIODS[0])
    return render(request, SPEED, {"rows": speed.of(days=days, by=request.actor), "days": str(days), "periods": PERIODS})


@staff_can("till.refund")
@require_http_methods(["GET", "POST"])
def give_back(request: StaffRequest, number: str) -> HttpResponse:
    """What is unspent goes back the way it was paid. Sent twice, it goes back once."""
    found = get_object_or_404(order_queries.visible_to(request.actor), number=number)
    about = f"give_back.{found.wallet_id}.{found.pk}"
    form, key = GiveBackForm(posted(request), asset=found.currency), formkeys.kept(request.POST.get("key", ""), about)
    if form.is_valid() and key == request.POST.get("key"):
        try:
            given = form.cleaned_data
            refund = orders.give_back(order=found, amount=given["amount"], reason=given["reason"], key=key, by=request.actor)
            messages.success(
                request, _("On its way back: %(amount)s.") % {"amount": values.text(refund.amount, found.currency)}
            )
            return redirect("console:order", number)
        except Refused as no:
            form.add_error("amount", values.sentence(no, found.currency))
    context = {"order": found, "customer": found.wallet.customer, "form": form, "key": key}
    return render(request, GIVE_BACK, context, status=422 if form.is_bound else 200)
