from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chuzhi.console import choices
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.wallets import telling
from chuzhi.customers import queries as customers
from chuzhi.ledger.batch import shop_zone
from chuzhi.organization.models import Store
from chuzhi.till import records
from chuzhi.till.errors import ReceiptUnknown
from chuzhi.wallets import moves, queries, spending

SALE = "console/sales/sale.html"
TRAIL = "console/sales/trail.html"
PAGE_SIZE = 50


class TrailForm(forms.Form):
    """Empty fields narrow nothing."""

    store = choices.store(label=_("Store"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


@staff_can("wallets.view")
@require_safe
def sale(request: StaffRequest, operation: str) -> HttpResponse:
    """Everything about one sale on one page."""
    try:
        record = records.of(operation=operation, actor=request.actor)
    except ReceiptUnknown:
        raise Http404 from None
    wallet = queries.visible_to(request.actor).select_related("customer").get(pk=record.receipt.wallet.pk)
    context = {
        "record": record,
        "receipt": record.receipt,
        "asset": record.receipt.currency,
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": moves.programme_of(wallet),
        "label": telling.KINDS[record.receipt.kind][0],
        "seq": record.seq,
        "before": record.receipt.available_before,
        "lines": [
            (line, out.said(out.back) if out.back else "") for line, out in zip(record.receipt.lines, record.out, strict=True)
        ],
        "may_take_back": request.actor.may(spending.REFUND) and any(out.quantity for out in record.out),
    }
    return render(request, SALE, context)


@staff_can("wallets.view")
@require_safe
def trail(request: StaffRequest, customer_id: int) -> HttpResponse:
    """What a customer bought, where and when, with all of their wallets."""
    person = get_object_or_404(customers.visible_to(request.actor), pk=customer_id)
    form = TrailForm(request.GET)
    if not form.is_valid():
        return render(request, TRAIL, {"customer": person, "form": form, "rows": []}, status=422)
    given = form.cleaned_data
    wallets = list(queries.visible_to(request.actor).filter(customer=person).select_related("programme"))
    rows = records.trail(
        wallets=wallets,
        store=given["store"].pk if given["store"] else None,
        since=_midnight(given["since"]) if given["since"] else None,
        before=_before(request.GET.get("before", ""))
        or (_midnight(given["until"] + timedelta(days=1)) if given["until"] else None),
        limit=PAGE_SIZE + 1,
    )
    names = dict(Store.objects.values_list("pk", "name"))
    shown = [(row, moves.programme_of(row.wallet), names.get(row.store or 0, "–")) for row in rows[:PAGE_SIZE]]
    kept = {name: value for name, value in request.GET.items() if name != "before" and value}
    following = f"?{urlencode(kept | {'before': rows[PAGE_SIZE - 1].at.isoformat()})}" if len(rows) > PAGE_SIZE else ""
    context = {"customer": person, "form": form, "rows": shown, "next": following}
    return render(request, TRAIL, context)


def _midnight(day: datetime) -> datetime:
    return datetime.combine(day, time.min, shop_zone())


def _before(given: str) -> datetime | None:
    """Where the page before ended; anything else begins anew."""
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
