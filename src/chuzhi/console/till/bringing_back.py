"""Goods come back to the till: which, how many; then what goes back and how (GET); then it is done (POST), under one key."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuzhi.catalogue.rules import quantity_of, quantity_text
from chuzhi.console import formkeys, values
from chuzhi.console.access import StaffRequest, at_till, staff_can
from chuzhi.console.till.basket_views import find_basket
from chuzhi.console.till.counter import onward
from chuzhi.console.till.foresight import told
from chuzhi.core.errors import Refused
from chuzhi.ledger.errors import LedgerUnavailable
from chuzhi.till import goods, returns, walkins
from chuzhi.till.goods import Goods, Out
from chuzhi.till.models import Basket
from chuzhi.till.returns import Returned, Split
from chuzhi.wallets import moves, queries
from chuzhi.wallets.models import Wallet

PAGE = "console/till/bring_back.html"


class BringBackForm(forms.Form):
    """How much of each line came back; empty is none of it."""

    use_required_attribute = False
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, out: list[Out], **more: Any) -> None:
        super().__init__(*args, **more)
        self.out = [each for each in out if each.quantity]
        for each in self.out:
            self.fields[f"line_{each.line}"] = QuantityField(each, required=False)

    def rows(self) -> list[tuple[forms.BoundField, str]]:
        """Each line's field, and how much can come back."""
        return [(self[f"line_{each.line}"], each.said(each.quantity)) for each in self.out]

    @property
    def goods(self) -> Goods:
        given = {each.line: self.cleaned_data[f"line_{each.line}"] for each in self.out}
        return {line: quantity for line, quantity in given.items() if quantity}

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.goods:
            raise ValidationError(_("Say of at least one line how much came back."))
        return self.cleaned_data


class QuantityField(forms.CharField):
    """Thousandths of one line, at most what can still come back."""

    def __init__(self, out: Out, **more: Any) -> None:
        super().__init__(label=out.name, max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **more)
        self.out = out

    def clean(self, value: Any) -> int:
        given = super().clean(value).strip()
        if given in {"", "0"}:
            return 0
        quantity = quantity_of(given) or 0
        try:
            self.out.worth(quantity)
        except Refused as no:
            raise ValidationError(str(no), code=no.code) from no
        return quantity


@staff_can("till.refund")
@at_till
@require_http_methods(["GET", "POST"])
def bring_back(request: StaffRequest, wallet_id: int, seq: int) -> HttpResponse:
    """Of a sale that a wallet paid, if only in part."""
    wallets = queries.visible_to(request.actor).select_related("customer", "programme")
    wallet = get_object_or_404(wallets, pk=wallet_id)
    page = _Page(
        request, f"bring_back.{wallet.pk}.{seq}", moves.operation_id(wallet.book, seq), moves.programme_of(wallet).asset_code,
        out=goods.out(wallet.book, seq) if queries.operation(wallet, seq) else [],
        left=lambda: returns.left(wallet, seq),
        give_back=partial(returns.give_back, wallet=wallet, charge=seq, store=request.store.pk if request.store else 0),
        wallet=wallet,
    )  # fmt: skip
    return page.answer()


@staff_can("till.refund")
@at_till
@require_http_methods(["GET", "POST"])
def bring_back_walkin(request: StaffRequest, basket_id: int) -> HttpResponse:
    """Of a sale that cash and card paid alone."""
    basket = find_basket(request, basket_id)
    number = f"{walkins.MARK}{basket.pk}"
    page = _Page(
        request, f"bring_back_walkin.{basket.pk}.0", number, basket.currency,
        out=goods.out(walkins.BOOK, basket.pk),
        left=lambda: walkins.left(basket),
        give_back=partial(walkins.take_back, number=number),
        basket=basket,
    )  # fmt: skip
    return page.answer()


@staff_can("till.refund")
@at_till
@require_safe
def happened(request: StaffRequest, basket_id: int, key: str) -> HttpResponse:
    """Did it come back? The page of the same key shows the receipt if so, and the confirmation if not."""
    basket = find_basket(request, basket_id)
    query = urlencode({name: value for name, value in request.GET.items() if name != "key"} | {"key": key, "asked": "yes"})
    return redirect(f"{reverse('console:till_bring_back_walkin', args=[basket.pk])}?{query}")


@dataclass(slots=True)
class _Page:
    """One sale of which something comes back, and the command that takes it."""

    request: StaffRequest
    about: str
    operation: str
    asset: str
    out: list[Out] = field(kw_only=True)
    left: Callable[[], Split] = field(kw_only=True)
    give_back: Callable[..., Returned] = field(kw_only=True)
    wallet: Wallet | None = field(default=None, kw_only=True)
    basket: Basket | None = field(default=None, kw_only=True)

    @property
    def sent(self) -> QueryDict:
        return self.request.POST if self.request.method == "POST" else self.request.GET

    def answer(self) -> HttpResponse:
        if not self.out:
            raise Http404
        key = self.sent.get("key", "")
        if not formkeys.is_for(self.about, key):
            typed = {name: value for name, value in self.request.GET.items() if name != "key"}
            return self.ask(BringBackForm(out=self.out, initial=typed))
        if (made := returns.made_under(key=key, by=self.request.actor)) is not None:
            done = moves.operation_id(made.book, made.refund) if made.refund else self.operation
            return _receipt(done, self.request, "?was=done")
        form = BringBackForm(self.sent, out=self.out)
        return self.decide(form, key) if form.is_valid() else self.ask(form, status=422)

    def decide(self, form: BringBackForm, key: str) -> HttpResponse:
        """The form is right: foresee it, and do it if it was confirmed."""
        request, till = self.request, self.request.till
        try:
            parts = returns.split(self.left(), sum(goods.priced(self.out, form.goods).values()))
            if request.method != "POST":
                return self.confirm(form, parts, key, was_asked="asked" in request.GET)
            done = self.give_back(
                goods=form.goods, reason=form.cleaned_data["reason"], key=key, by=request.actor, till=till.pk if till else None
            )
        except Refused as no:
            form.add_error(None, values.sentence(no, self.asset))
            return self.ask(form, status=422)
        except LedgerUnavailable:
            return self.confirm(form, parts, key, status=503, is_unknown=True)
        return _receipt(done.id, request)

    def ask(self, form: BringBackForm, *, status: int = 200) -> HttpResponse:
        return self._render({"form": form, "key": formkeys.new(self.about)}, status)

    def confirm(self, form: BringBackForm, parts: Split, key: str, *, status: int = 200, **more: Any) -> HttpResponse:
        named = {each.line: each for each in self.out}
        brought = [
            (named[line].name, named[line].said(quantity), named[line].worth(quantity)) for line, quantity in form.goods.items()
        ]
        fields = [("reason", form.cleaned_data["reason"])]
        fields += [(f"line_{line}", quantity_text(quantity)) for line, quantity in form.goods.items()]
        ways = [(_("To the wallet"), values.text(parts.to_wallet, self.asset))] if self.wallet else []
        ways += told(parts.tenders, self.asset)  # type: ignore[arg-type]  # lazy labels too
        return self._render({"parts": parts, "brought": brought, "ways": ways, "key": key, "fields": fields} | more, status)

    def _render(self, context: dict[str, Any], status: int) -> HttpResponse:
        wallet = self.wallet
        common = {
            "wallet": wallet,
            "basket": self.basket,
            "customer": wallet.customer if wallet else None,
            "programme": moves.programme_of(wallet) if wallet else None,
            "held": queries.standing(wallet) if wallet else None,
            "asset": self.asset,
            "operation": self.operation,
            "lines": [(each, each.said(each.quantity), each.said(each.back) if each.back else "") for each in self.out],
            "address": self.request.path,
        }
        return render(self.request, PAGE, common | context, status=status)


def _receipt(operation: str, request: StaffRequest, was: str = "") -> HttpResponse:
    return onward(request, f"{reverse('console:till_receipt', args=[operation])}{was}")
