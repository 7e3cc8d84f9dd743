"""All shifts with their differences, one shift with its report, and how each store keeps its cash."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.drawer.forms import KeepingForm
from chuzhi.console.values import plain
from chuzhi.core.errors import Refused
from chuzhi.organization import stores
from chuzhi.payments import methods
from chuzhi.payments.counter import drawer
from chuzhi.payments.counter import shifts as queries
from chuzhi.payments.counter.models import Shift

SHIFTS, SHIFT = "console/drawer/shifts.html", "console/drawer/shift.html"
PAPER, KEEPING = "console/drawer/paper.html", "console/drawer/keeping.html"
PAGE_SIZE = 50


@staff_can("drawer.review")
@require_safe
def shifts_page(request: StaffRequest) -> HttpResponse:
    """Newest first; of one store (`store`), only with a difference (`off`)."""
    places = stores.visible_to(request.actor)
    store = request.GET.get("store", "")
    found = queries.visible_to(request.actor)
    if store.isdecimal():
        found = found.filter(till__store=int(store))
    if request.GET.get("off"):
        found = queries.with_difference(found)
    context = {
        "page": keyset.page(found, ["-opened_at", "-id"], request.GET, size=PAGE_SIZE),
        "places": places,
        "store": store,
        "off": request.GET.get("off", ""),
        "may_manage": request.actor.may("drawer.manage"),
    }
    return render(request, SHIFTS, context)


@staff_can("drawer.view")
@require_safe
def shift(request: StaffRequest, shift_id: int) -> HttpResponse:
    return render(request, SHIFT, _report(request, shift_id))


@staff_can("drawer.view")
@require_safe
def paper(request: StaffRequest, shift_id: int) -> HttpResponse:
    return render(request, PAPER, _report(request, shift_id))


@staff_can("drawer.manage")
@require_http_methods(["GET", "POST"])
def keeping(request: StaffRequest, store_id: int) -> HttpResponse:
    store = get_object_or_404(stores.visible_to(request.actor), pk=store_id)
    kept = drawer.keeping_of(store)
    present = {
        "currency": kept.currency,
        "needs_shift": kept.needs_shift,
        "tolerance": plain(kept.tolerance, kept.currency),
        "usual_float": plain(kept.usual_float, kept.currency),
    }
    form = KeepingForm(posted(request), initial=present, currency=kept.currency)
    if form.is_valid():
        try:
            drawer.keep(store=store, by=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:shifts")
        except Refused as no:
            form.add_error(None, str(no))
    context = {"store": store, "form": form, "currency": kept.currency}
    return render(request, KEEPING, context, status=422 if form.is_bound else 200)


def _report(request: StaffRequest, shift_id: int) -> dict[str, object]:
    """A shift that is over; of one that goes on only its beginning is told, for whoever will count it."""
    found: Shift = get_object_or_404(queries.visible_to(request.actor), pk=shift_id)
    return {
        "shift": found,
        "opener": queries.name_of(found.opened_by),
        "closer": queries.name_of(found.closed_by) if found.closed_by else "",
        "moves": found.moves.order_by("pk"),
        "pieces": [(piece.value, piece.number, piece.value * piece.number) for piece in found.pieces.order_by("-value")],
        "otherwise": [(methods.name(method), came, went) for method, came, went in drawer.otherwise(found)],
        "off": abs(found.difference),
        "may_review": request.actor.may("drawer.review"),
    }
