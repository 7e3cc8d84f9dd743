"""Value moves in two steps: the first asks and foresees (GET, so it may be reloaded), the second does it (POST, then redirect).

The key is made with the first step and is in the address of the second: whoever comes back to either by any way (the back
button, a reload, a lost connection) brings the same key, and is shown what was done with it instead of doing it again.
"""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, at_till, staff_can
from chuzhi.console.till import acts, foresight, slips
from chuzhi.console.till.acts import Act, Order
from chuzhi.console.till.forms import ActForm
from chuzhi.console.wallets import telling
from chuzhi.core.errors import Refused
from chuzhi.ledger.errors import LedgerUnavailable
from chuzhi.ledger.queries import Entry
from chuzhi.wallets import moves, queries, spending
from chuzhi.wallets.models import Wallet

WALLET = "console/till/wallet.html"
RECENT = 8


@staff_can("till.charge")
@at_till
@require_http_methods(["GET", "POST"])
def charge(request: StaffRequest, wallet_id: int) -> HttpResponse:
    return _step(request, acts.CHARGE, wallet_id)


@staff_can("till.top_up")
@at_till
@require_http_methods(["GET", "POST"])
def top_up(request: StaffRequest, wallet_id: int) -> HttpResponse:
    return _step(request, acts.TOP_UP, wallet_id)


@staff_can("till.hold")
@at_till
@require_http_methods(["GET", "POST"])
def hold(request: StaffRequest, wallet_id: int) -> HttpResponse:
    return _step(request, acts.HOLD, wallet_id)


@staff_can("till.hold")
@at_till
@require_http_methods(["GET", "POST"])
def capture(request: StaffRequest, wallet_id: int, seq: int) -> HttpResponse:
    return _step(request, acts.CAPTURE, wallet_id, seq)


@staff_can("till.hold")
@at_till
@require_http_methods(["GET", "POST"])
def release(request: StaffRequest, wallet_id: int, seq: int) -> HttpResponse:
    return _step(request, acts.RELEASE, wallet_id, seq)


@staff_can("till.refund")
@at_till
@require_http_methods(["GET", "POST"])
def refund(request: StaffRequest, wallet_id: int, seq: int) -> HttpResponse:
    return _step(request, acts.REFUND, wallet_id, seq)


@staff_can("till.refund")
@at_till
@require_http_methods(["GET", "POST"])
def pay_back(request: StaffRequest, wallet_id: int, seq: int) -> HttpResponse:
    return _step(request, acts.PAY_BACK, wallet_id, seq)


@dataclass(slots=True)
class _Step:
    """One request of one act, and the page that answers it."""

    request: StaffRequest
    act: Act
    wallet: Wallet
    seq: int
    earlier: Entry | None

    @property
    def about(self) -> str:
        return f"{self.act.name}.{self.wallet.pk}.{self.seq}"

    @property
    def asset(self) -> str:
        return moves.programme_of(self.wallet).asset_code

    def ask(self, form: ActForm, *, status: int = 200) -> HttpResponse:
        """The form, under a new key: the old one, if any, has been used or belongs to an intention given up."""
        return self._page({"form": form, "key": formkeys.new(self.about)}, status)

    def confirm(self, form: ActForm, ahead: foresight.Ahead, key: str, *, status: int = 200, **more: Any) -> HttpResponse:
        fields = [(name, value) for name, value in form.data.items() if name in form.fields and name != "offer"]
        return self._page({"ahead": ahead, "key": key, "fields": [*fields, *ahead.hidden], "form": form} | more, status)

    def _page(self, context: dict[str, Any], status: int) -> HttpResponse:
        held = queries.standing(self.wallet)
        common = {
            "wallet": self.wallet,
            "customer": self.wallet.customer,
            "programme": moves.programme_of(self.wallet),
            "asset": self.asset,
            "held": held,
            "lines": telling.lines(queries.entries(self.wallet, limit=RECENT), self.asset),
            "is_money": values.is_money(self.asset),
            "bands": self._bands(),
            "act": self.act,
            "acts": [acts.CHARGE, acts.TOP_UP, acts.HOLD],
            "earlier": telling.lines([self.earlier], self.asset)[0] if self.earlier else None,
            "address": self.request.path,
        }
        return render(self.request, WALLET, common | context, status=status)

    def _bands(self) -> list[dict[str, Any]]:
        bands = moves.programme_of(self.wallet).terms().bands if self.act is acts.TOP_UP else ()
        return [{"pay": band.pay, "bonus": band.bonus, "plain": values.plain(band.pay, self.asset)} for band in bands]


def _step(request: StaffRequest, act: Act, wallet_id: int, seq: int = 0) -> HttpResponse:
    wallets = queries.visible_to(request.actor).select_related("customer", "programme")
    wallet = get_object_or_404(wallets, pk=wallet_id)
    step = _Step(request, act, wallet, seq, _earlier(act, wallet, seq))
    sent = request.POST if request.method == "POST" else request.GET
    key = sent.get("key", "")
    if not formkeys.is_for(step.about, key):
        return _begin(step)
    if known := queries.by_key(by=request.actor, wallet=wallet, key=key):
        return _told(step, known)
    form = act.form(sent, asset=step.asset)
    if not form.is_valid():
        return step.ask(form, status=422)
    return _decided(step, form, key)


def _decided(step: _Step, form: ActForm, key: str) -> HttpResponse:
    """The form is right and its key is unused: foresee it, and do it if it was confirmed."""
    request, wallet = step.request, step.wallet
    ahead = step.act.ahead(wallet, queries.standing(wallet), form.cleaned_data, step.seq)
    if ahead.objection:
        return _refused(step, form, ahead.objection)
    if request.method != "POST":
        return step.confirm(form, ahead, key, was_asked="asked" in request.GET)
    try:
        moved = step.act.do(Order(request, wallet, form.cleaned_data, key, step.seq))
    except Refused as no:
        return _refused(step, form, no)
    except LedgerUnavailable:
        return step.confirm(form, ahead, key, status=503, is_unknown=True)
    return _receipt(request, moved.id)


def _begin(step: _Step) -> HttpResponse:
    """No key, or one of another form: nothing can have happened yet. What was typed is kept."""
    request = step.request
    if request.method == "POST":
        form = step.act.form(request.POST, asset=step.asset)
        form.add_error(None, _("This form was too old to be sent. Nothing has happened: please confirm again."))
        return step.ask(form, status=422)
    suggested = {name: request.GET[name] for name in step.act.form.base_fields if name in request.GET}
    if "amount" not in suggested and step.act is acts.REFUND:
        suggested["amount"] = _plain(spending.refundable(step.wallet, step.seq), step.asset)
    if "amount" not in suggested and step.act is acts.CAPTURE:
        suggested["amount"] = _plain(foresight.left_of_hold(step.wallet, step.seq), step.asset)
    form = step.act.form(initial=suggested, asset=step.asset)
    if not step.act.form.base_fields:
        ahead = step.act.ahead(step.wallet, queries.standing(step.wallet), {}, step.seq)
        return step.confirm(step.act.form({}, asset=step.asset), ahead, formkeys.new(step.about))
    return step.ask(form)


def _told(step: _Step, known: Entry) -> HttpResponse:
    """The key was used: what it did is the answer."""
    if known.outcome.refusal is None:
        operation = moves.operation_id(known.outcome.book, known.outcome.seq)
        return _receipt(step.request, operation, was_done=True)
    sent = step.request.POST if step.request.method == "POST" else step.request.GET
    return _refused(step, step.act.form(sent, asset=step.asset), known.outcome.refusal)


def _refused(step: _Step, form: ActForm, no: Refused) -> HttpResponse:
    field = "reason" if no.code == "reason.missing" else "amount"
    form.add_error(field if field in form.fields else None, values.sentence(no, step.asset))
    return step.ask(form, status=422)


def _earlier(act: Act, wallet: Wallet, seq: int) -> Entry | None:
    """The operation that the act is about; an act about nothing is not found."""
    if not act.answers:
        return None
    entry = queries.operation(wallet, seq)
    if entry is None:
        raise Http404
    return entry


def _plain(amount: int, asset: str) -> str:
    return values.plain(amount, asset) if amount else ""


def _receipt(request: StaffRequest, operation: str, *, was_done: bool = False) -> HttpResponse:
    """To the receipt; htmx is given it at once."""
    if request.headers.get("HX-Request") == "true":
        return slips.show(request, operation, was_done=was_done)
    was = "?was=done" if was_done else ""
    return redirect(f"{reverse('console:till_receipt', args=[operation])}{was}")


def onward(request: StaffRequest, address: str) -> HttpResponse:
    """To another page; htmx is told to change the page, not to put it into a fragment."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)
