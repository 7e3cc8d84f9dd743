"""What a wallet would be paid back, worked out before anybody asks for it; and the request itself."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, staff_can
from chuzhi.console.refunds import telling
from chuzhi.console.refunds.forms import CircumstancesForm, RequestForm
from chuzhi.core.errors import Refused
from chuzhi.desk import acting
from chuzhi.desk import queries as desk
from chuzhi.desk.models import Ticket
from chuzhi.refunds import calculating, requests
from chuzhi.refunds.calculating import Calculation, Circumstances
from chuzhi.wallets import moves, queries, refunding
from chuzhi.wallets.models import Wallet

PAGE = "console/refunds/calculate.html"


@staff_can("wallets.view")
@require_safe
def calculate(request: StaffRequest, wallet_id: int) -> HttpResponse:
    wallet = _visible(request, wallet_id)
    asked = bool(request.GET.get("cause"))
    form = _circumstances(wallet, request.GET if asked else None)
    said = form.said(_chosen(request.GET)) if asked and form.is_valid() else Circumstances()
    return _page(request, wallet, form, said, status=422 if form.errors else 200)


@staff_can("refunds.ask")
@require_POST
def ask(request: StaffRequest, wallet_id: int) -> HttpResponse:
    """Files what was shown. Sent twice, it is filed once; if the figures are others by now, they are shown again."""
    wallet, key = _visible(request, wallet_id), request.POST.get("key", "")
    form, filing = _circumstances(wallet, request.POST), RequestForm(request.POST, request.FILES)
    said = form.said(_chosen(request.POST)) if form.is_valid() else Circumstances()
    if form.is_valid() and filing.is_valid() and formkeys.is_for(_about(wallet), key):
        given, expected = filing.cleaned_data, request.POST.get("expected", "")
        try:
            with transaction.atomic():
                made = requests.ask(
                    wallet=wallet, said=said, reason=given["reason"], method=given["method"], payee=given["payee"],
                    files=given["documents"], key=key, by=request.actor, store=request.store.pk if request.store else None,
                    expected=int(expected) if expected.isdecimal() else None,
                )  # fmt: skip
                if ticket := _ticket(request, request.POST):
                    acting.refund_asked(ticket=ticket, wallet=wallet, refund=made.pk, by=request.actor)
            messages.success(request, _("Request %(number)s waits for a decision. The value is held.") % {"number": made.pk})
            return redirect("console:refund_request", made.pk)
        except Refused as no:
            filing.add_error(None, values.sentence(no, moves.programme_of(wallet).asset_code))
    return _page(request, wallet, form, said, filing=filing, status=422)


def _page(
    request: StaffRequest,
    wallet: Wallet,
    form: CircumstancesForm,
    said: Circumstances,
    *,
    filing: RequestForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = calculating.calculate(wallet, said, store=request.store.pk if request.store else None)
    asset = moves.programme_of(wallet).asset_code
    context: dict[str, Any] = {
        "wallet": wallet,
        "customer": wallet.customer,
        "programme": wallet.programme,
        "form": form,
        "filing": filing or RequestForm(),
        "ticket": _ticket(request, request.POST or request.GET),
        "found": found,
        "total": values.text(found.amount, found.currency),
        "other": values.text(found.other, asset) if found.other else "",
        "parts": telling.calculation(found, asset),
        "hidden": _hidden(form, found),
        "due_on": calculating.due_on(found.owing, found.asked_on) if found.owing else None,
        "earlier": [telling.request(row) for row in requests.visible_to(request.actor).filter(wallet=wallet)[:10]],
        "may_ask": request.actor.may(refunding.ASK) and bool(found.amount),
        "key": formkeys.kept(request.POST.get("key", ""), _about(wallet)),
    }
    return render(request, PAGE, context, status=status)


def _hidden(form: CircumstancesForm, found: Calculation) -> list[tuple[str, str]]:
    """The circumstances that were shown, sent along with the request."""
    sent = [(name, str(form[name].value() or "")) for name in form.fields if form[name].value()]
    return [*sent, *(("top_up", str(part.top_up)) for part in found.owing)]


def _circumstances(wallet: Wallet, given: QueryDict | None) -> CircumstancesForm:
    asset = moves.programme_of(wallet).asset_code
    is_money = values.is_money(asset)
    return CircumstancesForm(given, currency=asset if is_money else "CNY", is_money=is_money)


def _chosen(given: QueryDict) -> frozenset[int]:
    return frozenset(int(seq) for seq in given.getlist("top_up") if seq.isdecimal() and len(seq) < 19)


def _about(wallet: Wallet) -> str:
    return f"refund-request.{wallet.pk}"


def _ticket(request: StaffRequest, given: QueryDict) -> Ticket | None:
    """From which it is asked for, if it is."""
    number = given.get("ticket", "")
    return desk.visible_to(request.actor).filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None


def _visible(request: StaffRequest, wallet_id: int) -> Wallet:
    return get_object_or_404(queries.visible_to(request.actor).select_related("customer", "programme"), pk=wallet_id)
