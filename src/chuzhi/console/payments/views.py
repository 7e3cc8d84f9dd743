from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.payments.forms import RemarkForm
from chuzhi.core.errors import Refused
from chuzhi.payments import incidents, intents, queries
from chuzhi.payments.models import Incident, Payment
from chuzhi.topups import orders
from chuzhi.topups.models import Order
from chuzhi.ui.templatetags import ui

PAYMENTS, PAYMENT = "console/payments/list.html", "console/payments/payment.html"
INCIDENTS, INCIDENT = "console/payments/incidents.html", "console/payments/incident.html"
PAGE_SIZE = 50


@staff_can("payments.view")
@require_safe
def payments_page(request: StaffRequest) -> HttpResponse:
    """Newest first; found by our number or the provider's."""
    find, stage = request.GET.get("find", "").strip()[:80], request.GET.get("stage", "")
    found = queries.visible_to(request.actor)
    if find:
        found = found.filter(number=find) | found.filter(provider_id=find)
    if stage in Payment.Stage.values:
        found = found.filter(stage=stage)
    page = keyset.page(found, ("-created_at", "-id"), request.GET, size=PAGE_SIZE)
    context = {
        "page": page,
        "find": find,
        "stage": stage,
        "stages": Payment.Stage.choices,
        "open_incidents": queries.incidents(request.actor).count(),
    }
    return render(request, PAYMENTS, context)


@staff_can("payments.view")
@require_safe
def payment(request: StaffRequest, number: str) -> HttpResponse:
    """What was asked, what every message said, what went back."""
    found = get_object_or_404(queries.visible_to(request.actor), number=number)
    context = {
        "payment": found,
        "notices": queries.notices_of(found),
        "refunds": queries.refunds_of(found),
        "incidents": found.incidents.order_by("pk"),
        "order": Order.objects.filter(pk=found.subject_id).first() if found.purpose == orders.PURPOSE else None,
    }
    return render(request, PAYMENT, context)


@staff_can("payments.view")
@require_POST
def ask(request: StaffRequest, number: str) -> HttpResponse:
    """Ask the provider now instead of waiting for its message."""
    found = get_object_or_404(queries.visible_to(request.actor), number=number)
    if found.stage == Payment.Stage.PAID:
        messages.info(request, _("This payment is over; there is nothing to ask."))
    else:
        after = intents.ask(found)
        said = (
            _("The provider was asked: %(stage)s.") if after.is_over else _("The provider was asked. Nothing new: %(stage)s.")
        )
        messages.success(request, said % {"stage": after.get_stage_display()})
    return redirect("console:payment", number)


@staff_can("payments.view")
@require_safe
def incidents_page(request: StaffRequest) -> HttpResponse:
    every = request.GET.get("all") == "yes"
    found = queries.incidents(request.actor, only_open=not every)
    page = keyset.page(found, ("opened_at", "id"), request.GET, size=PAGE_SIZE)
    return render(request, INCIDENTS, {"page": page, "every": every})


@staff_can("payments.refund")
@require_http_methods(["GET", "POST"])
def incident(request: StaffRequest, incident_id: int) -> HttpResponse:
    found = get_object_or_404(queries.incidents(request.actor, only_open=False), pk=incident_id)
    form = RemarkForm(posted(request))
    if form.is_valid():
        try:
            incidents.close(incident=found, remark=form.cleaned_data["remark"], by=request.actor)
            messages.success(request, _("Closed."))
            return redirect("console:payment_incidents")
        except Refused as no:
            form.add_error("remark", str(no))
    context = {"incident": found, "form": form, "facts": _facts(found)}
    return render(request, INCIDENT, context, status=422 if form.is_bound else 200)


def _facts(found: Incident) -> list[tuple[str, object]]:
    """What the provider told and what we had asked for, amounts as money."""
    labels = {
        "amount": _("Paid"),
        "asked": _("Due"),
        "merchant": _("Paid to"),
        "reason": _("Reason"),
        "provider_id": _("Provider’s number"),
    }
    currency = str(found.facts.get("currency") or found.account.currency)
    return [
        (label, ui.money(told, currency) if name in {"amount", "asked"} else told)
        for name, label in labels.items()
        if (told := found.facts.get(name))
    ]
