"""Value moves in two steps: the first asks and foresees (GET, so it may be reloaded), the second does it (POST, then redirect).

The key is made with the first step and is in the address of the second: whoever comes back to either by any way (the back
button, a reload, a lost connection) brings the same key, and is shown what was done with it instead of doing it again.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuzhi.approvals.errors import SecondPersonNeeded
from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, at_till, staff_can
from chuzhi.console.offers import telling as offers_telling
from chuzhi.console.till import acts, foresight, slips
from chuzhi.console.till.acts import Act, Order
from chuzhi.console.till.forms import METHODS, ActForm
from chuzhi.console.wallets import telling
from chuzhi.core.errors import Refused
from chuzhi.insights import buying
from chuzhi.ledger.chart import Kind
from chuzhi.ledger.errors import LedgerUnavailable
from chuzhi.ledger.queries import Entry
from chuzhi.till import memberships, returns
from chuzhi.topups import offers
from chuzhi.topups.channels import Channel
from chuzhi.wallets import habits, moves, policies, queries, scopes
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.policies import Policy
from chuzhi.wallets.sharing import allowances, members
from chuzhi.wallets.sharing.allowances import Use
from chuzhi.wallets.sharing.errors import MemberUnknown
from chuzhi.wallets.sharing.models import Member
from chuzhi.workforce import notes

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

    def form(self, *given: Any, **more: Any) -> ActForm:
        return self.act.form(*given, asset=self.asset, store=self.request.store, **more)

    def ask(self, form: ActForm, *, status: int = 200, **more: Any) -> HttpResponse:
        """The form, under a new key: the old one, if any, has been used or belongs to an intention given up."""
        return self._page({"form": form, "key": formkeys.new(self.about)} | more, status)

    def confirm(self, form: ActForm, ahead: foresight.Ahead, key: str, *, status: int = 200, **more: Any) -> HttpResponse:
        fields = [(name, value) for name, value in form.data.items() if name in form.fields and name != "offer"]
        return self._page({"ahead": ahead, "key": key, "fields": [*fields, *ahead.hidden], "form": form} | more, status)

    def _page(self, context: dict[str, Any], status: int) -> HttpResponse:
        held, customer = queries.standing(self.wallet), self.wallet.customer
        lines = telling.lines(queries.entries(self.wallet, limit=RECENT), self.asset)
        has_holds = any(line.kind is Kind.HOLD for line in lines)
        common = {
            "wallet": self.wallet,
            "customer": customer,
            "pinned": notes.pinned(customer, self.request.actor),
            "programme": moves.programme_of(self.wallet),
            "asset": self.asset,
            "held": held,
            "lines": lines,
            "open_holds": queries.open_holds(self.wallet) if has_holds else (),
            "is_money": values.is_money(self.asset),
            "bands": self._bands(),
            "act": self.act,
            "shared": self._shared(),
            "use": self._use(context.get("form")),
            "basket_key": formkeys.new("basket-new"),
            "habit": habits.of(customer),
            "memberships": memberships.of(customer.pk, self.request.actor) if customer else [],
            "bought": buying.most_often(customer.pk, self.request.actor) if customer else [],
            "scope": scopes.of(moves.programme_of(self.wallet).terms()).said,
            "policy": self._policy(),
            "acts": [acts.CHARGE, acts.TOP_UP, acts.HOLD],
            "earlier": telling.lines([self.earlier], self.asset)[0] if self.earlier else None,
            "address": self.request.path,
        }
        return render(self.request, WALLET, common | context, status=status)

    def _shared(self) -> list[Member]:
        """The wallets of others that the customer may pay from instead."""
        if self.act is not acts.CHARGE or self.wallet.customer_id is None:
            return []
        return list(members.shared_with([self.wallet.customer_id], self.request.actor).filter(stopped_at=None))

    def _use(self, form: ActForm | None) -> Use | None:
        """Whoever spends from the wallet of somebody else, as they stand. Raises Http404 for a stranger."""
        typed = str(form["member"].value() or "") if form and "member" in form.fields else ""
        try:
            member = members.named(self.wallet, int(typed)) if typed.isdecimal() else None
        except MemberUnknown:
            raise Http404 from None
        return allowances.use_of(member) if member else None

    def _policy(self) -> Policy | None:
        """What whoever pays in agrees to."""
        if self.act is not acts.TOP_UP:
            return None
        return policies.of(self.wallet, store=self.request.store.pk if self.request.store else None)

    def _bands(self) -> list[dict[str, Any]]:
        """What amounts on offer yield here and now, to be chosen with one touch."""
        if self.act is not acts.TOP_UP:
            return []
        store = self.request.store.pk if self.request.store else None
        steps = offers.steps(wallet=self.wallet, store=store, channel=Channel.COUNTER)
        return [
            {
                "pay": found.amount,
                "gifts": offers_telling.told(found, self.asset).short,
                "plain": values.plain(found.amount, self.asset),
            }
            for found in steps
        ]


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
    form = step.form(sent)
    if not form.is_valid():
        return step.ask(form, status=422)
    return _decided(step, form, key)


def _decided(step: _Step, form: ActForm, key: str) -> HttpResponse:
    """The form is right and its key is unused: foresee it, and do it if it was confirmed."""
    request, wallet = step.request, step.wallet
    here = {"store": request.store.pk if request.store else None, "by": request.actor}
    try:
        ahead = step.act.ahead(wallet, queries.standing(wallet), form.cleaned_data | here, step.seq)
        if ahead.objection:
            return _refused(step, form, ahead.objection, short=ahead.short)
        if request.method != "POST":
            return step.confirm(form, ahead, key, was_asked="asked" in request.GET)
        moved = step.act.do(Order(request, wallet, form.cleaned_data, key, step.seq))
    except SecondPersonNeeded as no:
        return _sent_for_approval(step, form, key) if step.act.ask else _refused(step, form, no)
    except Refused as no:
        return _refused(step, form, no)
    except LedgerUnavailable:
        return step.confirm(form, ahead, key, status=503, is_unknown=True)
    return _receipt(request, moved.id)


def _sent_for_approval(step: _Step, form: ActForm, key: str) -> HttpResponse:
    """It was confirmed, and is more than this person may do alone: somebody else decides."""
    order = Order(step.request, step.wallet, form.cleaned_data, key, step.seq)
    asked = step.act.ask(order) if step.act.ask else None
    if asked is None:
        return step.ask(form, status=422)
    messages.success(step.request, _("Sent for approval: %(number)s.") % {"number": asked.number})
    return onward(step.request, reverse("console:approval", args=[asked.pk]))


def _begin(step: _Step) -> HttpResponse:
    """No key, or one of another form: nothing can have happened yet. What was typed is kept."""
    request = step.request
    if request.method == "POST":
        form = step.form(request.POST)
        form.add_error(None, _("This form was too old to be sent. Nothing has happened: please confirm again."))
        return step.ask(form, status=422)
    suggested = {"terminal": request.session.get("terminal", "")}  # the one that was used here last
    if "method" in step.act.form.base_fields and (habit := habits.of(step.wallet.customer).method.upper()) in dict(METHODS):
        suggested["method"] = habit
    suggested |= {name: request.GET[name] for name in step.act.form.base_fields if name in request.GET}
    if "amount" not in suggested and step.act is acts.REFUND:
        suggested["amount"] = _plain(returns.left(step.wallet, step.seq).amount, step.asset)
    if "amount" not in suggested and step.act is acts.CAPTURE:
        suggested["amount"] = _plain(foresight.left_of_hold(step.wallet, step.seq), step.asset)
    form = step.form(initial=suggested)
    if not step.act.form.base_fields:
        ahead = step.act.ahead(step.wallet, queries.standing(step.wallet), {}, step.seq)
        return step.confirm(step.form({}), ahead, formkeys.new(step.about))
    return step.ask(form)


def _told(step: _Step, known: Entry) -> HttpResponse:
    """The key was used: what it did is the answer."""
    if known.outcome.refusal is None:
        operation = moves.operation_id(known.outcome.book, known.outcome.seq)
        return _receipt(step.request, operation, was_done=True)
    sent = step.request.POST if step.request.method == "POST" else step.request.GET
    return _refused(step, step.form(sent), known.outcome.refusal)


def _refused(step: _Step, form: ActForm, no: Refused, *, short: int = 0) -> HttpResponse:
    """The form again with what stands against it; `short` is what could be paid otherwise for it to go."""
    field = "reason" if no.code == "reason.missing" else "amount"
    form.add_error(field if field in form.fields else None, values.sentence(no, step.asset))
    return step.ask(form, status=422, short=short, short_plain=_plain(short, step.asset))


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
