"""Stored value is sold with what the best offer gives: decided here, under lock, and written as one fact with the top-up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers.models import Customer
from chuzhi.ledger import posting
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Method
from chuzhi.organization.partners.models import PartnerLocation
from chuzhi.topups import offer_rules as rules
from chuzhi.topups import offers, releases
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer
from chuzhi.topups.offer_records import OfferGiven, Share
from chuzhi.topups.offer_rules import Gift, Kind, Won
from chuzhi.topups.offers import OF_THE_TERMS, Yield
from chuzhi.wallets import agency, funding, moves
from chuzhi.wallets.agency import Credited
from chuzhi.wallets.funding import Arrived, Bonus, Payment
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved


def top_up(*, payment: Payment, channel: Channel, by: Actor) -> Moved:
    """Money that was taken at a counter becomes principal, with what the best offer gives. Asking twice with one key sells once.

    Refuses what `funding.top_up` refuses; `offer.changed`, where the customer was shown another band than is given now.
    """
    [reached] = _all_reached([(payment, channel)])
    if not reached:
        return funding.top_up_for(payment=payment, by=by)
    no: Refused | None = None
    with transaction.atomic():
        lock(reached, [payment.wallet])
        try:
            moved = funding.top_up_for(payment=decided(payment, channel, reached), by=by)
        except Refused as refused:  # the ledger keeps its refusals: what it recorded is committed, then told
            no = refused
    if no is not None:
        raise no
    releases.release_of(moved.book, moved.seq)
    return moved


def top_up_by_partner(
    *, wallet: Wallet, amount: int, key: str, by: Actor, location: PartnerLocation | None = None, reference: str = ""
) -> Credited:
    """The same out of the float of the partner that `by` works for, with the offers that partners may give."""
    payment = Payment(wallet=wallet, amount=money.check(amount), method=Method.PARTNER, store=None, key=key)
    [reached] = _all_reached([(payment, Channel.PARTNER)])

    def giving() -> funding.Gift | None:
        lock(reached, [wallet])
        return decided(payment, Channel.PARTNER, reached).gift

    done = agency.top_up(
        wallet=wallet, amount=amount, key=key, by=by, location=location, reference=reference,
        giving=giving if reached else None,
    )  # fmt: skip
    if reached:
        releases.release_of(done.moved.book, done.moved.seq)
    return done


def credit(*, arrived: Sequence[Arrived], promised: Mapping[str, Won], by: Actor) -> list[Moved | Refused]:
    """The same for money that has come through providers, in order. Only as a part of the caller's transaction.

    What was reserved for a payment is given as it was `promised`, by the payment's key; the others get what is on offer.

    What reaches no offer is posted together; for each of the rest counts what those before it were given.
    """
    found = _all_reached([(each.payment, Channel(each.channel)) for each in arrived])
    reached = [
        [won.offer.id] if (won := promised.get(each.payment.key)) else numbers
        for each, numbers in zip(arrived, found, strict=True)
    ]
    plain = [each for each, numbers in zip(arrived, reached, strict=True) if not numbers]
    if len(plain) < len(arrived):
        offering = [each.payment.wallet for each, numbers in zip(arrived, reached, strict=True) if numbers]
        lock(set().union(*reached), offering)
        posting.lock(*{each.payment.wallet.book for each in arrived})
    answers = iter(funding.credit_many(arrived=plain, by=by))
    return [
        _credited(each, numbers, promised.get(each.payment.key), by) if numbers else next(answers)
        for each, numbers in zip(arrived, reached, strict=True)
    ]


def promise(*, wallet: Wallet, amount: int, store: int | None, channel: Channel) -> Yield:
    """What an amount yields now, for an order that is to hold it. Where that is an offer's gift, the offer and the payer are
    locked: what is decided holds until the caller's transaction ends."""
    seen = offers.preview(wallet=wallet, amount=amount, store=store, channel=channel)
    numbers = _best_of(seen)
    if not numbers:
        return seen
    lock(numbers, [wallet])
    known, at = moves.programme_of(wallet), timezone.now()
    return offers.among(
        offers.standing(numbers), known=known, wallet=wallet, amount=amount, store=store, channel=channel, at=at
    )


def _credited(arrived: Arrived, reached: Iterable[int], won: Won | None, by: Actor) -> Moved | Refused:
    channel = Channel(arrived.channel)
    if won is None:
        payment = decided(arrived.payment, channel, reached)
    else:
        payment = _with_gift(arrived.payment, won, channel, freed=won.band.worth)
    [answer] = funding.credit_many(arrived=[replace(arrived, payment=payment)], by=by)
    if isinstance(answer, Moved):
        transaction.on_commit(partial(releases.release_of, answer.book, answer.seq), robust=True)
    return answer


def decided(payment: Payment, channel: Channel, reached: Iterable[int]) -> Payment:
    """The payment with the gift that the best of these offers gives for it. They are locked, and the payer: what is decided holds.

    What stood in the way before the locks does so after them; only what fits is looked at again.
    """
    return _with_gift(payment, _yield(payment, channel, offers.standing(reached)).won, channel)


def _all_reached(payments: Sequence[tuple[Payment, Channel]]) -> list[list[int]]:
    """For each payment the offers that would be given as things stand. What is on offer is read once for each programme."""
    programmes = offers.offering({payment.wallet.programme_id for payment, _channel in payments})
    offered = {programme: offers.running(programme) for programme in programmes}
    return [
        _reached(payment, channel, offered[payment.wallet.programme_id]) if payment.wallet.programme_id in offered else []
        for payment, channel in payments
    ]


def _reached(payment: Payment, channel: Channel, offered: Sequence[rules.Offer]) -> list[int]:
    return _best_of(_yield(payment, channel, offered))


def _best_of(found: Yield) -> list[int]:
    """The best one and those it outdoes; none where the terms' own band is best."""
    if found.won is None or found.won.offer.id == OF_THE_TERMS:
        return []
    outdone = [offer.id for offer, why in found.others if why is rules.Why.OUTDONE and offer.id != OF_THE_TERMS]
    return sorted([found.won.offer.id, *outdone])


def _yield(payment: Payment, channel: Channel, offered: Sequence[rules.Offer]) -> Yield:
    return offers.among(
        offered,
        known=moves.programme_of(payment.wallet),
        wallet=payment.wallet,
        amount=payment.amount,
        store=payment.store,
        channel=channel,
        at=_at(payment),
    )


def lock(numbers: Iterable[int], wallets: Sequence[Wallet]) -> None:
    """Offers, then payers: so a budget, a first recharge and a customer's number of uses are counted by one at a time.

    Whoever else tops up for these payers with an offer waits, and then sees what we did.
    """
    customers = {wallet.customer_id for wallet in wallets if wallet.customer_id is not None}
    bearers = {wallet.pk for wallet in wallets if wallet.customer_id is None}
    list(Offer.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk"))
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=customers).order_by("pk").only("pk"))
    list(Wallet.objects.select_for_update(no_key=True).filter(pk__in=bearers).order_by("pk"))


def _at(payment: Payment) -> datetime:
    return payment.effective_at or payment.promised_at or timezone.now()


def _with_gift(payment: Payment, won: Won | None, channel: Channel, *, freed: int = 0) -> Payment:
    if won is None or won.offer.id == OF_THE_TERMS:
        return payment
    wallet = payment.wallet
    proof = OfferGiven(
        offer=won.offer.id,
        band=int(won.band.mark.removeprefix(offers.MARK)),
        wallet=wallet.pk,
        customer=wallet.customer_id,
        store=payment.store,
        channel=str(channel),
        paid=payment.amount,
        bonus=won.band.bonus,
        worth=won.band.worth,
        least=max(1, rules.least_worth(won.offer.bands)),
        freed=freed,
        shares=tuple(share for gift in won.band.gifts for share in _shares(gift, payment.effective_at or timezone.now())),
    )
    gift = funding.Gift(mark=won.band.mark, bonuses=_bonuses(won), proof=proof)
    return replace(payment, gift=gift)


def _bonuses(won: Won) -> tuple[Bonus, ...]:
    return tuple(Bonus(gift.at_once, gift.valid_days) for gift in won.band.gifts if gift.kind is Kind.BONUS)


def _shares(gift: Gift, start: datetime) -> list[Share]:
    zone = shop_zone()
    return [
        Share(gift.id, number, amount, rules.due(start, gift.every, number, zone), gift.kind is Kind.BONUS and number == 0)
        for number, amount in enumerate(rules.shares(gift.amount, gift.parts))
    ]
