from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console import confirmation, keyset, values
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.limits.telling import people
from chuzhi.console.refunds import telling
from chuzhi.console.refunds.forms import DecisionForm, PaymentForm
from chuzhi.core import documents
from chuzhi.core.errors import Refused
from chuzhi.desk import queries as desk
from chuzhi.organization import confirmations
from chuzhi.refunds import requests
from chuzhi.refunds.models import RefundRequest
from chuzhi.wallets import moves, refunding

LIST = "console/refunds/list.html"
ONE = "console/refunds/request.html"
PAGE_SIZE = 25
OPEN, OVERDUE, ALL = "open", "overdue", "all"


@staff_can("wallets.view")
@require_safe
def requests_page(request: StaffRequest) -> HttpResponse:
    """What is to be done first; overdue ones are marked, and can be asked for alone."""
    show = request.GET.get("show", OPEN)
    rows = requests.visible_to(request.actor)
    overdue = rows.filter(status__in=RefundRequest.OPEN, due_on__lt=timezone.localdate())
    if show == OVERDUE:
        rows = overdue
    elif show != ALL:
        rows = rows.filter(status=show) if show in RefundRequest.Status.values else rows.filter(status__in=RefundRequest.OPEN)
    order = ("due_on", "id") if show in {OPEN, OVERDUE} else ("-id",)
    page = keyset.page(rows, order, request.GET, size=PAGE_SIZE)
    context = {
        "rows": [telling.request(row) for row in page.rows],
        "page": page,
        "show": show,
        "choices": [(OPEN, _("To be done")), (OVERDUE, _("Overdue")), *RefundRequest.Status.choices, (ALL, _("All requests"))],
        "overdue": overdue.count(),
    }
    return render(request, LIST, context)


@staff_can("wallets.view")
@require_safe
def request_page(request: StaffRequest, request_id: int) -> HttpResponse:
    return _one(request, _visible(request, request_id))


@staff_can("refunds.decide")
@require_POST
def approve(request: StaffRequest, request_id: int) -> HttpResponse:
    return _decide(request, request_id, requests.approve, _("Approved: it is to be paid."))


@staff_can("refunds.decide")
@require_POST
def refuse(request: StaffRequest, request_id: int) -> HttpResponse:
    return _decide(request, request_id, requests.refuse, _("Refused. The value can be spent again."))


@staff_can("refunds.ask")
@require_POST
def withdraw(request: StaffRequest, request_id: int) -> HttpResponse:
    try:
        requests.withdraw(request=_visible(request, request_id), by=request.actor)
        messages.success(request, _("Withdrawn. The value can be spent again."))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("console:refund_request", request_id)


@staff_can("refunds.pay")
@require_POST
def pay(request: StaffRequest, request_id: int) -> HttpResponse:
    row, form = _visible(request, request_id), PaymentForm(request.POST)
    if form.is_valid():
        if page := confirmation.asked(request, confirmations.REFUND, row.amount):
            return page
        try:
            given = form.cleaned_data
            requests.pay(request=row, method=given["method"], reference=given["reference"], by=request.actor)
            messages.success(request, _("Paid and booked."))
            return redirect("console:refund_request", request_id)
        except Refused as no:
            form.add_error(None, values.sentence(no, row.currency))
    return _one(request, row, payment=form, status=422)


@staff_can("refunds.decide")
@require_safe
def document(request: StaffRequest, request_id: int, document_id: int) -> HttpResponse:
    """The file itself, for whoever decides."""
    kept = get_object_or_404(_visible(request, request_id).documents, pk=document_id)
    content = documents.read(kept.hash)
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type=kept.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{kept.name.encode("ascii", "replace").decode()}"'
    return answer


def _decide(request: StaffRequest, request_id: int, command: Callable[..., RefundRequest], done: str) -> HttpResponse:
    row, form = _visible(request, request_id), DecisionForm(request.POST)
    if form.is_valid():
        try:
            command(request=row, reason=form.cleaned_data["reason"], by=request.actor)
            messages.success(request, done)
            return redirect("console:refund_request", request_id)
        except Refused as no:
            form.add_error(None, str(no))
    return _one(request, row, decision=form, status=422)


def _visible(request: StaffRequest, request_id: int) -> RefundRequest:
    return get_object_or_404(requests.visible_to(request.actor), pk=request_id)


def _one(
    request: StaffRequest,
    row: RefundRequest,
    *,
    decision: forms.Form | None = None,
    payment: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    may, asset = request.actor.may, moves.programme_of(row.wallet).asset_code
    is_asked, is_approved = row.status == RefundRequest.Status.ASKED, row.status == RefundRequest.Status.APPROVED
    context = {
        "row": row,
        "tickets": desk.about_refund(row.pk, request.actor),
        "told": telling.request(row),
        "wallet": row.wallet,
        "parts": telling.kept(row, row.parts.order_by("-top_up"), asset),
        "people": people(asked_by=row.asked_by, decided_by=row.decided_by, paid_by=row.paid_by),
        "decision": decision or DecisionForm(),
        "payment": payment or PaymentForm(initial={"method": row.method}),
        "may_decide": may(refunding.DECIDE) and is_asked and row.asked_by != request.actor.label,
        "may_pay": may(refunding.PAY) and is_approved,
        "may_withdraw": may(refunding.ASK) and row.is_open,
        "may_read": may(refunding.DECIDE),
        "is_mine": is_asked and row.asked_by == request.actor.label,
    }
    return render(request, ONE, context, status=status)
