from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuzhi.catalogue import products
from chuzhi.console.access import SIGNED_IN, StaffRequest, staff_can
from chuzhi.console.search import acts
from chuzhi.customers import search as customers
from chuzhi.customers.queries import VIEW as SEE_CUSTOMERS
from chuzhi.topups import queries as orders
from chuzhi.wallets import queries

FOUND = "console/search/found.html"
MOST, MOST_PRODUCTS = 8, 4


@dataclass(frozen=True, slots=True)
class Hit:
    href: str
    icon: str
    label: str
    side: str = ""


@staff_can(SIGNED_IN)
@require_safe
def search(request: StaffRequest) -> HttpResponse:
    """Lines for the palette. Only what this person may see is looked for."""
    typed = request.GET.get("q", "").strip()[: customers.LONGEST_QUERY]
    return render(request, FOUND, {"hits": _hits(request, typed) if typed else []})


def _hits(request: StaffRequest, typed: str) -> list[Hit]:
    hits = [Hit(*each) for each in acts.found(request, typed)]
    at_till = request.till is not None and request.actor.may("till.charge")
    if wallet := queries.by_card(typed, request.actor):
        if at_till:
            hits.append(Hit(reverse("console:till_wallet", args=[wallet.pk]), "scan-barcode", _("Charge this card"), typed))
        hits.append(Hit(reverse("console:wallet", args=[wallet.pk]), "credit-card", _("Wallet of this card"), typed))
    if found := queries.wallet_of(typed, request.actor):
        hits.append(Hit(reverse("console:till_receipt", args=[typed]), "receipt", _("Receipt %(number)s") % {"number": typed}))
        hits.append(Hit(reverse("console:wallet", args=[found[0].pk]), "wallet", _("Wallet of this receipt")))
    if order := orders.numbered(request.actor, typed):
        hits.append(Hit(reverse("console:order", args=[order.number]), "receipt", _("Top-up order"), order.number))
    if found_products := products.matching(products.visible_to(request.actor), typed).order_by("name", "pk")[:MOST_PRODUCTS]:
        hits += [Hit(reverse("console:product", args=[one.pk]), "list", one.name, one.sku) for one in found_products]
    if request.actor.may(SEE_CUSTOMERS):
        people = customers.find(typed, by=request.actor, limit=MOST)
        hits += [Hit(reverse("console:customer", args=[one.id]), "user", one.name, one.masked_phone) for one in people]
        if at_till:
            hits += [_to_the_till(one) for one in people[:2]]
    return hits


def _to_the_till(one: customers.Found) -> Hit:
    label = _("%(name)s: to the till") % {"name": one.name}
    return Hit(reverse("console:till_customer", args=[one.id]), "scan-barcode", label)
