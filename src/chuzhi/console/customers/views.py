from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import confirmation, formkeys
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.customers import own, relations, story
from chuzhi.console.customers.forms import CustomerForm
from chuzhi.console.customers.listing import LISTING
from chuzhi.console.customers.merging import WHY
from chuzhi.console.lists import pages
from chuzhi.console.messages import telling
from chuzhi.core.errors import Refused
from chuzhi.customers import duplicates, fields, profiles, queries, records
from chuzhi.customers.consent import agreeing
from chuzhi.customers.duplicates import Like
from chuzhi.customers.field_errors import FieldUnknown
from chuzhi.customers.identities import recognising
from chuzhi.customers.models import Customer, Merge
from chuzhi.customers.profiles import Given
from chuzhi.desk import contacts
from chuzhi.desk import queries as desk
from chuzhi.insights import buying, timeline
from chuzhi.insights.timeline import MONEY, RECORD, Asked
from chuzhi.organization import confirmations
from chuzhi.payments import methods
from chuzhi.till import memberships
from chuzhi.wallets import accounts, moves
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.sharing import members
from chuzhi.workforce import notes, tasks

CUSTOMER = "console/customers/customer.html"
EDIT = "console/customers/edit.html"
LATEST, MOST_TASKS = 20, 5


@staff_can("customers.view")
@require_safe
def customers_page(request: StaffRequest) -> HttpResponse:
    return pages.show(request, LISTING)


@staff_can("customers.edit")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = CustomerForm(
        posted(request), by=request.actor, initial={"home_store": request.store, "name": request.GET.get("name", "")}
    )
    key = formkeys.kept(request.POST.get("key", ""), "customer.0")
    likes: list[Like] = []
    if form.is_valid():
        try:
            likes = [] if request.POST.get("is_another") else _likes(form.cleaned_data)
            if not likes:
                made = profiles.register(by=request.actor, key=key, **form.cleaned_data)
                messages.success(request, _("%(name)s is a customer now.") % {"name": made.name})
                return redirect("console:customer", made.pk)
        except Refused as no:
            form.refuse(no)
    context = {"form": form, "key": key, "likes": [(one.customer, WHY[one.why]) for one in likes]}
    return render(request, EDIT, context, status=422 if form.is_bound else 200)


@staff_can("customers.view")
@require_safe
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Somebody whose record went into another is shown there."""
    if found := _shown_to(request).filter(pk=customer_id).first():
        return _customer(request, found)
    into = Customer.objects.filter(pk=customer_id).values_list("merged_into", flat=True).first()
    if into is None:
        raise Http404
    return redirect("console:customer", into)


@staff_can("customers.reveal")
@require_POST
def reveal(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The whole phone number, once, to somebody who has to call it. The look is kept."""
    person = _visible(request, customer_id)
    if page := confirmation.asked(request, confirmations.REVEAL, profiles.looks_lately(request.actor)):
        return page
    phone = profiles.reveal_phone(person, by=request.actor, reason="console")
    if request.headers.get("HX-Request") == "true":
        return render(request, f"{CUSTOMER}#phone", {"customer": person, "phone": phone})
    return _customer(request, person, phone=phone)


@staff_can("customers.reveal")
@require_POST
def reveal_field(request: StaffRequest, customer_id: int, key: str) -> HttpResponse:
    """One personal value of the shop's own fields, whole. The look is kept."""
    person = _visible(request, customer_id)
    try:
        value = profiles.reveal_field(person, key, by=request.actor)
    except FieldUnknown:
        raise Http404 from None
    return _customer(request, person, revealed={key: value})


@staff_can("customers.edit")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, customer_id: int) -> HttpResponse:
    person = _visible(request, customer_id)
    masked = {"phone": person.masked_phone, "email": person.masked_email}
    shown = {name: at for name, at in masked.items() if at}
    form = CustomerForm(posted(request), by=request.actor, person=person, initial=_present(person), masked=shown)
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


def _likes(said: dict[str, Any]) -> list[Like]:
    """Who is here already and may be this person. Refuses what cannot be kept."""
    clean = profiles.cleaned(Given(**said))  # type: ignore[typeddict-item]  # the form's fields are those of Given
    known = {name: clean.get(name) for name in ("name", "email", "identity_number", "born_on")}
    return duplicates.like(**known)  # type: ignore[arg-type]  # as `cleaned` keeps them


def _visible(request: StaffRequest, customer_id: int) -> Customer:
    return get_object_or_404(_shown_to(request), pk=customer_id)


def _shown_to(request: StaffRequest) -> QuerySet[Customer]:
    shown = queries.visible_to(request.actor).select_related("home_store", "owner")
    return recognising.beside(records.beside(shown))


def _customer(
    request: StaffRequest, person: Customer, *, phone: str = "", revealed: dict[str, Any] | None = None
) -> HttpResponse:
    asked = Asked(person, request.actor, LATEST)
    held = [wallet for wallet in asked.wallets if not wallet.is_joined]
    context = {
        "customer": person,
        "phone": phone,
        "preferred_method": methods.LABELS.get(person.preferred_method, ""),
        "shown": contacts.now(person).values(),
        "memberships": memberships.of(person.pk, request.actor),
        "bought": buying.most_often(person.pk, request.actor),
        "own": own.shown(person, fields.seen(request.actor), revealed or {}),
        "wallets": _shown(held),
        "shared": members.shared_with([person.pk], request.actor),
        "related": relations.shown(person, request),
        "consents": agreeing.now(person).values(),
        "moments": story.told(timeline.of(asked, [MONEY, RECORD]).moments, asked),
        "likes": [(one.customer, WHY[one.why]) for one in duplicates.of(person)],
        "merges": Merge.objects.filter(kept=person, undone_at=None).order_by("-made_at") if len(asked.customers) > 1 else [],
        "notes": notes.shown_first(person, request.actor),
        "tasks": tasks.waiting(request.actor).filter(customer=person)[:MOST_TASKS],
        "tickets": desk.latest_of(person, request.actor),
        "told": telling.latest(person, request.actor),
        "programmes": Programme.objects.filter(is_open=True).order_by("pk"),
        "key": formkeys.new(f"wallet.{person.pk}"),
    }
    return render(request, CUSTOMER, context)


def _shown(held: Sequence[Wallet]) -> list[dict[str, Any]]:
    now = wallets.standings(held, within_days=30)
    return [{"wallet": one, "held": now[one.pk], "asset": moves.programme_of(one).asset_code} for one in held]


def _present(person: Customer) -> dict[str, Any]:
    return {
        "name": person.name,
        "born_on": person.born_on.isoformat() if person.born_on else "",
        "tags": ", ".join(person.tags),
        "external_id": person.external_id,
        "home_store": person.home_store_id,
        "owner": person.owner_id,
        "notes": person.notes,
        "favourite": person.favourite,
        "preferred_method": person.preferred_method,
        "till_note": person.till_note,
    }
