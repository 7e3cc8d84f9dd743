"""Finding who stands at the counter, and the receipt they leave with."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.console import formkeys
from chuzhi.console.access import StaffRequest, at_till, posted, staff_can
from chuzhi.console.till.counter import onward
from chuzhi.console.till.forms import NewCustomerForm
from chuzhi.core.errors import Refused
from chuzhi.customers import profiles, search
from chuzhi.customers import queries as customers
from chuzhi.customers.models import Customer
from chuzhi.till import baskets, receipts, walkins
from chuzhi.till.errors import ReceiptUnknown
from chuzhi.wallets import accounts, moves, queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.sharing import members
from chuzhi.wallets.sharing.models import Member
from chuzhi.wallets.vouchers import selling

TILL = "console/till/till.html"
JOIN = "console/till/join.html"
MOST_FOUND = 8


@dataclass(frozen=True, slots=True)
class Match:
    """A line of what was found: a customer and one of their wallets, or a customer without one."""

    name: str
    phone: str
    tags: tuple[str, ...]
    programme: str
    href: str


@staff_can("till.charge")
@at_till
@require_safe
def till(request: StaffRequest) -> HttpResponse:
    """Type or scan. A card or a receipt's code leads straight on; so does the only match, once it is asked for with Enter."""
    typed = request.GET.get("find", "").strip()
    is_live = request.headers.get("HX-Request") == "true"
    if not is_live and (address := _scanned(request, typed)):
        return redirect(address)
    found = _matches(request, typed) if typed else []
    if len(found) == 1 and not is_live:
        return redirect(found[0].href)
    context = {
        "typed": typed,
        "found": found,
        "new": f"{reverse('console:till_join')}?{urlencode({'said': typed})}",
        "basket_key": formkeys.new("basket-new"),
        "waiting": baskets.held_in(request.store.pk, request.actor).count() if request.store and not is_live else 0,
        "is_ready": Programme.objects.filter(is_open=True).exists(),
        "may_make_ready": request.actor.may("programmes.manage"),
    }
    return render(request, f"{TILL}#found" if is_live else TILL, context)


@staff_can("till.charge")
@at_till
@require_safe
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """To the customer's only wallet, or to choose one."""
    person = get_object_or_404(customers.visible_to(request.actor), pk=customer_id)
    wallets = list(
        queries.visible_to(request.actor).filter(customer=person, is_joined=False).select_related("programme").order_by("pk")
    )
    shared = [_match_of(member) for member in _shared([person.pk], request)]
    if len(wallets) == 1 and not shared:
        return redirect("console:till_wallet", wallets[0].pk)
    if not wallets and not shared:
        return redirect(f"{reverse('console:till_join')}?{urlencode({'customer': person.pk})}")
    found = [_match(person.name, person.masked_phone, tuple(person.tags), wallet) for wallet in wallets] + shared
    return render(request, TILL, {"typed": "", "found": found, "person": person})


@staff_can("customers.edit")
@at_till
@require_http_methods(["GET", "POST"])
def join(request: StaffRequest) -> HttpResponse:
    """A new customer with a wallet, or a wallet for a customer who has none. The key of the form lets it happen once."""
    said = request.GET.get("said", "")
    number = request.POST.get("customer") or request.GET.get("customer") or ""
    person = get_object_or_404(customers.visible_to(request.actor), pk=number) if number.isdecimal() else None
    initial = {"phone": said} if any(sign.isdigit() for sign in said) else {"name": said}
    form = NewCustomerForm(posted(request), initial=initial)
    key = request.POST.get("key", "")
    if person:
        del form.fields["name"], form.fields["phone"]
    if not formkeys.is_for("join.0", key):
        key = formkeys.new("join.0")
    elif form.is_valid():
        try:
            wallet = _join(request, person, form.cleaned_data, key)
            return onward(request, reverse("console:till_top_up", args=[wallet.pk]))
        except Refused as no:
            form.add_error("phone" if "phone" in no.code else "name" if "name" in no.code else None, str(no))
    context = {"form": form, "key": key, "person": person, "typed": ""}
    return render(request, JOIN, context, status=422 if form.is_bound else 200)


@transaction.atomic(durable=True)
def _join(request: StaffRequest, person: Customer | None, given: dict[str, Any], key: str) -> Wallet:
    if person is None:
        person = profiles.register(
            name=given["name"], phone=given["phone"] or None, home_store=request.store, key=key, by=request.actor
        )
    return accounts.open_wallet(programme=given["programme"], customer=person, key=key, by=request.actor)


@staff_can("till.charge")
@at_till
@require_safe
def happened(request: StaffRequest, key: str) -> HttpResponse:
    """Did it happen? To its receipt if so; if not, back to its confirmation, with the same key and what was typed."""
    about = formkeys.parts(key)
    if about is None:
        raise Http404
    act, number, seq = about
    wallet = get_object_or_404(queries.visible_to(request.actor), pk=number)
    entry = queries.by_key(by=request.actor, wallet=wallet, key=key)
    if entry is not None and entry.outcome.refusal is None:
        operation = moves.operation_id(entry.outcome.book, entry.outcome.seq)
        return redirect(f"{reverse('console:till_receipt', args=[operation])}?was=done")
    place = {"wallet_id": wallet.pk} | ({"seq": seq} if seq else {})
    said = {field: value for field, value in request.GET.items() if field not in {"key", "asked"}}
    query = urlencode(said | {"key": key, "asked": "yes"})
    return redirect(f"{reverse(f'console:till_{act}', kwargs=place)}?{query}")


def _scanned(request: StaffRequest, typed: str) -> str | None:
    """Where the number of a card or of a recharge card leads, or a receipt's code."""
    if wallet := queries.by_card(typed, request.actor):
        return reverse("console:till_wallet", args=[wallet.pk])
    if request.actor.may(selling.SELL) and selling.is_number(typed):
        return f"{reverse('console:voucher_sell')}?{urlencode({'find': typed})}"
    if typed.count("-") == 2:
        find = walkins.find if walkins.is_number(typed.strip().upper()) else receipts.find
        try:
            return reverse("console:till_receipt", args=[find(code=typed, actor=request.actor).number])
        except ReceiptUnknown:
            return None
    return None


def _matches(request: StaffRequest, typed: str) -> list[Match]:
    people = search.find(typed, by=request.actor, limit=MOST_FOUND)
    numbers = [one.id for one in people]
    shared: dict[int, list[Member]] = {}
    for member in _shared(numbers, request):
        shared.setdefault(member.customer_id, []).append(member)
    wallets: dict[int | None, list[Wallet]] = {}
    held = queries.visible_to(request.actor).filter(customer__in=numbers, is_joined=False)
    for wallet in held.select_related("programme").order_by("pk"):
        wallets.setdefault(wallet.customer_id, []).append(wallet)
    found: list[Match] = []
    for one in people:
        found += [_match(one.name, one.masked_phone, one.tags, wallet) for wallet in wallets.get(one.id, [])]
        found += [_match_of(member) for member in shared.get(one.id, [])]
        if one.id not in wallets and one.id not in shared:
            address = f"{reverse('console:till_join')}?{urlencode({'customer': one.id})}"
            found.append(Match(one.name, one.masked_phone, one.tags, "", address))
    return found


def _shared(customers: list[int], request: StaffRequest) -> list[Member]:
    """The wallets of others that these may pay from."""
    return list(members.shared_with(customers, request.actor).filter(stopped_at=None))


def _match_of(member: Member) -> Match:
    """Their own name, and whose wallet it is."""
    person, wallet = member.customer, member.wallet
    whose = f"{wallet.customer.name} · {wallet.programme.name}" if wallet.customer else wallet.programme.name
    address = f"{reverse('console:till_charge', args=[wallet.pk])}?{urlencode({'member': member.pk})}"
    return Match(person.name, person.masked_phone, tuple(person.tags), whose, address)


def _match(name: str, phone: str, tags: tuple[str, ...], wallet: Wallet) -> Match:
    return Match(name, phone, tags, wallet.programme.name, reverse("console:till_wallet", args=[wallet.pk]))
