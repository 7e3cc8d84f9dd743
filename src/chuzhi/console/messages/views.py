"""The log of deliveries, and the inbox of whoever is signed in."""

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import SIGNED_IN, StaffRequest, posted, staff_can
from chuzhi.console.messages import telling
from chuzhi.core.errors import Refused
from chuzhi.customers import search
from chuzhi.desk import queries as desk
from chuzhi.messaging import inbox, kinds, outbox, queries
from chuzhi.messaging.channels.registry import LABELS
from chuzhi.messaging.models import Delivery
from chuzhi.organization import staff

LOG = "console/messages/log.html"
MESSAGE = "console/messages/message.html"
INBOX = "console/messages/inbox.html"
PAGE_SIZE = 25
ORDER = ("-id",)


class AddressForm(forms.Form):
    email = forms.CharField(label=gettext_lazy("E-mail"), max_length=254, required=False, widget=forms.EmailInput)


@staff_can("messages.view")
@require_safe
def log(request: StaffRequest) -> HttpResponse:
    """Newest first, by channel, state, kind and person."""
    asked = {name: request.GET.get(name, "").strip() for name in ("channel", "state", "kind", "find")}
    page = keyset.page(_filtered(request, asked), ORDER, request.GET, size=PAGE_SIZE)
    context = {
        **asked, "page": page, "rows": [telling.told(one) for one in page.rows], "is_filtered": any(asked.values()),
        "channels": LABELS.items(), "states": Delivery.State.choices, "kinds": kinds.every(),
    }  # fmt: skip
    return render(request, LOG, context)


@staff_can("messages.view")
@require_safe
def message(request: StaffRequest, delivery_id: int) -> HttpResponse:
    return _message(request, _visible(request, delivery_id))


@staff_can("messages.resend")
@require_POST
def resend(request: StaffRequest, delivery_id: int) -> HttpResponse:
    delivery = _visible(request, delivery_id)
    try:
        outbox.resend(delivery=delivery, by=request.actor)
        messages.success(request, _("It is sent again."))
        return redirect("console:message", delivery_id)
    except Refused as no:
        return _message(request, delivery, said=str(no))


@staff_can(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def inbox_page(request: StaffRequest) -> HttpResponse:
    """What there is to read, and (POST) where else it should go."""
    form = AddressForm(posted(request), initial={"email": request.user.email or ""})
    if form.is_valid():
        try:
            staff.be_reached_at(staff=request.user, email=form.cleaned_data["email"], by=request.actor)
            messages.success(request, _("Saved."))
            return redirect("console:inbox")
        except Refused as no:
            form.add_error("email", str(no))
    page = keyset.page(inbox.of(request.actor), ORDER, request.GET, size=PAGE_SIZE)
    rows = [{"delivery": one, "address": telling.address_of(one.message.subject)} for one in page.rows]
    context = {"page": page, "rows": rows, "form": form, "new": inbox.unread(request.actor)}
    return render(request, INBOX, context, status=422 if form.is_bound else 200)


@staff_can(SIGNED_IN)
@require_POST
def read(request: StaffRequest) -> HttpResponse:
    inbox.read(by=request.actor)
    return redirect("console:inbox")


def _visible(request: StaffRequest, delivery_id: int) -> Delivery:
    return get_object_or_404(queries.visible_to(request.actor), pk=delivery_id)


def _filtered(request: StaffRequest, asked: dict[str, str]) -> QuerySet[Delivery]:
    found = queries.visible_to(request.actor)
    for name, column in (("channel", "channel"), ("state", "state"), ("kind", "message__kind")):
        found = found.filter(**{column: asked[name]}) if asked[name] else found
    if asked["find"]:
        people = [one.id for one in search.find(asked["find"], by=request.actor, limit=PAGE_SIZE)]
        found = found.filter(message__customer__in=people)
    return found


def _message(request: StaffRequest, delivery: Delivery, *, said: str = "") -> HttpResponse:
    is_going = delivery.state in {Delivery.State.WAITING, Delivery.State.SENDING}
    person = delivery.message.customer
    context = telling.told(delivery) | {
        "said": said,
        "tickets": desk.about_delivery(delivery, request.actor) if person else [],
        "may_resend": not is_going and request.actor.may(outbox.RESEND),
        "address": person.masked_email if person and delivery.channel == "email" else "",
    }
    return render(request, MESSAGE, context, status=422 if said else 200)
