"""What is sold on line, and the orders of whoever bought some."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import formkeys, keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.vouchers.forms import GiveBackForm, OfferForm
from chuzhi.core.errors import Refused
from chuzhi.topups.cards import clearing, delivering, offering, orders
from chuzhi.topups.cards.models import CardOffer, CardOrder
from chuzhi.topups.clearing import CLEAR
from chuzhi.wallets import funding
from chuzhi.wallets.vouchers.rules import grouped

ONLINE, ORDER, GIVE_BACK = (f"console/vouchers/{name}.html" for name in ("online", "online_order", "give_back"))
PAGE_SIZE = 30


@staff_can("vouchers.view")
@require_http_methods(["GET", "POST"])
def online(request: StaffRequest) -> HttpResponse:
    """The cards on sale and the orders; whoever may manage cards puts others on sale."""
    form, may_manage = OfferForm(posted(request)), request.actor.may(offering.MANAGE)
    if form.is_valid():
        try:
            offering.put_on_sale(by=request.actor, **form.cleaned_data)
            messages.success(request, _("On sale."))
            return redirect("console:voucher_online")
        except Refused as no:
            field = str(no.facts.get("field", ""))
            form.add_error(field if field in form.fields else None, str(no))
    find, stage = request.GET.get("find", "").strip()[:40], request.GET.get("stage", "")
    found = orders.visible_to(request.actor)
    found = found.filter(number=find) if find else found
    found = found.filter(stage=stage) if stage in CardOrder.Stage.values else found
    context = {
        "offers": offering.visible_to(request.actor), "form": form, "may_manage": may_manage, "find": find, "stage": stage,
        "page": keyset.page(found, ("-created_at", "-id"), request.GET, size=PAGE_SIZE), "stages": CardOrder.Stage.choices,
    }  # fmt: skip
    return render(request, ONLINE, context, status=422 if form.is_bound else 200)


@staff_can("vouchers.manage")
@require_POST
def stop(request: StaffRequest, offer_id: int) -> HttpResponse:
    offering.stop(offer=get_object_or_404(CardOffer, pk=offer_id), by=request.actor)
    messages.success(request, _("Not sold on line any more."))
    return redirect("console:voucher_online")


@staff_can("vouchers.view")
@require_safe
def order(request: StaffRequest, number: str) -> HttpResponse:
    """One order: who bought, how it was paid, and what became of each card. No code is seen here."""
    found = _visible(request, number)
    cards = list(orders.cards_of(found))
    context = {
        "order": found,
        "cards": [{"card": card, "number": grouped(card.voucher.number)} for card in cards],
        "payments": orders.payments_of(found),
        "address": orders.address_of(found),
        "held": clearing.of(found),
        "may_clear": request.actor.may(CLEAR),
        "clear_key": formkeys.new(f"clear_cards.{found.pk}.0"),
        "may_give_back": found.stage == CardOrder.Stage.PAID and request.actor.may(funding.REFUND),
        "may_renew": any(card.voucher.status == "active" for card in cards) and request.actor.may(offering.MANAGE),
    }
    return render(request, ORDER, context)


@staff_can("vouchers.manage")
@require_POST
def new_codes(request: StaffRequest, number: str) -> HttpResponse:
    try:
        delivering.renew_codes(order=_visible(request, number), by=request.actor)
        messages.success(request, _("New codes are on their way. The old ones open nothing any more."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:voucher_online_order", number)


@staff_can("payments.clear")
@require_POST
def clear(request: StaffRequest, number: str) -> HttpResponse:
    """Somebody knows that the money is here: the cards can be redeemed."""
    found = get_object_or_404(orders.named(), number=number)
    try:
        key = formkeys.kept(request.POST.get("key", ""), f"clear_cards.{found.pk}.0")
        clearing.clear(order=found, key=key, by=request.actor)
        messages.success(request, _("The cards can be redeemed now."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:voucher_online_order", number)


@staff_can("till.refund")
@require_http_methods(["GET", "POST"])
def give_back(request: StaffRequest, number: str, card_id: int) -> HttpResponse:
    """One card that nobody redeemed: void, and its price goes back the way it was paid. Sent twice, it goes back once."""
    found = get_object_or_404(orders.named(), number=number)
    card = get_object_or_404(orders.cards_of(found), pk=card_id)
    form, key = GiveBackForm(posted(request)), formkeys.kept(request.POST.get("key", ""), f"card_back.{card.pk}.0")
    if form.is_valid() and key == request.POST.get("key"):
        try:
            refund = delivering.give_back(card=card, reason=form.cleaned_data["reason"], key=key, by=request.actor)
            amount = values.text(refund.amount, found.currency)
            messages.success(request, _("On its way back: %(amount)s.") % {"amount": amount})
            return redirect("console:voucher_online_order", number)
        except Refused as no:
            form.add_error(None, values.sentence(no, found.currency))
    context = {"order": found, "card": card, "number": grouped(card.voucher.number), "form": form, "key": key}
    return render(request, GIVE_BACK, context, status=422 if form.is_bound else 200)


def _visible(request: StaffRequest, number: str) -> CardOrder:
    return get_object_or_404(orders.visible_to(request.actor), number=number)
