"""A partner's counter: find, enter, confirm, receipt. The partner's account: its float and its statements.

As at the merchant's own till, the key is made with the first step and is in the address of the second: whoever comes back by
any way is shown what was done with it.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuzhi.console import formkeys, keyset, values
from chuzhi.console.access import StaffRequest, posted, staff_can
from chuzhi.console.agency.forms import ObjectionForm, TopUpForm
from chuzhi.core.errors import Refused
from chuzhi.ledger.errors import LedgerUnavailable
from chuzhi.organization.partners import floats, logins, statements
from chuzhi.organization.partners.errors import NotAPartner
from chuzhi.organization.partners.models import Partner, PartnerEntry
from chuzhi.till import receipts
from chuzhi.topups import offers
from chuzhi.topups.channels import Channel
from chuzhi.topups.selling import top_up_by_partner
from chuzhi.wallets import agency, moves
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.vouchers import activating, selling

COUNTER = "console/agency/counter.html"
TOP_UP = "console/agency/top_up.html"
CARD = "console/agency/card.html"
RECEIPT = "console/agency/receipt.html"
ACCOUNT = "console/agency/account.html"
STATEMENT = "console/agency/statement.html"
PAGE_SIZE = 30


@staff_can("partners.top_up")
@require_http_methods(["GET", "POST"])
def counter(request: StaffRequest) -> HttpResponse:
    """A whole phone or card number finds whom to credit; the number of a recharge card leads to selling it.

    Posted, not asked for: numbers of customers do not belong into addresses.
    """
    partner, typed = _partner(request), request.POST.get("find", "").strip()
    if partner is None:
        return render(request, COUNTER, {"nobody": True})
    context: dict[str, Any] = {"typed": typed}
    if request.method == "POST":
        if selling.is_number(typed):
            return redirect("console:agency_card", "".join(typed.split()))
        try:
            payees = agency.find(typed=typed, by=request.actor)
            context["found"] = [{"payee": one, "key": formkeys.new(f"agency.{one.wallet.pk}.0")} for one in payees]
        except Refused as no:
            context["said"] = str(no)
    return _page(request, COUNTER, partner, context, status=422 if "said" in context else 200)


@staff_can("partners.top_up")
@require_http_methods(["GET", "POST"])
def top_up(request: StaffRequest, key: str) -> HttpResponse:
    """First the amount, then what it comes to, then once."""
    partner = _partner(request)
    parts = formkeys.parts(key)
    if partner is None or parts is None or parts[0] != "agency":
        raise Http404
    wallet = get_object_or_404(Wallet.objects.select_related("customer", "programme"), pk=parts[1])
    known = wallets.by_key(by=request.actor, wallet=wallet, key=key)
    if known is not None and known.outcome.refusal is None:
        return redirect("console:agency_receipt", moves.operation_id(known.outcome.book, known.outcome.seq))
    form, payee = TopUpForm(posted(request), partner=partner), agency.payee_of(wallet)
    context: dict[str, Any] = {"form": form, "payee": payee, "key": key}
    if form.is_valid():
        amount = form.cleaned_data["amount"]
        if "confirmed" not in request.POST:
            shown = offers.preview(wallet=wallet, amount=amount, store=None, channel=Channel.PARTNER)
            return _page(request, TOP_UP, partner, context | {"amount": amount, "bonus": shown.bonus_at_once})
        try:
            done = top_up_by_partner(wallet=wallet, key=key, by=request.actor, **form.cleaned_data)
            return redirect("console:agency_receipt", done.moved.id)
        except Refused as no:
            form.add_error("amount", values.sentence(no, partner.currency))
            if no.is_replayed:
                context["key"] = formkeys.new(f"agency.{wallet.pk}.0")
        except LedgerUnavailable:
            context |= {"amount": amount, "is_unknown": True}
            return _page(request, TOP_UP, partner, context, status=503)
    return _page(request, TOP_UP, partner, context, status=422 if form.is_bound else 200)


@staff_can("partners.top_up")
@require_http_methods(["GET", "POST"])
def card(request: StaffRequest, number: str) -> HttpResponse:
    """Sell a recharge card of the partner's stock: it is alive at once, and paid for out of the float."""
    partner = _partner(request)
    if partner is None:
        raise Http404
    try:
        voucher = selling.find(number)
    except Refused as no:
        raise Http404 from no
    if voucher.partner_id != partner.pk:
        raise Http404
    about, said = f"agency_card.{voucher.pk}.0", ""
    key = formkeys.kept(request.POST.get("key", ""), about)
    if request.method == "POST" and key == request.POST.get("key"):
        try:
            moved = selling.sell_for_partner(voucher=voucher, key=key, by=request.actor)
            return redirect("console:agency_receipt", moved.id)
        except Refused as no:
            said = values.sentence(no, partner.currency)
    context = {"voucher": voucher, "name": activating.name_of(voucher), "key": key, "said": said}
    return _page(request, CARD, partner, context, status=422 if request.method == "POST" else 200)


@staff_can("partners.top_up")
@require_safe
def receipt(request: StaffRequest, operation: str) -> HttpResponse:
    """Of one of the partner's own top-ups, without what the customer holds."""
    partner, place = _partner(request), moves.place_of(operation)
    if partner is None or place is None:
        raise Http404
    made = get_object_or_404(partner.entries.filter(kind=PartnerEntry.Kind.TOP_UP), book=place[0], seq=place[1])
    wallet = get_object_or_404(Wallet.objects.select_related("customer", "programme"), pk=made.wallet)
    entry = wallets.operation(wallet, place[1])
    if entry is None:
        raise Http404
    context = {
        "entry": made,
        "payee": agency.payee_of(wallet),
        "moved": moves.Moved(wallet, entry.outcome),
        "code": receipts.code_of(entry),
        "is_card": wallet.customer is None,
    }
    return _page(request, RECEIPT, partner, context)


@staff_can("partners.top_up")
@require_safe
def account(request: StaffRequest) -> HttpResponse:
    partner = _partner(request)
    if partner is None:
        return render(request, COUNTER, {"nobody": True})
    entries = keyset.page(partner.entries.select_related("location"), ("-id",), request.GET, size=PAGE_SIZE)
    return _page(request, ACCOUNT, partner, {"entries": entries, "statements": statements.of(partner)[:24]})


@staff_can("partners.top_up")
@require_safe
def statement(request: StaffRequest, number: int) -> HttpResponse:
    return _statement(request, number, ObjectionForm())


@staff_can("partners.top_up")
@require_POST
def answer(request: StaffRequest, number: int) -> HttpResponse:
    """The partner signs its statement off, or says what is not right about it."""
    form = ObjectionForm(request.POST)
    signs = "sign" in request.POST
    try:
        if signs:
            statements.sign(number=number, by=request.actor)
            messages.success(request, _("Signed. The commission is in the float."))
            return redirect("console:agency_statement", number)
        if form.is_valid():
            statements.object_to(number=number, remark=form.cleaned_data["remark"], by=request.actor)
            messages.success(request, _("Your objection is with the merchant."))
            return redirect("console:agency_statement", number)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("console:agency_account")
    return _statement(request, number, form, status=422)


def _statement(request: StaffRequest, number: int, form: ObjectionForm, *, status: int = 200) -> HttpResponse:
    partner = _partner(request)
    if partner is None:
        raise Http404
    shown = get_object_or_404(statements.of(partner), number=number)
    context = {"statement": shown, "entries": statements.entries(shown), "form": form}
    return _page(request, STATEMENT, partner, context, status=status)


def _partner(request: StaffRequest) -> Partner | None:
    """Whose person this is; None for an administrator, who may come in and belongs to no partner."""
    try:
        return logins.partner_of(request.actor)
    except NotAPartner:
        return None


def _page(
    request: StaffRequest, template: str, partner: Partner, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    common = {"partner": partner, "currency": partner.currency, "standing": floats.standing(partner)}
    return render(request, template, common | context, status=status)
