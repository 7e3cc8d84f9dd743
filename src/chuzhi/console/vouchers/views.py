from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import keyset
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.vouchers import forms, papers
from chuzhi.core.errors import Refused
from chuzhi.wallets.vouchers import activating, batches, custody, guarding, selling
from chuzhi.wallets.vouchers.batches import Printed
from chuzhi.wallets.vouchers.errors import VoucherUnknown
from chuzhi.wallets.vouchers.models import VoucherAlarm, VoucherBatch

LIST = "console/vouchers/list.html"
ORDER = "console/vouchers/order.html"
BATCH = "console/vouchers/batch.html"
CARD = "console/vouchers/card.html"
PAGE_SIZE = 30


@staff_can("vouchers.view")
@require_safe
def vouchers_page(request: StaffRequest) -> HttpResponse:
    """The batches, and whoever guesses; the number of a card leads to it."""
    find = request.GET.get("find", "").strip()
    if find:
        try:
            return redirect("console:voucher", selling.find(find).pk)
        except VoucherUnknown as no:
            messages.error(request, str(no))
    page = keyset.page(batches.visible_to(request.actor), ("-id",), request.GET, size=PAGE_SIZE)
    rows = [{"batch": batch, "figures": batches.by_status(batch)} for batch in page.rows]
    context = {
        "rows": rows,
        "page": page,
        "find": find,
        "alarms": guarding.open_alarms(request.actor),
        "may_manage": request.actor.may(batches.MANAGE),
    }
    return render(request, LIST, context)


@staff_can("vouchers.manage")
@require_http_methods(["GET", "POST"])
def order(request: StaffRequest) -> HttpResponse:
    form = forms.OrderForm(posted(request))
    if form.is_valid():
        try:
            made = batches.order(by=request.actor, **form.cleaned_data)
            messages.success(request, _("Batch %(code)s is ordered. Print it next.") % {"code": made.code})
            return redirect("console:voucher_batch", made.pk)
        except Refused as no:
            form.add_error("code" if "taken" in no.code else None, str(no))
    return render(request, ORDER, {"form": form}, status=422 if form.is_bound else 200)


@staff_can("vouchers.view")
@require_safe
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    return _page(request, _visible(request, batch_id), {})


@staff_can("vouchers.view")
@require_safe
def voucher(request: StaffRequest, voucher_id: int) -> HttpResponse:
    """One card: where it is and what became of it. Its code is nowhere."""
    cards = selling.with_its_place().filter(batch__in=batches.visible_to(request.actor))
    card = get_object_or_404(cards, pk=voucher_id)
    return render(request, CARD, {"card": card, "name": activating.name_of(card), "asset": card.batch.programme.asset})


@staff_can("vouchers.manage")
@require_POST
def print_once(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The answer is the file, the only one with these codes."""
    found = _visible(request, batch_id)
    try:
        return _file(found, batches.print_once(batch=found, by=request.actor))
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:voucher_batch", batch_id)


@staff_can("vouchers.manage")
@require_POST
def renew(request: StaffRequest, batch_id: int) -> HttpResponse:
    """A new file for the cards that are still here; the codes of the old one open nothing any more."""
    found, form = _visible(request, batch_id), forms.RenewForm(request.POST)
    if not form.is_valid():
        return _page(request, found, {"renew_form": form}, status=422)
    try:
        return _file(found, batches.renew(batch=found, reason=form.cleaned_data["reason"], by=request.actor))
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:voucher_batch", batch_id)


@staff_can("vouchers.manage")
@require_POST
def send(request: StaffRequest, batch_id: int) -> HttpResponse:
    def act(found: VoucherBatch, given: dict[str, Any]) -> str:
        move = custody.send(batch=found, by=request.actor, **given)
        return _("Sent out: %(count)s cards.") % {"count": move.count}

    return _act(request, batch_id, forms.SendForm(request.POST, auto_id="send_%s"), "send_form", act)


@staff_can("vouchers.manage")
@require_POST
def take_back(request: StaffRequest, batch_id: int) -> HttpResponse:
    def act(found: VoucherBatch, given: dict[str, Any]) -> str:
        move = custody.take_back(batch=found, by=request.actor, **given)
        return _("Taken back: %(count)s cards.") % {"count": move.count}

    return _act(request, batch_id, forms.ReasonedRunForm(request.POST, auto_id="back_%s"), "back_form", act)


@staff_can("vouchers.manage")
@require_POST
def void(request: StaffRequest, batch_id: int) -> HttpResponse:
    def act(found: VoucherBatch, given: dict[str, Any]) -> str:
        move = custody.void(batch=found, by=request.actor, **given)
        return _("Void now: %(count)s cards. Sold ones stay with their buyers.") % {"count": move.count}

    return _act(request, batch_id, forms.ReasonedRunForm(request.POST, auto_id="void_%s"), "void_form", act)


@staff_can("vouchers.count")
@require_POST
def count(request: StaffRequest, batch_id: int) -> HttpResponse:
    def act(found: VoucherBatch, given: dict[str, Any]) -> str:
        made = custody.count_stock(batch=found, by=request.actor, **given)
        figures = {"expected": made.expected, "counted": made.counted}
        return _("Kept: %(counted)s counted, %(expected)s expected.") % figures

    return _act(request, batch_id, forms.CountForm(request.POST, auto_id="count_%s"), "count_form", act)


@staff_can("vouchers.manage")
@require_POST
def see_alarm(request: StaffRequest, alarm_id: int) -> HttpResponse:
    alarm = get_object_or_404(VoucherAlarm, pk=alarm_id)
    guarding.see(alarm=alarm, by=request.actor)
    messages.success(request, _("Noted that you have looked at it."))
    return redirect("console:vouchers")


def _file(batch: VoucherBatch, cards: list[Printed]) -> HttpResponse:
    answer = HttpResponse(papers.archive(batch, cards), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{batch.code}.zip"'
    return answer


def _act(
    request: StaffRequest, batch_id: int, form: django_forms.Form, name: str, act: Callable[[VoucherBatch, dict[str, Any]], str]
) -> HttpResponse:
    """Do it and show the batch, or show the batch with what is wrong about the form."""
    found = _visible(request, batch_id)
    if form.is_valid():
        try:
            messages.success(request, act(found, form.cleaned_data))
            return redirect("console:voucher_batch", batch_id)
        except Refused as no:
            form.add_error(None, str(no))
    return _page(request, found, {name: form}, status=422)


def _page(request: StaffRequest, found: VoucherBatch, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    common = {
        "batch": found,
        "asset": found.programme.asset,
        "figures": batches.by_status(found),
        "stocks": custody.stocks(found),
        "moves": found.moves.select_related("store", "partner").order_by("-pk")[:50],
        "most_on_sheets": papers.MOST_ON_SHEETS,
        "may_manage": request.actor.may(batches.MANAGE) and not found.is_online,
        "may_count": request.actor.may(custody.COUNT) and found.printed_at is not None,
        "send_form": forms.SendForm(auto_id="send_%s"),
        "back_form": forms.ReasonedRunForm(auto_id="back_%s"),
        "void_form": forms.ReasonedRunForm(auto_id="void_%s"),
        "count_form": forms.CountForm(auto_id="count_%s"),
        "renew_form": forms.RenewForm(auto_id="renew_%s"),
    }
    return render(request, BATCH, common | context, status=status)


def _visible(request: StaffRequest, batch_id: int) -> VoucherBatch:
    return get_object_or_404(batches.visible_to(request.actor), pk=batch_id)
