"""What an act at the till will come to, shown before it is confirmed. The ledger still has the last word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.console import values
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Standing
from chuzhi.ledger.errors import (
    CaptureTooLarge,
    Frozen,
    NotEnough,
    OverBalanceLimit,
    OverDayLimit,
    OverTransactionLimit,
    RefundTooLarge,
)
from chuzhi.ui.templatetags import ui
from chuzhi.wallets import moves, queries, rules, spending
from chuzhi.wallets.errors import ProgrammeClosed
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.queries import Held


@dataclass(frozen=True, slots=True)
class Ahead:
    """`amount` stands out (None: nothing to show large); `facts` are read below it; `hidden` goes along with the form."""

    amount: int | None
    facts: tuple[tuple[str | Promise, str], ...] = ()
    objection: Refused | None = None
    hidden: tuple[tuple[str, str], ...] = ()


def charge(wallet: Wallet, held: Held, given: Mapping[str, Any], _seq: int) -> Ahead:
    ahead, terms = _taking(wallet, held, given["amount"], _("Available after it")), moves.programme_of(wallet).terms()
    _topped_up, used = queries.used_today(wallet)
    over = _over(given["amount"], used, terms.most_per_charge, terms.most_charged_a_day)
    return Ahead(ahead.amount, ahead.facts, ahead.objection or over)


def hold(wallet: Wallet, held: Held, given: Mapping[str, Any], _seq: int) -> Ahead:
    ahead, terms = _taking(wallet, held, given["amount"], _("Available meanwhile")), moves.programme_of(wallet).terms()
    until = timezone.now() + timedelta(days=given["days"])
    over = _over(given["amount"], 0, terms.most_per_charge, None)
    return Ahead(ahead.amount, (*ahead.facts, (_("Until"), ui.when(until))), ahead.objection or over)


def _taking(wallet: Wallet, held: Held, amount: int, after: str | Promise) -> Ahead:
    asset, available = _asset(wallet), held.balance.available
    objection: Refused | None = NotEnough(available=available, asked=amount) if amount > available else None
    if held.standing is Standing.FROZEN:
        objection = Frozen()
    facts = ((_("Available now"), values.text(available, asset)), (after, values.text(available - amount, asset)))
    return Ahead(amount, facts, objection)


def top_up(wallet: Wallet, held: Held, given: Mapping[str, Any], _seq: int) -> Ahead:
    programme, amount = moves.programme_of(wallet), given["amount"]
    terms, asset = programme.terms(), programme.asset_code
    band = rules.band_for(terms.bands, amount)
    facts: list[tuple[str | Promise, str]] = []
    if band:
        facts.append((_("Bonus"), values.signed(band.bonus, asset)))
        until = rules.valid_until(timezone.now(), terms.bonus_valid_days, shop_zone())
        if until:
            facts.append((_("Bonus can be spent until"), ui.when(until - timedelta(seconds=1), "date")))
    repaid = min(held.balance.debt, amount)
    if repaid:
        facts.append((_("Repays what is owed"), values.text(repaid, asset)))
    available = held.balance.available + amount - repaid + (band.bonus if band else 0)
    facts.append((_("Available after it"), values.text(available, asset)))
    hidden = (("offer", str(band.id)),) if band else ()
    return Ahead(amount, tuple(facts), _top_up_objection(wallet, held, amount, amount + (band.bonus if band else 0)), hidden)


def _top_up_objection(wallet: Wallet, held: Held, amount: int, coming: int) -> Refused | None:
    """Known before the customer's cash is taken."""
    programme = moves.programme_of(wallet)
    terms = programme.terms()
    if held.standing is Standing.FROZEN:
        return Frozen()
    if not programme.is_open:
        return ProgrammeClosed(programme=programme.name)
    used, _charged = queries.used_today(wallet)
    if over := _over(amount, used, terms.most_per_top_up, terms.most_topped_up_a_day):
        return over
    has = held.balance.principal + held.balance.bonus
    return OverBalanceLimit(limit=terms.most_held) if terms.most_held is not None and has + coming > terms.most_held else None


def _over(amount: int, used: int, most_at_once: int | None, most_a_day: int | None) -> Refused | None:
    if most_at_once is not None and amount > most_at_once:
        return OverTransactionLimit(limit=most_at_once)
    return OverDayLimit(limit=most_a_day, used=used) if most_a_day is not None and used + amount > most_a_day else None


def refund(wallet: Wallet, held: Held, given: Mapping[str, Any], seq: int) -> Ahead:
    amount, asset = given["amount"], _asset(wallet)
    left = spending.refundable(wallet, seq)
    facts = (
        (_("Can be given back"), values.text(left, asset)),
        (_("Available after it"), values.text(held.balance.available + amount, asset)),
    )
    return Ahead(amount, facts, RefundTooLarge(left=left) if amount > left else None)


def pay_back(wallet: Wallet, _held: Held, given: Mapping[str, Any], seq: int) -> Ahead:
    paid = journal.operation(wallet.book, seq)
    facts = ((_("Paid at the time"), values.text(paid.outcome.amount, _asset(wallet))),) if paid else ()
    return Ahead(given["amount"], facts)


def capture(wallet: Wallet, _held: Held, given: Mapping[str, Any], seq: int) -> Ahead:
    amount, asset, left = given["amount"], _asset(wallet), left_of_hold(wallet, seq)
    rest = left - amount
    after = (_("Let go"), values.text(rest, asset)) if given["final"] else (_("Still on hold"), values.text(rest, asset))
    return Ahead(amount, ((_("On hold"), values.text(left, asset)), after), CaptureTooLarge(left=left) if rest < 0 else None)


def release(wallet: Wallet, held: Held, _given: Mapping[str, Any], seq: int) -> Ahead:
    left, asset = left_of_hold(wallet, seq), _asset(wallet)
    return Ahead(left, ((_("Available after it"), values.text(held.balance.available + left, asset)),))


def left_of_hold(wallet: Wallet, seq: int) -> int:
    """What a hold (its seq) still keeps, whether or not its time is over."""
    placed = journal.operation(wallet.book, seq)
    later = journal.answering(wallet.book, wallet.pk, seq)
    return sum(leg.held for entry in filter(None, (placed, *later)) for leg in entry.outcome.legs)


def _asset(wallet: Wallet) -> str:
    return moves.programme_of(wallet).asset_code
