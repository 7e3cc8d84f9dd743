import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.portal import visitors
from chuzhi.portal.access import by_address, for_anybody
from chuzhi.portal.cards.forms import BuyForm
from chuzhi.portal.recharge import paying
from chuzhi.topups.cards import clearing, delivering, offering, orders
from chuzhi.topups.cards.models import CardOrder
from chuzhi.topups.cards.orders import Buyer
from chuzhi.wallets.vouchers import lawful
from chuzhi.wallets.vouchers.rules import grouped

BUY, ORDER, CODES = (f"portal/cards/{name}.html" for name in ("buy", "order", "codes"))


@for_anybody
@require_http_methods(["GET", "POST"])
def buy(request: HttpRequest) -> HttpResponse:
    """Choose which cards and how many, and where the codes go. Sent twice, one order is placed."""
    on_sale = list(offering.on_sale())
    form = BuyForm(request.POST or None, offers=on_sale)
    key = request.POST.get("key", "")[:60] or secrets.token_urlsafe(12)
    if form.is_valid():
        said = form.cleaned_data
        buyer = Buyer(
            email=said["email"], phone=said["phone"], name=said["name"], identity_number=said["identity_number"],
            language=get_language() or "", source=visitors.address_of(request),
        )  # fmt: skip
        try:
            order = orders.place(offer=said["offer"], count=said["count"], buyer=buyer, key=key, by=visitors.BUYER)
            return redirect("portal:card_order", order.number)
        except Refused as no:
            form.add_error(next((name for name in form.fields if no.code.startswith(name)), None), str(no))
    asked_from = [limit for offer in on_sale if (limit := lawful.identity_from(orders.sale_of(offer, 1, is_identified=False)))]
    context = {
        "form": form, "key": key, "offers": on_sale, "identity_from": min(asked_from, default=None),
        "currency": on_sale[0].programme.asset if on_sale else "",
    }  # fmt: skip
    return render(request, BUY, context, status=422 if form.is_bound else 200)


@by_address
@never_cache
@require_http_methods(["GET", "POST"])
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm, choose a way, pay; afterwards, what became of each card."""
    found, said = _named(number), ""
    if request.method == "POST":
        try:
            _pay(request, found)
            return redirect("portal:card_order", found.number)
        except Refused as no:
            said = str(no)
    return render(request, ORDER, _context(request, found) | {"said": said}, status=422 if said else 200)


@by_address
@never_cache
@require_GET
def state(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the order's page that changes while the payer pays."""
    return render(request, f"{ORDER}#state", _context(request, _named(number)))


@by_address
@never_cache
@require_POST
def codes(request: HttpRequest, number: str) -> HttpResponse:
    """The codes, once. Asked for by a button, so that a program that looks ahead at addresses uses nothing up."""
    found = _named(number)
    try:
        shown = delivering.reveal(order=found, by=visitors.BUYER)
    except Refused as no:
        return render(request, ORDER, _context(request, found) | {"said": str(no)}, status=422)
    cards = [{"number": grouped(card.number), "secret": grouped(card.secret)} for card in shown]
    return render(request, CODES, {"order": found, "cards": cards})


def _pay(request: HttpRequest, found: CardOrder) -> None:
    def pay(scene: Scene, method: Method, circumstances: Circumstances) -> None:
        orders.pay(order=found, scene=scene, method=method, circumstances=circumstances, by=visitors.BUYER)

    back = reverse("portal:card_order", args=[found.number])
    paying.begin(request, amount=found.amount, currency=found.currency, back=back, pay=pay)


def _context(request: HttpRequest, found: CardOrder) -> dict[str, object]:
    shown = paying.context(
        request, payments=orders.payments_of(found), amount=found.amount, currency=found.currency, is_payable=found.is_payable
    )
    cards = [{"number": grouped(card.voucher.number), "voucher": card.voucher} for card in orders.cards_of(found)]
    return shown | {"order": found, "programme": found.offer.programme, "cards": cards, "held": clearing.of(found)}


def _named(number: str) -> CardOrder:
    found = orders.named().filter(number=number[:32]).first()
    if found is None:
        raise Http404
    return found
