"""The drawer of the till where somebody works: opened, added to and taken from, counted without knowing what should be there."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chuzhi.console import formkeys
from chuzhi.console.access import StaffRequest, at_till, posted, staff_can
from chuzhi.console.drawer.forms import CountForm, MoveForm, OpenForm
from chuzhi.console.values import plain, sentence, text
from chuzhi.core.errors import Refused
from chuzhi.organization.models import Till
from chuzhi.payments.counter import drawer, shifts
from chuzhi.payments.counter.models import DrawerMove, Shift

DRAWER = "console/drawer/drawer.html"
COUNT = "console/drawer/count.html"


@staff_can("drawer.use")
@at_till
@require_http_methods(["GET", "POST"])
def drawer_page(request: StaffRequest) -> HttpResponse:
    """The open shift; or, if there is none, the form that opens one."""
    till = _till(request)
    shift = shifts.open_at(till)
    if shift is not None and request.method == "GET":
        return (
            redirect("console:drawer_count")
            if shift.counting_since
            else _opened(request, shift, MoveForm(currency=shift.currency))
        )
    keeping = drawer.keeping_of(till.store)
    currency = keeping.currency
    form = OpenForm(posted(request), currency=currency, initial={"opened_with": plain(keeping.usual_float, currency)})
    if form.is_valid():
        try:
            drawer.open_shift(till=till, opened_with=form.cleaned_data["opened_with"], by=request.actor)
            messages.success(request, _("The shift is open."))
            return redirect("console:drawer")
        except Refused as no:
            form.add_error(None, str(no))
    context = {"form": form, "till": till, "currency": currency, "last": shifts.last_at(till)}
    return render(request, DRAWER, context, status=422 if form.is_bound else 200)


@staff_can("drawer.use")
@at_till
@require_POST
def move(request: StaffRequest) -> HttpResponse:
    """Cash goes in or out. Sent twice, it goes once."""
    shift = shifts.open_at(_till(request))
    if shift is None:
        return redirect("console:drawer")
    form = MoveForm(request.POST, currency=shift.currency)
    if form.is_valid() and formkeys.is_for(_about(shift), request.POST.get("key", "")):
        try:
            made = drawer.move(shift=shift, key=request.POST["key"], by=request.actor, **form.cleaned_data)
            said = {"what": made.get_way_display(), "amount": text(made.amount, shift.currency)}
            messages.success(request, _("%(what)s: %(amount)s.") % said)
            return redirect("console:drawer")
        except Refused as no:
            form.add_error(None, sentence(no, shift.currency))
    return _opened(request, shift, form, status=422)


@staff_can("drawer.use")
@at_till
@require_http_methods(["GET", "POST"])
def count(request: StaffRequest) -> HttpResponse:
    """Begin the count (`do=begin`), then end the shift with what was found. What should be there is not shown before."""
    shift = shifts.open_at(_till(request))
    if shift is None:
        return redirect("console:drawer")
    if shift.counting_since is None:
        if request.method == "POST" and request.POST.get("do") == "begin":
            drawer.begin_count(shift=shift, by=request.actor)
            return redirect("console:drawer_count")
        return redirect("console:drawer")
    form = CountForm(posted(request), currency=shift.currency)
    if form.is_valid():
        try:
            drawer.close(shift=shift, pieces=form.pieces(), reason=form.cleaned_data["reason"], by=request.actor)
            return redirect("console:shift", shift.pk)
        except Refused as no:
            form.add_error("reason" if no.code == "shift.reason_missing" else None, str(no))
    return render(request, COUNT, {"shift": shift, "form": form}, status=422 if form.is_bound else 200)


@staff_can("drawer.use")
@at_till
@require_POST
def go_on(request: StaffRequest) -> HttpResponse:
    """The count was begun too early."""
    shift = shifts.open_at(_till(request))
    if shift is not None:
        drawer.go_on(shift=shift, by=request.actor)
    return redirect("console:drawer")


def _opened(request: StaffRequest, shift: Shift, form: MoveForm, status: int = 200) -> HttpResponse:
    context = {
        "shift": shift,
        "opener": shifts.name_of(shift.opened_by),
        "moves": shift.moves.order_by("-pk"),
        "form": form,
        "key": formkeys.new(_about(shift)),
        "out": DrawerMove.Way.OUT,
    }
    return render(request, DRAWER, context, status=status)


def _about(shift: Shift) -> str:
    return f"drawer.{shift.pk}"


def _till(request: StaffRequest) -> Till:
    """The gate before has made sure that one is chosen."""
    if request.till is None:
        raise LookupError("no till is chosen")
    return request.till
