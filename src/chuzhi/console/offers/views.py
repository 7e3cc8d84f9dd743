from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.offers import telling, trying
from chuzhi.console.offers.forms import BandsForm, NewOfferForm, OfferForm, as_typed, bands_as_typed, bands_of
from chuzhi.core.errors import Refused
from chuzhi.organization.models import Store
from chuzhi.topups import costs, offers
from chuzhi.topups.offer_errors import OfferUnusable
from chuzhi.wallets.models import Programme

OFFERS, OFFER, EDIT = (f"console/offers/{name}.html" for name in ("list", "offer", "edit"))
MOST_SHOWN = 200


@staff_can("offers.view")
@require_safe
def offers_page(request: StaffRequest) -> HttpResponse:
    """Newest first, each with what it has cost so far."""
    found = list(offers.visible_to(request.actor)[:MOST_SHOWN])
    terms, spent, now = offers.terms_of(found), costs.of(found), timezone.now()
    lines = [telling.line(offer, terms[offer.pk], spent[offer.pk], now) for offer in found]
    return render(request, OFFERS, {"lines": lines, "may_manage": request.actor.may(offers.MANAGE)})


@staff_can("offers.view")
@require_safe
def offer(request: StaffRequest, offer_id: int) -> HttpResponse:
    """What it gives, to whom, what it has cost, and what an amount yields."""
    found = get_object_or_404(offers.visible_to(request.actor), pk=offer_id)
    terms, asset = offers.terms_of([found])[found.pk], found.programme.asset
    line = telling.line(found, terms, costs.of([found])[found.pk], timezone.now())
    context = {
        "offer": found,
        "line": line,
        "asset": asset,
        "conditions": telling.conditions(terms, dict(Store.objects.values_list("pk", "name"))),
        "versions": found.versions.order_by("-version"),
        "yields": trying.rows(offers.ruled(found, terms).bands, asset),
        "may_manage": request.actor.may(offers.MANAGE),
    }
    return render(request, OFFER, context)


@staff_can("offers.manage")
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    form = NewOfferForm(posted(request))
    rows = BandsForm(posted(request), prefix="bands", form_kwargs={"asset": form.asset})
    if form.is_valid() & rows.is_valid():
        given = form.cleaned_data
        try:
            made = offers.add(
                programme=given["programme"], name_zh=given["name_zh"], name_en=given["name_en"], budget=given["budget"],
                conditions=form.conditions(), bands=bands_of(rows), by=request.actor,
            )  # fmt: skip
            messages.success(request, _("The offer is kept."))
            return redirect("console:offer", made.pk)
        except Refused as no:
            _put(form, no)
    return _edit(request, form, rows, {"asset": form.asset})


@staff_can("offers.manage")
@require_http_methods(["GET", "POST"])
def change(request: StaffRequest, offer_id: int) -> HttpResponse:
    """A new version, which starts from what the offer says now."""
    found = get_object_or_404(offers.visible_to(request.actor), pk=offer_id)
    terms, asset = offers.terms_of([found])[found.pk], found.programme.asset
    typed = bands_as_typed(terms, asset)
    if typed is None:
        messages.error(request, _("A program has made this offer, with more than this form can say: change it there."))
        return redirect("console:offer", found.pk)
    form = OfferForm(posted(request), asset=asset, initial=as_typed(found, terms, asset))
    rows = BandsForm(posted(request), prefix="bands", form_kwargs={"asset": asset}, initial=typed)
    if form.is_valid() & rows.is_valid():
        given = form.cleaned_data
        try:
            offers.change(
                offer=found, name_zh=given["name_zh"], name_en=given["name_en"], budget=given["budget"],
                conditions=form.conditions(terms.starts_at), bands=bands_of(rows), by=request.actor,
            )  # fmt: skip
            messages.success(request, _("The offer is kept."))
            return redirect("console:offer", found.pk)
        except Refused as no:
            _put(form, no)
    return _edit(request, form, rows, {"offer": found, "asset": asset})


@staff_can("offers.manage")
@require_POST
def try_out(request: StaffRequest) -> HttpResponse:
    """What amounts would yield under the bands as they are typed, and what the top-ups of late would have cost. Keeps nothing."""
    number = request.POST.get("programme", "")
    found = Programme.objects.filter(pk=number).first() if number.isdecimal() and len(number) < 10 else None
    asset = found.asset if found else "CNY"
    rows = BandsForm(request.POST, prefix="bands", form_kwargs={"asset": asset})
    bands = trying.bands(rows)
    context = {
        "yields": trying.rows(bands, asset),
        "past": trying.past(costs.replayed(found.pk, bands), asset) if found and bands else "",
    }
    return render(request, f"{EDIT}#yields", context)


@staff_can("offers.manage")
@require_POST
def stop(request: StaffRequest, offer_id: int) -> HttpResponse:
    return _turn(request, offer_id, offers.stop, _("The offer has stopped. What was promised is still given."))


@staff_can("offers.manage")
@require_POST
def resume(request: StaffRequest, offer_id: int) -> HttpResponse:
    return _turn(request, offer_id, offers.resume, _("The offer goes on."))


def _turn(request: StaffRequest, offer_id: int, act: Any, said: str) -> HttpResponse:
    found = get_object_or_404(offers.visible_to(request.actor), pk=offer_id)
    try:
        act(offer=found, by=request.actor)
        messages.success(request, said)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:offer", found.pk)


def _edit(request: StaffRequest, form: OfferForm, rows: Any, more: dict[str, Any]) -> HttpResponse:
    context = {"form": form, "rows": rows, "yields": trying.rows(trying.bands(rows), more["asset"])} | more
    return render(request, EDIT, context, status=422 if form.is_bound else 200)


def _put(form: OfferForm, no: Refused) -> None:
    """A refusal at the field that it is about, in words that a person can act on."""
    field = str(no.facts.get("field", "")) if isinstance(no, OfferUnusable) else ""
    form.add_error((form.fields.get(field) and field) or None, str(telling.WRONG.get(field, no)))
