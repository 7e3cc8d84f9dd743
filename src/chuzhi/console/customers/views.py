from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import formkeys, keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.customers import story
from chuzhi.console.customers.forms import CustomerForm
from chuzhi.core.errors import Refused
from chuzhi.customers import profiles, queries, search
from chuzhi.customers.models import Customer
from chuzhi.wallets import accounts, moves
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.models import Programme, Wallet

LIST = "console/customers/list.html"
CUSTOMER = "console/customers/customer.html"
EDIT = "console/customers/edit.html"
PAGE_SIZE = 25
SORTS = {"name": ("sort_key", "id"), "newest": ("-id",)}


@staff_can("customers.view")
@require_safe
def customers_page(request: StaffRequest) -> HttpResponse:
    """Found by what was typed, or all of them in an order, a page at a time."""
    find, tag = request.GET.get("find", "").strip(), request.GET.get("tag", "").strip()
    sort = request.GET.get("sort", "name")
    context: dict[str, Any] = {"find": find, "tag": tag, "sort": sort if sort in SORTS else "name"}
    if find:
        found = search.find(find, by=request.actor, limit=PAGE_SIZE)
        context |= {"people": found, "is_cut": len(found) == PAGE_SIZE}
    else:
        people = queries.visible_to(request.actor).defer("notes", "email", "identity_number")
        people = people.filter(tags__contains=[tag]) if tag else people
        page = keyset.page(people, SORTS[context["sort"]], request.GET, size=PAGE_SIZE)
        context |= {"people": page.rows, "page": page}
    template = f"{LIST}#rows" if request.headers.get("HX-Request") == "true" else LIST
    return render(request, template, context)


@staff_can("customers.edit")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = CustomerForm(posted(request), initial={"home_store": request.store, "name": request.GET.get("name", "")})
    key = formkeys.kept(request.POST.get("key", ""), "customer.0")
    if form.is_valid():
        try:
            made = profiles.register(by=request.actor, key=key, **form.cleaned_data)
            messages.success(request, _("%(name)s is a customer now.") % {"name": made.name})
            return redirect("console:customer", made.pk)
        except Refused as no:
            form.refuse(no)
    return render(request, EDIT, {"form": form, "key": key}, status=422 if form.is_bound else 200)


@staff_can("customers.view")
@require_safe
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    return _customer(request, _visible(request, customer_id))


@staff_can("customers.reveal")
@require_POST
def reveal(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The whole phone number, once, to somebody who has to call it. The look is kept."""
    person = _visible(request, customer_id)
    phone = profiles.reveal_phone(person, by=request.actor, reason="console")
    if request.headers.get("HX-Request") == "true":
        return render(request, f"{CUSTOMER}#phone", {"customer": person, "phone": phone})
    return _customer(request, person, phone=phone)


@staff_can("customers.edit")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, customer_id: int) -> HttpResponse:
    person = _visible(request, customer_id)
    masked = {"phone": person.masked_phone, "email": person.masked_email}
    form = CustomerForm(posted(request), initial=_present(person), masked={name: at for name, at in masked.items() if at})
    version = request.POST.get("version", "")
    if form.is_valid():
        try:
            seen = int(version) if version.isdecimal() else 0
            profiles.change(customer=person, version=seen, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:customer", customer_id)
        except Refused as no:
            form.refuse(no)
    context = {"form": form, "customer": person, "version": version or person.version}
    return render(request, EDIT, context, status=422 if form.is_bound else 200)


@staff_can("wallets.open")
@require_POST
def open_wallet(request: StaffRequest, customer_id: int) -> HttpResponse:
    person = _visible(request, customer_id)
    programme = get_object_or_404(Programme, pk=request.POST.get("programme", "0"), is_open=True)
    key = formkeys.kept(request.POST.get("key", ""), f"wallet.{person.pk}")
    accounts.open_wallet(programme=programme, customer=person, key=key, by=request.actor)
    messages.success(request, _("The wallet is open."))
    return redirect("console:customer", customer_id)


def _visible(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(queries.visible_to(request.actor).select_related("home_store"), pk=customer_id)


def _customer(request: StaffRequest, person: Customer, *, phone: str = "") -> HttpResponse:
    held = list(wallets.visible_to(request.actor).filter(customer=person).select_related("programme").order_by("pk"))
    context = {
        "customer": person,
        "phone": phone,
        "wallets": [_shown(wallet) for wallet in held],
        "moments": story.of(person, held),
        "programmes": Programme.objects.filter(is_open=True).order_by("pk"),
        "key": formkeys.new(f"wallet.{person.pk}"),
    }
    return render(request, CUSTOMER, context)


def _shown(wallet: Wallet) -> dict[str, Any]:
    return {"wallet": wallet, "held": wallets.standing(wallet), "asset": moves.programme_of(wallet).asset_code}


def _present(person: Customer) -> dict[str, Any]:
    return {
        "name": person.name,
        "born_on": person.born_on.isoformat() if person.born_on else "",
        "tags": ", ".join(person.tags),
        "external_id": person.external_id,
        "home_store": person.home_store_id,
        "notes": person.notes,
    }
