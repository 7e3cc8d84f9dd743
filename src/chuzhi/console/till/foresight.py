"""What an act at the till will come to, shown before it is confirmed. The ledger still has the last word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import authority
from chuzhi.console import values
from chuzhi.console.offers import telling
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Standing
from chuzhi.ledger.errors import (
    CaptureTooLarge,
    Frozen,
    NotEnough,
    OverDayLimit,
    OverTransactionLimit,
    RefundTooLarge,
)
from chuzhi.payments import methods
from chuzhi.payments.counter.tenders import Left, Tender
from chuzhi.till import returns
from chuzhi.till.errors import NothingFromWallet
from chuzhi.topups import offers
from chuzhi.topups.channels import Channel
from chuzhi.topups.offer_rules import Kind
from chuzhi.topups.offers import Yield
from chuzhi.ui.templatetags import ui
from chuzhi.wallets import ceilings, moves, paybacks, queries, rules
from chuzhi.wallets.ceilings import Ceilings
from chuzhi.wallets.errors import ProgrammeClosed
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.queries import Held
from chuzhi.wallets.sharing import allowances, members


@dataclass(frozen=True, slots=True)
class Ahead:
    """`amount` stands out (None: nothing to show large); `facts` are read below it; `hidden` goes along with the form.

    `short` is what of a charge would have to be paid otherwise, where the wallet holds a part of it.
    """

    amount: int | None
    facts: tuple[tuple[str | Promise, str], ...] = ()
    objection: Refused | None = None
    hidden: tuple[tuple[str, str], ...] = ()
    short: int = 0


def charge(wallet: Wallet, held: Held, given: Mapping[str, Any], _seq: int) -> Ahead:
    amount, paid, asset = given["amount"], otherwise(given), _asset(wallet)
    rest = amount - sum(each.amount for each in paid)
    if rest <= 0:
        return Ahead(amount, (), NothingFromWallet(otherwise=amount - rest, amount=amount))
    ahead, terms = _taking(wallet, held, rest, _("Available after it")), moves.programme_of(wallet).terms()
    _topped_up, used = queries.used_today(wallet)
    over = _over(rest, used, terms.most_per_charge, terms.most_charged_a_day)
    parts = told(paid, asset)
    if parts:
        parts.insert(0, (_("From the wallet"), values.text(rest, asset)))
    if (member := members.named(wallet, given["member"])) and (no := allowances.objection(member, rest, given["store"] or 0)):
        return Ahead(amount, (*parts, *ahead.facts), no)
    if given["served_by"]:
        parts.append((_("Sold by"), given["served_by"].name))
    short = amount - held.balance.available if 0 < held.balance.available < rest else 0
    return Ahead(amount, (*parts, *ahead.facts), ahead.objection or over, short=short)


def told(paid: Sequence[Tender | Left], asset: str) -> list[tuple[str | Promise, str]]:
    return [(methods.label(each.method), values.text(each.amount, asset)) for each in paid]


def otherwise(given: Mapping[str, Any]) -> tuple[Tender, ...]:
    """What of a sale is not paid from the wallet, as the form says it."""
    if not given["otherwise"]:
        return ()
    return (Tender(method=given["method"], amount=given["otherwise"], slip=given["paper"]),)


def hold(wallet: Wallet, held: Held, given: Mapping[str, Any], _seq: int) -> Ahead:
    ahead, terms = _taking(wallet, held, given["amount"], _("Available meanwhile")), moves.programme_of(wallet).terms()
    until = timezone.now() + timedelta(days=given["days"])
    over = _over(given["amount"], 0, terms.most_per_charge, None)
    return Ahead(ahead.amount, (*ahead.facts, (_("Until"), ui.when(until))), ahead.objection or over)


def _taking(wallet: Wallet, held: Held, amount: int, after: str | Promise) -> Ahead:
    asset, available = _asset(wallet), held.balance.available
    short = NotEnough(available=available, asked=amount)
    objection: Refused | None = moves.why_not_enough(wallet.book, wallet.pk, short) if amount > available else None
    if held.standing is Standing.FROZEN:
        objection = Frozen()
    facts = ((_("Available now"), values.text(available, asset)), (after, values.text(available - amount, asset)))
    return Ahead(amount, facts, objection)


def top_up(wallet: Wallet, held: Held, given: Mapping[str, Any], _seq: int) -> Ahead:
    amount, asset = given["amount"], _asset(wallet)
    found = offers.preview(wallet=wallet, amount=amount, store=given.get("store"), channel=Channel.COUNTER)
    repaid = min(held.balance.debt, amount)
    facts = telling.facts(found, asset)
    if found.won and (until := _bonus_until(wallet, found)):
        facts.append((_("Bonus can be spent until"), ui.when(until - timedelta(seconds=1), "date")))
    if repaid:
        facts.append((_("Repays what is owed"), values.text(repaid, asset)))
    available = held.balance.available + amount - repaid + found.bonus_at_once
    facts.append((_("Available after it"), values.text(available, asset)))
    hidden = (("offer", found.mark),) if found.mark else ()
    allowed = ceilings.of(wallet, store=given["store"], by=given["by"], method=given["method"])
    objection = _top_up_objection(allowed, held, amount, amount + found.bonus_at_once)
    return Ahead(amount, tuple(facts), objection, hidden)


def _bonus_until(wallet: Wallet, found: Yield) -> datetime | None:
    """When the bonus that comes at once ends, the soonest of it."""
    terms = moves.programme_of(wallet).terms()
    days = [gift.valid_days or terms.bonus_valid_days for gift in found.gifts if gift.kind is Kind.BONUS]
    ends = [rules.valid_until(timezone.now(), each, shop_zone()) for each in days if each is not None]
    return min((end for end in ends if end), default=None)


def _top_up_objection(allowed: Ceilings, held: Held, amount: int, coming: int) -> Refused | None:
    """Known before the customer's cash is taken."""
    if held.standing is Standing.FROZEN:
        return Frozen()
    if not allowed.programme.is_open:
        return ProgrammeClosed(programme=allowed.programme.name)
    return ceilings.foreseen(allowed, amount, held=held.balance.principal + held.balance.bonus, coming=coming)


def _over(amount: int, used: int, most_at_once: int | None, most_a_day: int | None) -> Refused | None:
    if most_at_once is not None and amount > most_at_once:
        return OverTransactionLimit(limit=most_at_once)
    return OverDayLimit(limit=most_a_day, used=used) if most_a_day is not None and used + amount > most_a_day else None


def refund(wallet: Wallet, held: Held, given: Mapping[str, Any], seq: int) -> Ahead:
    amount, asset = given["amount"], _asset(wallet)
    left = returns.left(wallet, seq)
    facts: list[tuple[str | Promise, str]] = [(_("Can be given back"), values.text(left.amount, asset))]
    try:
        parts = returns.split(left, amount)
    except RefundTooLarge as no:
        return Ahead(amount, tuple(facts), no)
    if parts.tenders:
        facts.append((_("To the wallet"), values.text(parts.to_wallet, asset)))
        facts += told(parts.tenders, asset)
    facts.append((_("Available after it"), values.text(held.balance.available + parts.to_wallet, asset)))
    return Ahead(amount, tuple(facts))


def pay_back(wallet: Wallet, _held: Held, given: Mapping[str, Any], seq: int) -> Ahead:
    paid = journal.operation(wallet.book, seq)
    facts = [(_("Paid at the time"), values.text(paid.outcome.amount, _asset(wallet)))] if paid else []
    amount = paybacks.at_most(wallet, seq, given["amount"]) if paid else given["amount"]
    if authority.objection(paybacks.PAYBACK, amount, by=given["by"], approved_by=None):
        facts.append((_("More than you may alone"), str(_("Sent for approval first"))))
    return Ahead(given["amount"], tuple(facts))


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
