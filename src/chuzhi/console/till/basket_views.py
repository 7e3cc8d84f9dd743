"""A basket at the till: scan, type or pick what is bought, hold it, take it up again."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuzhi.catalogue import products
from chuzhi.catalogue.models import Product
from chuzhi.catalogue.rules import THOUSAND, quantity_of
from chuzhi.console import formfields, formkeys, values
from chuzhi.console.access import StaffRequest, at_till, staff_can
from chuzhi.console.till import basket_forms as forms
from chuzhi.console.till.counter import onward
from chuzhi.console.values import AmountField
from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.customers import search
from chuzhi.organization import staff
from chuzhi.payments.counter import drawer
from chuzhi.till import baskets, code_refunds
from chuzhi.till.bills import Bill
from chuzhi.till.models import Basket
from chuzhi.topups import payers
from chuzhi.wallets import moves, queries, spending
from chuzhi.wallets.models import Wallet
from chuzhi.workforce import notes

BASKET = "console/till/basket.html"
HELD = "console/till/baskets.html"
MOST_FOUND = 8
MOST_HELD = 100
_TIMES = re.compile(r"(\d[\d.]*)\s*[*x×]\s*(.+)")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held basket as it is found again."""

    basket: Basket
    total: int
    count: int
    holder: Wallet | None


@staff_can("till.charge")
@at_till
@require_safe
def held(request: StaffRequest) -> HttpResponse:
    """The baskets that wait in this store, the longest first, and those left standing at this till."""
    left = baskets.open_at(_till(request) or 0, request.actor)[:MOST_FOUND]
    found = [*baskets.held_in(_store(request), request.actor)[:MOST_HELD], *left]
    holders = queries.visible_to(request.actor).select_related("customer").in_bulk([one.wallet for one in found if one.wallet])
    rows = []
    for one in found:
        bill = baskets.bill_of(one)
        rows.append(Waiting(one, bill.total, len(bill.lines), holders.get(one.wallet or 0)))
    owed = request.actor.may(spending.REFUND) and code_refunds.owed(_store(request)).exists()
    return render(request, HELD, {"rows": rows, "owed": owed, "key": formkeys.new("basket-new")})


@staff_can("till.charge")
@at_till
@require_POST
def begin(request: StaffRequest) -> HttpResponse:
    """A new one, for a wallet or for nobody yet, in the currency of the wallet or of the drawer."""
    wallet = _wallet(request)
    key = formkeys.kept(request.POST.get("key", ""), "basket-new")
    currency = moves.programme_of(wallet).asset_code if wallet else drawer.keeping_of(request.store).currency  # type: ignore[arg-type]  # at_till
    try:
        made = baskets.begin(
            store=_store(request), till=_till(request), currency=currency, wallet=wallet, key=key, by=request.actor
        )
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:till_baskets")
    return redirect("console:till_basket", made.pk)


@staff_can("till.charge")
@at_till
@require_safe
def basket(request: StaffRequest, basket_id: int) -> HttpResponse:
    found = find_basket(request, basket_id)
    if found.state == Basket.State.PAID:
        return redirect("console:till_receipt", found.operations[0])
    if found.state == Basket.State.PAYING:
        return redirect("console:till_basket_code", found.pk)
    return show(request, found, typed=request.GET.get("find", ""))


@staff_can("till.charge")
@at_till
@require_POST
def scan(request: StaffRequest, basket_id: int) -> HttpResponse:
    """A barcode or number adds the product (`3*6901…` adds three), a card says who pays; anything else is looked for."""
    found, typed = find_basket(request, basket_id), request.POST.get("typed", "").strip()[:100]
    key, asked = request.POST.get("key", ""), _quantity_and_code(typed)
    try:
        product = products.scanned(asked[1])
        if product and (asked[0] or not product.is_weighed):
            baskets.add(basket=found, product=product, quantity=asked[0] or THOUSAND, key=key, by=request.actor)
            return _back(request, found)
        if wallet := queries.by_card(typed, request.actor):
            baskets.pay_from(basket=found, wallet=wallet, key=key, by=request.actor)
            return _back(request, found)
    except Refused as no:
        return _refused(request, found, no)
    return _back(request, found, find=asked[1])


@staff_can("till.charge")
@at_till
@require_POST
def add(request: StaffRequest, basket_id: int) -> HttpResponse:
    """So much of a product that was picked."""
    found = find_basket(request, basket_id)
    product = get_object_or_404(products.visible_to(request.actor), pk=_number(request, "product"))
    quantity = quantity_of(request.POST.get("quantity", "1")) or 0
    return _do(request, found, baskets.add, product=product, quantity=quantity)


@staff_can("till.charge")
@at_till
@require_POST
def change(request: StaffRequest, basket_id: int, line: int) -> HttpResponse:
    found, form = find_basket(request, basket_id), forms.LineForm(request.POST)
    formfields.named(form, "discount", AmountField).asset = found.currency
    if not form.is_valid():
        return show(request, found, wrong=[str(each) for errors in form.errors.values() for each in errors])
    given = form.cleaned_data
    return _do(request, found, baskets.change, line=line, quantity=given["quantity"], discount=given["discount"] or 0)


@staff_can("till.charge")
@at_till
@require_POST
def payer(request: StaffRequest, basket_id: int) -> HttpResponse:
    wallet = _wallet(request)
    return _do(request, find_basket(request, basket_id), baskets.pay_from, wallet=wallet)


@staff_can("till.charge")
@at_till
@require_POST
def serve(request: StaffRequest, basket_id: int) -> HttpResponse:
    served_by = _number(request, "served_by") or None
    return _do(request, find_basket(request, basket_id), baskets.serve, served_by=served_by)


@staff_can("till.charge")
@at_till
@require_POST
def hold(request: StaffRequest, basket_id: int) -> HttpResponse:
    found, form = find_basket(request, basket_id), forms.HoldForm(request.POST)
    try:
        baskets.hold(basket=found, label=form.cleaned_data["label"] if form.is_valid() else "", by=request.actor)
    except Refused as no:
        return _refused(request, found, no)
    messages.success(request, _("Held: any till of this store can take it up again."))
    return onward(request, reverse("console:till_baskets"))


@staff_can("till.charge")
@at_till
@require_POST
def resume(request: StaffRequest, basket_id: int) -> HttpResponse:
    found = find_basket(request, basket_id)
    try:
        baskets.resume(basket=found, till=_till(request), by=request.actor)
    except Refused as no:
        messages.error(request, str(no))
        return onward(request, reverse("console:till_baskets"))
    return onward(request, reverse("console:till_basket", args=[found.pk]))


@staff_can("till.charge")
@at_till
@require_POST
def drop(request: StaffRequest, basket_id: int) -> HttpResponse:
    found = find_basket(request, basket_id)
    try:
        baskets.drop(basket=found, by=request.actor)
    except Refused as no:
        return _refused(request, found, no)
    messages.success(request, _("Given up: nothing was sold."))
    return onward(request, reverse("console:till"))


@staff_can("till.discount")
@at_till
@require_POST
def ask_for_discount(request: StaffRequest, basket_id: int) -> HttpResponse:
    """More off than one may give alone: somebody else signs."""
    found, form = find_basket(request, basket_id), forms.DiscountForm(request.POST)
    formfields.named(form, "amount", AmountField).asset = found.currency
    if not form.is_valid():
        return show(request, found, wrong=[str(each) for errors in form.errors.values() for each in errors])
    try:
        asked = baskets.ask_for_discount(basket=found, key=request.POST.get("key", ""), by=request.actor, **form.cleaned_data)
    except Refused as no:
        return _refused(request, found, no)
    messages.success(request, _("Sent for approval: %(number)s.") % {"number": asked.number})
    return _back(request, found)


def show(request: StaffRequest, found: Basket, *, typed: str = "", wrong: list[str] | None = None) -> HttpResponse:
    wallet = payer_of(request, found)
    bill = bill_of(found, wallet)
    context: dict[str, Any] = {
        "basket": found,
        "bill": bill,
        "asset": found.currency,
        "lines": [(line, money.plain(line.discount, found.currency) if line.discount else "") for line in bill.lines],
        "wallet": wallet,
        "customer": wallet.customer if wallet else None,
        "pinned": notes.pinned(wallet.customer if wallet else None, request.actor),
        "held": queries.standing(wallet) if wallet else None,
        "programme": moves.programme_of(wallet) if wallet else None,
        "colleagues": staff.working_in(found.store_id),
        "typed": typed,
        "wrong": wrong or [],
        "key": formkeys.new(f"basket.{found.pk}.0"),
        "edit_key": secrets.token_urlsafe(12),
        "may_discount": request.actor.may(baskets.DISCOUNTS),
    }
    if typed:
        context |= _matches(request, typed, found)
    return render(request, BASKET, context, status=422 if wrong else 200)


def payer_of(request: StaffRequest, found: Basket) -> Wallet | None:
    wallets = queries.visible_to(request.actor).select_related("customer", "programme")
    return wallets.filter(pk=found.wallet).first() if found.wallet else None


def bill_of(found: Basket, wallet: Wallet | None) -> Bill:
    """At the prices of whoever pays."""
    return baskets.bill_of(found, payers.levels_of(wallet) if wallet else frozenset())


def find_basket(request: StaffRequest, basket_id: int) -> Basket:
    return get_object_or_404(baskets.visible_to(request.actor), pk=basket_id)


def _matches(request: StaffRequest, typed: str, found: Basket) -> dict[str, Any]:
    """Products, and wallets of customers, that what was typed may mean."""
    offered = products.matching(products.visible_to(request.actor).filter(is_active=True), typed).order_by("sku")
    shown: list[Product] = list(offered[:MOST_FOUND])
    prices = products.prices([one.pk for one in shown], found.currency)
    people = [one.id for one in search.find(typed, by=request.actor, limit=MOST_FOUND)]
    wallets = queries.visible_to(request.actor).filter(customer__in=people, is_joined=False, programme__asset=found.currency)
    return {
        "products": [(one, prices[one.pk]) for one in shown if one.pk in prices],
        "wallets": list(wallets.select_related("customer", "programme").order_by("pk")[:MOST_FOUND]),
    }


def _do(request: StaffRequest, found: Basket, command: Any, **given: Any) -> HttpResponse:
    """One edit, once for its key."""
    try:
        command(basket=found, key=request.POST.get("key", ""), by=request.actor, **given)
    except Refused as no:
        return _refused(request, found, no)
    return _back(request, found)


def _refused(request: StaffRequest, found: Basket, no: Refused) -> HttpResponse:
    return show(request, find_basket(request, found.pk), wrong=[values.sentence(no, found.currency)])


def _back(request: StaffRequest, found: Basket, **more: str) -> HttpResponse:
    """To the basket as it is now; htmx is given it at once."""
    if request.headers.get("HX-Request") == "true":
        return show(request, find_basket(request, found.pk), typed=more.get("find", ""))
    query = f"?{urlencode(more)}" if more else ""
    return redirect(f"{reverse('console:till_basket', args=[found.pk])}{query}")


def _quantity_and_code(typed: str) -> tuple[int | None, str]:
    """`3*6901…` is three of it."""
    said = _TIMES.fullmatch(unicodedata.normalize("NFKC", typed))
    quantity = quantity_of(said[1]) if said else None
    return (quantity, said[2]) if said and quantity else (None, typed)


def _number(request: StaffRequest, name: str) -> int:
    """The number of a row that was chosen; 0 is none."""
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else 0


def _wallet(request: StaffRequest) -> Wallet | None:
    return queries.visible_to(request.actor).filter(pk=_number(request, "wallet")).first()


def _store(request: StaffRequest) -> int:
    return request.store.pk if request.store else 0


def _till(request: StaffRequest) -> int | None:
    return request.till.pk if request.till else None
