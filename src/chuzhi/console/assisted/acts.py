"""What is done about a request. Each form brings a key, so that it can be sent twice and done once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chuzhi.console import formkeys
from chuzhi.console.access import StaffRequest, at_till, staff_can
from chuzhi.console.assisted.forms import CounterForm, LinkForm, ReasonForm
from chuzhi.console.assisted.views import is_current, show, tell, visible
from chuzhi.core.errors import Refused
from chuzhi.topups import orders
from chuzhi.topups.assisted import fulfilling, remedies, requests
from chuzhi.topups.assisted.models import AssistedTopUp


@staff_can(requests.ASSIST)
@require_POST
def link(request: StaffRequest, number: str) -> HttpResponse:
    row = visible(request, number)
    form, key = LinkForm(request.POST, asset=row.currency, auto_id="link_%s"), _key(request, row, "link")
    if is_current(form, key, request) and form.is_valid():
        try:
            sent = fulfilling.send_link(request=row, key=key, by=request.actor, **form.cleaned_data)
            mailed = form.cleaned_data["is_mailed"] and not sent.is_replayed
            messages.success(request, _("The pay link is on its way.") if mailed else _("The pay link is ready."))
            return redirect("console:assisted_request", number)
        except Refused as no:
            tell(form, no, row.currency)
    return show(request, visible(request, number), link=form, status=422)


@staff_can("till.top_up")
@require_POST
def cancel_link(request: StaffRequest, number: str) -> HttpResponse:
    """Nobody pays by it any more; money that still comes goes back."""
    row = visible(request, number)
    try:
        if row.order is not None:
            orders.cancel(order=row.order, by=request.actor)
        messages.success(request, _("Cancelled. Money that still comes goes back."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:assisted_request", number)


@staff_can("till.top_up")
@at_till
@require_POST
def tender(request: StaffRequest, number: str) -> HttpResponse:
    row = visible(request, number)
    form, key = CounterForm(request.POST, asset=row.currency, auto_id="counter_%s"), _key(request, row, "tender")
    if is_current(form, key, request) and form.is_valid():
        given, till = form.cleaned_data, request.till
        try:
            moved = fulfilling.tender(
                request=row, amount=given["amount"], method=given["method"], slip=given["paper"], key=key, by=request.actor,
                store=till.store_id if till else 0, till=till.pk if till else None,
            )  # fmt: skip
            return redirect("console:till_receipt", moved.id)
        except Refused as no:
            tell(form, no, row.currency)
    return show(request, visible(request, number), counter=form, status=422)


@staff_can(requests.ASSIST)
@require_POST
def clear(request: StaffRequest, number: str) -> HttpResponse:
    row, obstacle = visible(request, number), request.POST.get("obstacle", "")[:120]
    form, key = ReasonForm(request.POST, auto_id="clearing_%s"), _key(request, row, "clear")
    if is_current(form, key, request) and form.is_valid():
        try:
            remedies.clear(request=row, obstacle=obstacle, reason=form.cleaned_data["reason"], key=key, by=request.actor)
            messages.success(request, _("Cleared."))
            return redirect("console:assisted_request", number)
        except Refused as no:
            form.add_error("reason", str(no))
    return show(request, visible(request, number), clearing=form, obstacle=obstacle, status=422)


@staff_can(requests.ASSIST)
@require_POST
def close(request: StaffRequest, number: str) -> HttpResponse:
    row, form = visible(request, number), ReasonForm(request.POST, auto_id="closing_%s")
    if form.is_valid():
        try:
            requests.close(request=row, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Closed without a top-up."))
            return redirect("console:assisted_request", number)
        except Refused as no:
            form.add_error("reason", str(no))
    return show(request, visible(request, number), closing=form, status=422)


def _key(request: StaffRequest, row: AssistedTopUp, act: str) -> str:
    return formkeys.kept(request.POST.get("key", ""), f"assist_{act}.{row.wallet_id}.{row.pk}")
