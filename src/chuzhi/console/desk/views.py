"""The queue of tickets, one of them, and what is said in it."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.approvals import requests
from chuzhi.console import formkeys
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.desk import telling
from chuzhi.console.desk.forms import (
    AgainForm,
    CreditForm,
    HandForm,
    LostForm,
    NoteForm,
    ReplaceForm,
    StandingForm,
    TicketForm,
)
from chuzhi.console.desk.listing import LISTING
from chuzhi.console.lists import pages
from chuzhi.core.errors import Refused
from chuzhi.customers import queries as customers
from chuzhi.customers import search
from chuzhi.desk import queries, tickets
from chuzhi.desk.models import Step, Ticket
from chuzhi.messaging import kinds, outbox
from chuzhi.messaging import queries as log
from chuzhi.messaging.models import Delivery
from chuzhi.wallets import accounts, gifts, refunding
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.cards import ISSUE
from chuzhi.wallets.models import Card, Wallet

FIND, NEW, TICKET = (f"console/desk/{name}.html" for name in ("find", "new", "ticket"))
FOUND, LATEST = 25, 10


@staff_can(tickets.VIEW)
@require_safe
def tickets_page(request: StaffRequest) -> HttpResponse:
    return pages.show(request, LISTING)


@staff_can(tickets.WORK)
@require_safe
def find(request: StaffRequest) -> HttpResponse:
    """Whose ticket it is to be."""
    text = request.GET.get("find", "").strip()[:100]
    found = search.find(text, by=request.actor, limit=FOUND) if text else []
    return render(request, FIND, {"found": found, "find": text})


@staff_can(tickets.WORK)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Sent twice, it is opened once."""
    customer = get_object_or_404(customers.visible_to(request.actor), pk=customer_id)
    form = TicketForm(posted(request), initial={"kind": Ticket.Kind.COMPLAINT, "channel": Ticket.Channel.PHONE})
    key = formkeys.kept(request.POST.get("key", ""), f"ticket.{customer_id}")
    if form.is_valid():
        try:
            made = tickets.open_ticket(customer=customer, key=key, by=request.actor, store=request.store, **form.cleaned_data)
            return redirect("console:ticket", made.pk)
        except Refused as no:
            form.add_error(None, str(no))
    earlier = queries.latest_of(customer, request.actor)
    context = {"customer": customer, "form": form, "key": key, "earlier": earlier}
    return render(request, NEW, context, status=422 if form.is_bound else 200)


@staff_can(tickets.VIEW)
@require_safe
def ticket(request: StaffRequest, ticket_id: int) -> HttpResponse:
    return show(request, visible(request, ticket_id))


@staff_can(tickets.WORK)
@require_POST
def note(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """The button says how the ticket stands after it: `open`, `waiting` or `resolved`."""
    found, form = visible(request, ticket_id), NoteForm(request.POST)
    state = request.POST.get("state", Ticket.State.OPEN)
    return done(
        request, found, "note", form, lambda: tickets.note(ticket=found, state=state, by=request.actor, **form.cleaned_data)
    )


@staff_can(tickets.WORK)
@require_POST
def hand(request: StaffRequest, ticket_id: int) -> HttpResponse:
    found, form = visible(request, ticket_id), HandForm(request.POST)
    return done(request, found, "hand", form, lambda: tickets.hand(ticket=found, by=request.actor, **form.cleaned_data))


def visible(request: StaffRequest, ticket_id: int) -> Ticket:
    return get_object_or_404(queries.visible_to(request.actor), pk=ticket_id)


def wallets_of(request: StaffRequest, found: Ticket) -> list[Wallet]:
    """Those of the customer; what was joined to another one after a merge is not used any more."""
    held = wallets.visible_to(request.actor).filter(customer=found.customer_id).select_related("programme")
    return [wallet for wallet in held.order_by("pk") if not wallet.is_joined]


def cards_of(request: StaffRequest, found: Ticket) -> list[Card]:
    """Those that have not ended."""
    mine = Card.objects.filter(wallet__in=wallets_of(request, found)).exclude(status=Card.Status.DEAD)
    return list(mine.select_related("wallet__programme").order_by("pk"))


def deliveries_of(request: StaffRequest, found: Ticket) -> list[Delivery]:
    """What the customer was told lately and can be told again: nothing secret, nothing that is on its way."""
    secret = [kind.name for kind in kinds.every() if kind.has_secrets]
    told = log.visible_to(request.actor).filter(message__customer=found.customer_id).exclude(message__kind__in=secret)
    return list(told.exclude(state__in=[Delivery.State.WAITING, Delivery.State.SENDING])[:LATEST])


def done(
    request: StaffRequest, found: Ticket, name: str, form: forms.Form, command: Callable[[], object], said: str = ""
) -> HttpResponse:
    """The one call that writes, or the page again with what was wrong."""
    if form.is_valid():
        try:
            made = command()
            messages.success(request, said or _saved(made))
            return redirect("console:ticket", found.pk)
        except Refused as no:
            form.add_error(None, str(no))
    return show(request, visible(request, found.pk), refused={name: form})


def _saved(made: object) -> str:
    told = ", ".join(made.mentioned.values_list("name", flat=True)) if isinstance(made, Step) else ""
    return _("Saved, and told %(names)s.") % {"names": told} if told else _("Saved.")


def show(
    request: StaffRequest,
    found: Ticket,
    *,
    refused: Mapping[str, forms.Form] | None = None,
    is_too_much: bool = False,
    key: str = "",
) -> HttpResponse:
    steps, actor = queries.story(found), request.actor
    context: dict[str, Any] = {
        "ticket": found,
        "customer": found.customer,
        "story": telling.story(steps),
        "seen": steps[-1].number if steps else 0,
        "key": key or formkeys.new(f"ticket.{found.pk}"),
        "is_too_much": is_too_much,
        "may_give": actor.may(gifts.GIVE),
        "may_work": actor.may(tickets.WORK),
    }
    if actor.may(tickets.WORK):
        context |= _forms(request, found)
    return render(request, TICKET, context | dict(refused or {}), status=422 if refused else 200)


def _forms(request: StaffRequest, found: Ticket) -> dict[str, Any]:
    """What this person may do about it now."""
    may: dict[str, Any] = {"note": NoteForm(), "hand": HandForm()}
    held = wallets_of(request, found) if found.is_open else []
    cards = cards_of(request, found) if found.is_open and request.actor.may(ISSUE) else []
    active = [card for card in cards if card.status == Card.Status.ACTIVE]
    told = deliveries_of(request, found) if found.is_open and request.actor.may(outbox.RESEND) else []
    if held and (request.actor.may(gifts.GIVE) or request.actor.may(requests.ASK)):
        may["credit"] = CreditForm(wallets=held)
    if held and request.actor.may(accounts.FREEZE):
        may["standing"] = StandingForm(wallets=held)
    if request.actor.may(refunding.ASK):
        may["refundable"] = held
    if active:
        may["lost"] = LostForm(cards=active)
    if cards:
        may["replace"] = ReplaceForm(cards=cards)
    if told:
        may["again"] = AgainForm(deliveries=told)
    return may
