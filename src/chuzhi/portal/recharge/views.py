import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from chuzhi.core.errors import Refused
from chuzhi.ledger.chart import Method
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.queries import refunds_of
from chuzhi.portal.access import by_address, payer_of, wallet_of
from chuzhi.portal.recharge import devices, offering, paying
from chuzhi.portal.recharge.forms import AmountForm
from chuzhi.portal.wording import sentence
from chuzhi.till import receipts
from chuzhi.topups import clearing, orders, results
from chuzhi.topups.models import Channel, Order
from chuzhi.ui import printing
from chuzhi.wallets import moves, scopes

AMOUNT, ORDER, RECEIPT = (f"portal/recharge/{name}.html" for name in ("amount", "order", "receipt"))


@by_address
@require_http_methods(["GET", "POST"])
def amount(request: HttpRequest, token: str) -> HttpResponse:
    """Choose how much. Sent twice, one order is placed."""
    wallet = wallet_of(token)
    programme = moves.programme_of(wallet)
    form = AmountForm(request.POST or None, currency=programme.asset_code)
    key = request.POST.get("key", "")[:60] or secrets.token_urlsafe(12)
    if form.is_valid():
        device = devices.known(request)
        try:
            order = orders.place(
                wallet=wallet, amount=form.cleaned_data["amount"], channel=Channel.LINK, key=key, by=payer_of(wallet),
                device=devices.mark(device),
            )  # fmt: skip
            return devices.remember(redirect("portal:order", order.number), device)
        except Refused as no:
            form.add_error("amount", sentence(no, programme.asset_code))
    context = {
        "wallet": wallet,
        "programme": programme,
        "steps": offering.steps(wallet),
        "scope": scopes.of(moves.programme_of(wallet).terms()).said,
        "form": form,
        "key": key,
        "token": token,
    }
    return render(request, AMOUNT, context, status=422 if form.is_bound else 200)


@by_address
@require_http_methods(["GET", "POST"])
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm, choose a way, pay. Coming back to it goes on where it was left; paying twice is one payment."""
    found, said = _named(number), ""
    if request.method == "POST":
        try:
            _pay(request, found)
            return redirect("portal:order", found.number)
        except Refused as no:
            said = sentence(no, found.currency)
    return render(request, ORDER, _context(request, found) | {"said": said}, status=422 if said else 200)


@by_address
@require_GET
def state(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the order's page that changes while the payer pays."""
    return render(request, f"{ORDER}#state", _context(request, _named(number)))


@by_address
@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Proof of what was credited, to be printed or saved."""
    return render(request, RECEIPT, _proof(number) | {"layout": "ui/layout/paper.html"})


@by_address
@require_GET
def receipt_file(request: HttpRequest, number: str) -> HttpResponse:
    """The same as a PDF file, in the language of the page."""
    proof = _proof(number)
    if not printing.is_possible():
        messages.warning(request, _("No PDF file can be made here at the moment. The receipt can be printed."))
        return redirect("portal:order_receipt", number)
    page = render_to_string(RECEIPT, proof | {"layout": "ui/layout/file.html"})
    named = {"Content-Disposition": f'attachment; filename="receipt-{number}.pdf"'}
    return HttpResponse(printing.pdf(page), content_type="application/pdf", headers=named)


def _proof(number: str) -> dict[str, object]:
    found = _named(number)
    result = results.of(found)
    if result is None:
        raise Http404
    return {
        "order": found,
        "result": result,
        "programme": moves.programme_of(found.wallet),
        "payment": orders.paid_by(found),
        "receipt": receipts.at(found.book or 0, found.seq or 0),
    }


def _pay(request: HttpRequest, found: Order) -> None:
    def pay(scene: Scene, method: Method, circumstances: Circumstances) -> None:
        orders.pay(order=found, scene=scene, method=method, circumstances=circumstances, by=payer_of(found.wallet))

    paying.begin(
        request, amount=found.amount, currency=found.currency, back=reverse("portal:order", args=[found.number]), pay=pay
    )


def _context(request: HttpRequest, found: Order) -> dict[str, object]:
    result = results.of(found)
    payments = orders.payments_of(found)
    shown = paying.context(
        request, payments=payments, amount=found.amount, currency=found.currency, is_payable=found.is_payable,
        payer=found.wallet.customer,
    )  # fmt: skip
    return shown | {
        "order": found,
        "claims": [each for each in refunds_of(*payments) if each.claim_url],
        "programme": moves.programme_of(found.wallet),
        "total": found.amount + found.bonus,
        "result": result,
        "policy": orders.policy_of(found),
        "gifts": offering.others_of(found, result.gifts) if result else offering.gifts_of(found),
        "held": clearing.of(found),
        "ahead": offering.ahead_of(found) if shown["choosing"] else "",
        "operation": moves.operation_id(found.book, found.seq) if found.book is not None and found.seq else "",
    }


def _named(number: str) -> Order:
    found = Order.objects.select_related("wallet__customer", "terms").filter(number=number).first()
    if found is None:
        raise Http404
    return found
