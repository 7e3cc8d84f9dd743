"""Applications for a higher limit: made at the counter, decided by somebody else, with what the customer did before in view."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.limits import telling
from chuzhi.console.limits.forms import DecisionForm, RaiseForm
from chuzhi.core import documents
from chuzhi.core.errors import Refused
from chuzhi.limits import raises
from chuzhi.limits.models import Raise
from chuzhi.wallets import moves, queries

LIST = "console/limits/raises.html"
ONE = "console/limits/raise.html"
APPLY = "console/limits/apply.html"
PAGE_SIZE = 25
RISK_DAYS = 90


@staff_can("limits.apply")
@require_http_methods(["GET", "POST"])
def apply(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallets = queries.visible_to(request.actor).exclude(customer=None).select_related("customer", "programme")
    wallet = get_object_or_404(wallets, pk=wallet_id)
    asset = moves.programme_of(wallet).asset_code
    form = RaiseForm(posted(request), request.FILES or None, asset=asset)
    if form.is_valid() and wallet.customer is not None:
        try:
            given = form.cleaned_data
            made = raises.apply(
                customer=wallet.customer, asset=asset, kind=given["kind"], amount=given["amount"], reason=given["reason"],
                ends_on=given["ends_on"], files=given["documents"], by=request.actor,
            )  # fmt: skip
            messages.success(request, _("Application %(number)s waits for a decision.") % {"number": made.pk})
            return redirect("console:raise", made.pk)
        except Refused as no:
            form.add_error(str(no.facts.get("field")) if no.facts.get("field") in form.fields else "documents", str(no))
    context = {
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": wallet.programme,
        "form": form,
        "currency": asset if values.is_money(asset) else "",
    }
    return render(request, APPLY, context, status=422 if form.is_bound else 200)


@staff_can("wallets.view")
@require_safe
def raises_page(request: StaffRequest) -> HttpResponse:
    """Newest first; those to be decided, unless others are asked for."""
    status = request.GET.get("status", Raise.Status.ASKED)
    rows = raises.visible_to(request.actor)
    rows = rows.filter(status=status) if status in Raise.Status.values else rows
    page = keyset.page(rows, ("-id",), request.GET, size=PAGE_SIZE)
    context = {"rows": telling.amounts(page.rows), "page": page, "status": status, "statuses": Raise.Status.choices}
    return render(request, LIST, context)


@staff_can("wallets.view")
@require_safe
def application(request: StaffRequest, raise_id: int) -> HttpResponse:
    return _one(request, _visible(request, raise_id), DecisionForm())


@staff_can("limits.review")
@require_POST
def grant(request: StaffRequest, raise_id: int) -> HttpResponse:
    row, form = _visible(request, raise_id), DecisionForm(request.POST)
    if form.is_valid():
        try:
            given = form.cleaned_data
            raises.grant(application=row, reason=given["reason"], ends_on=given["ends_on"], by=request.actor)
            messages.success(request, _("Granted."))
            return redirect("console:raise", raise_id)
        except Refused as no:
            form.add_error(None, str(no))
    return _one(request, row, form, status=422)


@staff_can("limits.review")
@require_POST
def refuse(request: StaffRequest, raise_id: int) -> HttpResponse:
    row, form = _visible(request, raise_id), DecisionForm(request.POST)
    if form.is_valid():
        try:
            raises.refuse(application=row, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Refused."))
            return redirect("console:raise", raise_id)
        except Refused as no:
            form.add_error(None, str(no))
    return _one(request, row, form, status=422)


@staff_can("limits.apply")
@require_POST
def withdraw(request: StaffRequest, raise_id: int) -> HttpResponse:
    try:
        raises.withdraw(application=_visible(request, raise_id), by=request.actor)
        messages.success(request, _("Withdrawn."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:raise", raise_id)


@staff_can("limits.review")
@require_safe
def document(request: StaffRequest, raise_id: int, document_id: int) -> HttpResponse:
    """The file itself, for whoever decides: shown as what it was found to be, and never run."""
    kept = get_object_or_404(_visible(request, raise_id).documents, pk=document_id)
    content = documents.read(kept.hash)
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type=kept.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{kept.name.encode("ascii", "replace").decode()}"'
    return answer


def _visible(request: StaffRequest, raise_id: int) -> Raise:
    return get_object_or_404(raises.visible_to(request.actor), pk=raise_id)


def _one(request: StaffRequest, row: Raise, form: DecisionForm, *, status: int = 200) -> HttpResponse:
    may_review = request.actor.may(raises.REVIEW) and row.is_open and row.asked_by != request.actor.label
    wallets = queries.visible_to(request.actor).filter(customer=row.customer_id).select_related("programme")
    since = timezone.now() - timedelta(days=RISK_DAYS)
    context = {
        "row": row,
        "told": telling.amounts([row])[0],
        "customer": row.customer,
        "past": telling.amounts(raises.visible_to(request.actor).filter(customer=row.customer_id).exclude(pk=row.pk)[:10]),
        "people": telling.people(asked_by=row.asked_by, decided_by=row.decided_by),
        "risks": [telling.risk(wallet, since) for wallet in wallets],
        "days": RISK_DAYS,
        "form": form,
        "may_review": may_review,
        "may_read": request.actor.may(raises.REVIEW),
        "may_withdraw": request.actor.may(raises.APPLY) and row.status in {Raise.Status.ASKED, Raise.Status.GRANTED},
    }
    return render(request, ONE, context, status=status)
