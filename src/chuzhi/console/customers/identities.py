"""Who a customer is elsewhere: their accounts in other channels, how sure each is, and taking one off."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.customers.merging import WHY
from chuzhi.core.errors import Refused
from chuzhi.customers import queries
from chuzhi.customers.duplicates import Why
from chuzhi.customers.identities import recognising
from chuzhi.customers.identities.errors import IdentityUnknown
from chuzhi.customers.identities.models import Identity
from chuzhi.customers.models import Customer

PAGE = "console/customers/identities.html"
CHANNELS: dict[str, Promise] = {"wechat": gettext_lazy("WeChat"), "alipay": gettext_lazy("Alipay")}
"""Channels that have a name in every language; others are called as they are."""


@staff_can(queries.VIEW)
@require_safe
def identities(request: StaffRequest, customer_id: int) -> HttpResponse:
    person = get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
    rows = [(one, CHANNELS.get(one.channel, one.channel), _why(one)) for one in recognising.of(person, request.actor)]
    context = {"customer": person, "rows": rows, "may_write": request.actor.may(recognising.WRITE)}
    return render(request, PAGE, context)


@staff_can(recognising.WRITE)
@require_POST
def take_off(request: StaffRequest, customer_id: int, identity_id: int) -> HttpResponse:
    return _acted(request, customer_id, identity_id, recognising.take_off, _("It has a record of its own now."))


@staff_can(recognising.WRITE)
@require_POST
def are_two(request: StaffRequest, customer_id: int, identity_id: int) -> HttpResponse:
    return _acted(request, customer_id, identity_id, recognising.are_two, _("Written down: they are two people."))


def _acted(request: StaffRequest, customer_id: int, identity_id: int, act: Callable[..., Identity], said: str) -> HttpResponse:
    person = get_object_or_404(queries.visible_to(request.actor), pk=customer_id)
    try:
        act(identity=_one(person, identity_id, request), by=request.actor)
        messages.success(request, said)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:customer_identities", customer_id)


def _one(person: Customer, number: int, request: StaffRequest) -> Identity:
    found = recognising.of(person, request.actor).filter(pk=number).first()
    if found is None:
        raise IdentityUnknown
    return found


def _why(one: Identity) -> str | Promise:
    if one.perhaps_why == recognising.PHONE:
        return _("same phone number, which the channel has not verified")
    return WHY[Why(one.perhaps_why)] if one.perhaps_why else ""
