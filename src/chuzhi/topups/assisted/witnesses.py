"""Who knows of what stands in the way: the modules below are asked here, others are connected by `config/wiring.py`."""

import json
from collections.abc import Iterator

from django.utils.translation import gettext as _

from chuzhi.approvals import people
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Kind, Standing
from chuzhi.organization.partners.models import Partner, PartnerEntry
from chuzhi.payments.gateways.contract import Scene
from chuzhi.topups import clearing, offers, ways
from chuzhi.topups.assisted import exceeding
from chuzhi.topups.assisted.obstacles import Obstacle, Remedy, Wish, Witness
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Order
from chuzhi.wallets import accounts, cards, disputes, funding, moves, queries, withholding
from chuzhi.wallets.models import Card, Wallet
from chuzhi.wallets.withholding import Cause

SCENES = (Scene.PAGE, Scene.PHONE, Scene.SHOWN)
"""How whoever opens a pay link can be asked to pay."""
LATELY = 20
"""Entries in which a partner is looked for."""
_others: list[Witness] = []


def connect(witness: Witness) -> None:
    if witness not in _others:
        _others.append(witness)


def heard(*, wallet: Wallet, amount: int, store: int | None = None, order: Order | None = None) -> list[Obstacle]:
    """All that stands in the way of topping up this much, what blocks it first. In the language that is spoken now."""
    wish = Wish(wallet, amount, store, queries.standing(wallet), order)
    found = [obstacle for witness in (*OWN, *_others) for obstacle in witness(wish)]
    return sorted(found, key=lambda obstacle: not obstacle.blocks)


def _standing(wish: Wish) -> Iterator[Obstacle]:
    wallet, subject = wish.wallet, f"wallet:{wish.wallet.pk}"
    if wish.held.standing is Standing.OPEN:
        return
    entry = journal.latest(wallet.book, wallet.pk, Kind.STANDING)
    why = json.loads(entry.details).get("reason", "") if entry and entry.details else ""
    by = people.names({entry.actor}).get(entry.actor, entry.actor) if entry else ""
    if wish.held.standing is Standing.FROZEN:
        what = _("The wallet is frozen by %(by)s: %(why)s") % {"by": by, "why": why}
        yield Obstacle(
            code="wallet.frozen", subject=subject, what=what, blocks=True, permission=accounts.FREEZE, remedy=Remedy.UNFREEZE
        )
    else:
        what = _("The wallet is closed for good: %(why)s. The customer needs a new one.") % {"why": why}
        yield Obstacle(code="wallet.closed", subject=subject, what=what, blocks=True, permission=accounts.OPEN)


def _programme(wish: Wish) -> Iterator[Obstacle]:
    programme = moves.programme_of(wish.wallet)
    subject = f"programme:{programme.id}"
    if not wish.is_of_money:
        what = _("“%(name)s” holds no money, so nobody can pay into it.") % {"name": programme.name}
        yield Obstacle(code="order.not_money", subject=subject, what=what, blocks=True)
    elif not programme.is_open:
        what = _("“%(name)s” is closed: nothing is sold in it any more.") % {"name": programme.name}
        yield Obstacle(code="programme.closed", subject=subject, what=what, blocks=True, permission="programmes.manage")


def _customer(wish: Wish) -> Iterator[Obstacle]:
    customer = wish.wallet.customer
    if customer is not None and customer.withdrawn_at is not None:
        what = _("The customer was withdrawn: we know nothing of them any more.")
        yield Obstacle(code="customer.withdrawn", subject=f"customer:{customer.pk}", what=what)


def _cards(wish: Wish) -> Iterator[Obstacle]:
    """Nobody needs a card to be topped up, but a lost one is often what they call about."""
    for card in cards.of(wish.wallet).filter(status=Card.Status.LOST):
        what = _("Card %(number)s is reported lost, and finds nothing at a till.") % {"number": card.number}
        yield Obstacle(code="card.lost", subject=f"card:{card.pk}", what=what, permission=cards.ISSUE, remedy=Remedy.CARD_FOUND)


def _limits(wish: Wish) -> Iterator[Obstacle]:
    if not wish.is_of_money:
        return
    bonus = offers.preview(wallet=wish.wallet, amount=wish.amount, store=wish.store, channel=Channel.AGENT).bonus_at_once
    for code, what, is_law in exceeding.limits(wish, bonus=bonus):
        permission = "" if is_law else "limits.apply"
        yield Obstacle(code=code, subject=f"limits:{wish.wallet.pk}", what=what, blocks=True, permission=permission)


def _debt(wish: Wish) -> Iterator[Obstacle]:
    if debt := wish.held.balance.debt:
        what = _("The wallet owes %(amount)s: a top-up repays that first.") % {"amount": wish.said(debt)}
        yield Obstacle(code="wallet.owes", subject=f"wallet:{wish.wallet.pk}", what=what)


def _disputes(wish: Wish) -> Iterator[Obstacle]:
    for entry in journal.open_disputes(wish.wallet.book, wish.wallet.pk):
        number = moves.operation_id(entry.outcome.book, entry.outcome.seq)
        amount = {"amount": wish.said(entry.outcome.amount)}
        what = _("The payer’s bank takes a payment back: %(amount)s is frozen or owed until it has decided.") % amount
        yield Obstacle(code="wallet.disputed", subject=f"dispute:{number}", what=what, permission=disputes.DISPUTES)


def _kept(wish: Wish) -> Iterator[Obstacle]:
    for each in withholding.kept(wish.wallet):
        if each.cause == Cause.CASE:
            what = _("%(amount)s is held: somebody looks into it.") % {"amount": wish.said(each.amount)}
            permission = withholding.PERMISSIONS[Cause.CASE]
            yield Obstacle(code="wallet.held_for_case", subject=f"wallet:{wish.wallet.pk}", what=what, permission=permission)
    for order in clearing.uncleared(Order.objects.filter(wallet=wish.wallet).select_related("wallet").order_by("pk")):
        if held := clearing.of(order):
            what = _("%(amount)s is paid and has not cleared yet.") % {"amount": wish.said(held.amount)}
            yield Obstacle(
                code="order.not_cleared", subject=f"order:{order.number}", what=what, permission=clearing.CLEAR,
                remedy=Remedy.MONEY_CLEARED,
            )  # fmt: skip


def _orders(wish: Wish) -> Iterator[Obstacle]:
    """Others of this wallet that nobody has paid, or whose money is on its way back."""
    others = Order.objects.filter(wallet=wish.wallet, stage__in=[Order.Stage.OPEN, Order.Stage.OWED]).order_by("pk")
    for order in others.exclude(pk=wish.order.pk) if wish.order else others:
        subject, amount = f"order:{order.number}", {"amount": wish.said(order.amount)}
        if order.stage == Order.Stage.OWED:
            what = _("%(amount)s was paid, could not be credited, and goes back to the payer.") % amount
            yield Obstacle(code="order.owed", subject=subject, what=what)
        elif order.channel == Channel.AUTO:
            what = _("An automatic top-up of %(amount)s is under way.") % amount
            yield Obstacle(code="order.automatic", subject=subject, what=what)
        else:
            what = _("An order of %(amount)s waits for its payment: two might be paid.") % amount
            yield Obstacle(
                code="order.unpaid", subject=subject, what=what, permission=funding.TOP_UP, remedy=Remedy.CANCEL_ORDER
            )


def _ways(wish: Wish) -> Iterator[Obstacle]:
    if wish.is_of_money and not ways.compare(scenes=SCENES, amount=wish.amount, currency=wish.asset):
        what = _("No way of paying takes this amount from afar: a pay link could not be paid.")
        yield Obstacle(code="order.no_way_to_pay", subject="accounts", what=what, permission="payments.manage")


def _partners(wish: Wish) -> Iterator[Obstacle]:
    """Whoever tops up at an agent that may credit nobody any more."""
    top_ups = [entry.outcome.seq for entry in queries.entries(wish.wallet, limit=LATELY) if entry.outcome.kind is Kind.TOP_UP]
    entries = PartnerEntry.objects.filter(book=wish.wallet.book, seq__in=top_ups)
    for partner in Partner.objects.filter(pk__in=entries.values("partner")).exclude(status=Partner.Status.ACTIVE):
        what = _("The customer tops up at “%(name)s”, which may credit nobody at present.") % {"name": partner.name}
        yield Obstacle(code="partner.suspended", subject=f"partner:{partner.pk}", what=what, permission="partners.settle")


OWN: tuple[Witness, ...] = (
    _standing, _programme, _customer, _limits, _orders, _disputes, _debt, _kept, _cards, _partners, _ways,
)  # fmt: skip
