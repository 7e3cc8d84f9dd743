"""Paying a basket, in the two steps of every move of value: foreseen first (GET), then done (POST) under the same key."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, at_till, staff_can
from chuzhi.console.till.basket_forms import CodeForm, PayForm
from chuzhi.console.till.basket_views import bill_of, find_basket, payer_of
from chuzhi.console.till.counter import onward
from chuzhi.core import money
from chuzhi.core.errors import Refused
from chuzhi.ledger.errors import LedgerUnavailable
from chuzhi.till import codes, paying
from chuzhi.till.bills import Bill
from chuzhi.till.errors import BasketPaid, CodeUnusable, NoCodesTaken
from chuzhi.till.models import Basket, CodePayment
from chuzhi.till.paying import Means
from chuzhi.topups import payers
from chuzhi.wallets import moves, queries, scopes
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.workforce import notes

PAY = "console/till/basket_pay.html"


@staff_can("till.charge")
@at_till
@require_http_methods(["GET", "POST"])
def pay(request: StaffRequest, basket_id: int) -> HttpResponse:
    found = find_basket(request, basket_id)
    sent = request.POST if request.method == "POST" else request.GET
    key = sent.get("key", "")
    if found.state == Basket.State.PAID:
        return _receipt(request, found)
    if found.state == Basket.State.PAYING:
        return _waiting(request, found)
    page = _Page(request, found)
    if not formkeys.is_for(f"basket.{found.pk}.0", key):
        typed = {name: value for name, value in request.GET.items() if name in PayForm.base_fields}
        return page.ask(page.form(initial=page.suggested() | typed))
    form = page.form(sent)
    return _decided(page, form, key) if form.is_valid() else page.ask(form, status=422)


def _decided(page: "_Page", form: PayForm, key: str) -> HttpResponse:
    """The form is right: foresee it, and do it if it was confirmed."""
    request, found = page.request, page.basket
    try:
        means, from_wallet = form.means(page.wallet)
        parts = paying.split(page.bill, means, from_wallet=from_wallet)
        if request.method != "POST":
            return page.confirm(form, parts, key, was_asked="asked" in request.GET)
        if form.cleaned_data["paper"]:
            request.session["terminal"] = form.cleaned_data["paper"].terminal
        till = request.till.pk if request.till else None
        if means.code:
            return _by_code(page, form, parts, means, key)
        paying.pay(basket=found, means=means, from_wallet=from_wallet, levels=page.levels, key=key, by=request.actor, till=till)
    except BasketPaid:
        pass  # by another till at the same moment: its receipt is the answer
    except Refused as no:
        form.add_error(None, values.sentence(no, found.currency))
        return page.ask(form, status=422)
    except LedgerUnavailable:
        return page.confirm(form, parts, key, status=503, is_unknown=True)
    return _receipt(request, find_basket(request, found.pk))


def _by_code(page: "_Page", form: PayForm, parts: paying.Split, means: Means, key: str) -> HttpResponse:
    """The rest is asked for by the code that was scanned. What is wrong with the code alone is said where it is scanned."""
    request, found, till, scanned = page.request, page.basket, page.request.till, CodeForm(page.request.POST)
    if not scanned.is_valid():
        return page.confirm(form, parts, key, status=422, code_form=scanned)
    try:
        made = codes.ask(
            basket=found, means=means, code=scanned.cleaned_data["typed"], from_wallet=parts.from_wallet, levels=page.levels,
            key=key, by=request.actor, till=till.pk if till else None,
        )  # fmt: skip
    except (CodeUnusable, NoCodesTaken) as no:
        scanned.add_error("typed", str(no))
        return page.confirm(form, parts, key, status=422, code_form=scanned)
    found = find_basket(request, found.pk)
    return _receipt(request, found) if made.state == CodePayment.State.SOLD else _waiting(request, found)


@staff_can("till.charge")
@at_till
@require_safe
def happened(request: StaffRequest, basket_id: int, key: str) -> HttpResponse:
    """Was it paid? To its receipt if so; if not, back to the confirmation with the same key and what was typed."""
    found = find_basket(request, basket_id)
    if not formkeys.is_for(f"basket.{found.pk}.0", key):
        raise Http404
    if found.state == Basket.State.PAID:
        return _receipt(request, found)
    if found.state == Basket.State.PAYING or codes.asked_under(basket=found, key=key, by=request.actor):
        return _waiting(request, found)
    said = [(name, value) for name, values in request.GET.lists() for value in values if name not in {"key", "asked", "typed"}]
    query = urlencode([*said, ("key", key), ("asked", "yes")])
    return redirect(f"{reverse('console:till_basket_pay', args=[found.pk])}?{query}")


class _Page:
    """One basket about to be paid, and who pays."""

    def __init__(self, request: StaffRequest, basket: Basket) -> None:
        self.request, self.basket = request, basket
        self.wallet = payer_of(request, basket)
        self.levels = payers.levels_of(self.wallet) if self.wallet else frozenset[str]()
        self.bill: Bill = bill_of(basket, self.wallet)
        self.held = queries.standing(self.wallet) if self.wallet else None
        self.cards = _cards(self.wallet, self.bill) if self.wallet else {}

    def form(self, *given: Any, **more: Any) -> PayForm:
        return PayForm(*given, currency=self.basket.currency, cards=self.cards, bill=self.bill, **more)

    @property
    def covered(self) -> int:
        """What of the bill the wallet may pay, by its scope."""
        if self.wallet is None:
            return 0
        terms = moves.programme_of(self.wallet).terms()
        return scopes.covered(terms, [(line.product.category_id, line.amount) for line in self.bill.lines])

    def suggested(self) -> dict[str, str]:
        """The wallet pays what it can; the rest is for the other ways."""
        if self.wallet is None or self.held is None:
            return {}
        most = moves.programme_of(self.wallet).terms().most_per_charge or self.bill.total
        part = max(0, min(self.bill.total, self.held.balance.available, self.covered, most))
        said = {"terminal": self.request.session.get("terminal", "")}
        return said | {"from_wallet": money.plain(part, self.basket.currency)} if part < self.bill.total else said

    def ask(self, form: PayForm, *, status: int = 200) -> HttpResponse:
        return self._render({"form": form, "key": formkeys.new(f"basket.{self.basket.pk}.0")}, status)

    def confirm(self, form: PayForm, parts: paying.Split, key: str, *, status: int = 200, **more: Any) -> HttpResponse:
        fields = [(name, value) for name in form.fields for value in form.data.getlist(name)]  # type: ignore[attr-defined]  # a QueryDict
        said = {"form": form, "parts": parts, "key": key, "fields": fields, "code_form": CodeForm()}
        return self._render(said | more, status)

    def _render(self, context: dict[str, Any], status: int) -> HttpResponse:
        covered = self.covered
        scope = scopes.of(moves.programme_of(self.wallet).terms()) if self.wallet else scopes.Scope()
        common = {
            "basket": self.basket,
            "bill": self.bill,
            "asset": self.basket.currency,
            "wallet": self.wallet,
            "customer": self.wallet.customer if self.wallet else None,
            "pinned": notes.pinned(self.wallet.customer if self.wallet else None, self.request.actor),
            "held": self.held,
            "programme": moves.programme_of(self.wallet) if self.wallet else None,
            "has_cards": bool(self.cards),
            "takes_codes": codes.are_taken(self.basket.currency, self.bill.total),
            "scope": scope,
            "covered": covered,
            "is_partly_covered": self.wallet is not None and covered < self.bill.total,
        }
        return render(self.request, PAY, common | context, status=status)


def _cards(wallet: Wallet, bill: Bill) -> dict[int, Wallet]:
    """For each line of a service the count card of the same customer that can pay for it."""
    services = {f"VISITS:{line.product.visits}" for line in bill.lines if line.product.visits}
    if not services or wallet.customer_id is None:
        return {}
    mine = Wallet.objects.filter(customer=wallet.customer_id, is_joined=False, programme__kind=Programme.Kind.VISITS)
    found = {moves.programme_of(one).asset_code: one for one in mine.filter(programme__asset__in=services).order_by("-pk")}
    left = {code: queries.balance(one).available for code, one in found.items()}
    usable: dict[int, Wallet] = {}
    for line in bill.lines:
        code, visits = f"VISITS:{line.product.visits}", line.quantity // 1000
        if code in found and not line.discount and left[code] >= visits:
            usable[line.id] = found[code]
            left[code] -= visits
    return usable


def _waiting(request: StaffRequest, found: Basket) -> HttpResponse:
    return onward(request, reverse("console:till_basket_code", args=[found.pk]))


def _receipt(request: StaffRequest, found: Basket) -> HttpResponse:
    return onward(request, reverse("console:till_receipt", args=[found.operations[0]]))
