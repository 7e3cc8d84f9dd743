"""What is done from inside a ticket: a bonus given or asked for, a wallet frozen, a card blocked."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.desk import views
from chuzhi.console.desk.forms import AgainForm, CreditForm, LostForm, ReplaceForm, StandingForm
from chuzhi.core.errors import Refused
from chuzhi.desk import acting, tickets
from chuzhi.wallets import gifts


@staff_can(tickets.WORK)
@require_POST
def credit(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """Given at once by whoever may; by anybody else, or above what they may do alone, sent for approval. Once a form."""
    found = views.visible(request, ticket_id)
    form = CreditForm(request.POST, wallets=views.wallets_of(request, found))
    key, is_too_much = formkeys.kept(request.POST.get("key", ""), f"ticket.{found.pk}"), False
    if form.is_valid() and key == request.POST.get("key"):
        asked: dict[str, Any] = {"ticket": found, "key": key, "by": request.actor, "seen": _seen(request)} | form.chosen
        try:
            if request.actor.may(gifts.GIVE) and request.POST.get("act") != "ask":
                given = acting.credit(**asked)
                messages.success(request, _("Given: entry %(number)s.") % {"number": given.entry})
            else:
                sent = acting.ask_credit(store=request.store.pk if request.store else None, **asked)
                number = sent.approval.number if sent.approval else ""
                messages.success(request, _("Sent for approval: %(number)s.") % {"number": number})
            return redirect("console:ticket", found.pk)
        except Refused as no:
            is_too_much = isinstance(no, SecondPersonNeeded)
            form.add_error("amount" if is_too_much else None, values.sentence(no, form.asset))
    return views.show(request, found, refused={"credit": form}, is_too_much=is_too_much, key=key)


@staff_can(tickets.WORK)
@require_POST
def standing(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """The button says it: `freeze` or `unfreeze`."""
    found = views.visible(request, ticket_id)
    form = StandingForm(request.POST, wallets=views.wallets_of(request, found))
    key = formkeys.kept(request.POST.get("key", ""), f"ticket.{found.pk}")
    command = acting.unfreeze if request.POST.get("act") == "unfreeze" else acting.freeze

    def stand() -> object:
        return command(ticket=found, wallet=form.known[form.cleaned_data["wallet"]], key=key, by=request.actor)

    return views.done(request, found, "standing", form, stand)


@staff_can(tickets.WORK)
@require_POST
def lost(request: StaffRequest, ticket_id: int) -> HttpResponse:
    found = views.visible(request, ticket_id)
    form = LostForm(request.POST, cards=views.cards_of(request, found))

    def block() -> object:
        card = form.known[form.cleaned_data["card"]]
        return acting.report_lost(ticket=found, card=card, said=form.said, by=request.actor)

    return views.done(request, found, "lost", form, block, _("Blocked: this number finds nothing any more."))


@staff_can(tickets.WORK)
@require_POST
def replace(request: StaffRequest, ticket_id: int) -> HttpResponse:
    """The new number stands in the ticket, with the link to its card."""
    found = views.visible(request, ticket_id)
    form = ReplaceForm(request.POST, cards=views.cards_of(request, found))
    key = formkeys.kept(request.POST.get("key", ""), f"ticket.{found.pk}")

    def give() -> object:
        card = form.known[form.cleaned_data["card"]]
        return acting.replace_card(ticket=found, card=card, said=form.said, key=key, by=request.actor)

    return views.done(request, found, "replace", form, give, _("Replaced: the old number has ended."))


@staff_can(tickets.WORK)
@require_POST
def again(request: StaffRequest, ticket_id: int) -> HttpResponse:
    found = views.visible(request, ticket_id)
    form = AgainForm(request.POST, deliveries=views.deliveries_of(request, found))

    def send() -> object:
        delivery = form.known[form.cleaned_data["delivery"]]
        return acting.send_again(ticket=found, delivery=delivery, seen=_seen(request), by=request.actor)

    return views.done(request, found, "again", form, send, _("It is sent again."))


def _seen(request: StaffRequest) -> int | None:
    """The last step that the page had shown."""
    given = request.POST.get("seen", "")
    return int(given) if given.isdecimal() else None
