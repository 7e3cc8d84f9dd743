"""What a top-up was given is handed over when its day comes, each part once, and goes back when the top-up does."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.utils import timezone

from chuzhi.core import actors
from chuzhi.core.errors import Refused
from chuzhi.customers.models import Customer
from chuzhi.ledger import followers, posting
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import BONUS_COST, Bucket, Kind, Standing
from chuzhi.ledger.errors import Closed
from chuzhi.ledger.followers import Entry
from chuzhi.ledger.operations import Grant, TakeBack, TopUp
from chuzhi.topups import offer_rules as rules
from chuzhi.topups.models import Benefit, GiftPart, OfferGift, OfferUse
from chuzhi.wallets import accounts, programmes
from chuzhi.wallets import rules as terms_rules
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.programmes import Known

US = actors.system("offers")


class _Fate(Enum):
    """What has become of a top-up: nothing (it stands), its payer's bank disputes it, or it went back, whole or in part."""

    STANDS = "stands"
    DISPUTED = "disputed"
    GONE = "gone"


FOLLOWER = "topups.gifts"
TRIED_AGAIN_AFTER = timedelta(days=1)


def release_due(*, now: datetime | None = None, most: int = 2_000) -> int:
    """For the clock: every part whose day has come, each in a transaction of its own. Answers how many were released."""
    at = now or timezone.now()
    waiting = GiftPart.objects.filter(released_at=None, stopped_at=None, due_at__lte=at).order_by("due_at", "pk")
    return sum(_release(part, at) for part in waiting.values_list("pk", flat=True)[:most])


def release_of(book: int, seq: int) -> int:
    """What a top-up was given at once beside its bonus."""
    at = timezone.now()
    waiting = GiftPart.objects.filter(book=book, seq=seq, released_at=None, stopped_at=None, due_at__lte=at).order_by("pk")
    return sum(_release(part, at) for part in waiting.values_list("pk", flat=True))


def follow_returns() -> int:
    """For the clock: top-ups that went back to their payers take their gifts with them."""
    return followers.follow(FOLLOWER, _take_back_of)


@transaction.atomic
def _release(number: int, at: datetime) -> bool:
    """Hand over one part, unless its top-up has gone back. While the payer's bank disputes it, it waits."""
    waiting = GiftPart.objects.select_for_update(of=("self",), skip_locked=True).filter(released_at=None, stopped_at=None)
    part = waiting.select_related("gift").filter(pk=number).first()
    if part is None:
        return False
    use = OfferUse.objects.get(book=part.book, seq=part.seq)
    posting.lock(part.book)
    fate = _fate(use)
    if fate is _Fate.GONE:
        part.stopped_at = at
    elif fate is _Fate.DISPUTED:
        part.due_at = at + TRIED_AGAIN_AFTER
    else:
        try:
            _hand_over(part, use, at)
            part.released_at = at
        except Closed:
            part.stopped_at = at
        except Refused:
            part.due_at, part.tries = at + TRIED_AGAIN_AFTER, part.tries + 1
    part.save(update_fields=["stopped_at", "released_at", "due_at", "tries", "wallet", "released_seq"])
    return part.released_at is not None


def _fate(use: OfferUse) -> _Fate:
    """A refund, even of a part, ends what has not been released yet."""
    for entry in journal.answering(use.book, use.wallet, use.seq):
        if entry.outcome.refusal is not None:
            continue
        if entry.outcome.kind is Kind.TOP_UP_REFUND:
            return _Fate.GONE
        if entry.outcome.kind is Kind.DISPUTE:
            ends = [end for end in journal.answering(use.book, use.wallet, entry.outcome.seq) if end.outcome.refusal is None]
            if not ends:
                return _Fate.DISPUTED
            if not json.loads(ends[0].details).get("won", False):
                return _Fate.GONE
    return _Fate.STANDS


def _hand_over(part: GiftPart, use: OfferUse, at: datetime) -> None:
    """Value as a lot, keyed by the part; a coupon or a level as a fact."""
    gift = part.gift
    if gift.kind in {OfferGift.Kind.COUPON, OfferGift.Kind.LEVEL}:
        customer = Customer.objects.get(pk=use.customer_id or 0).now
        until = terms_rules.valid_until(at, gift.valid_days, shop_zone())
        Benefit.objects.create(
            part=part, customer=customer, kind=gift.kind, code=gift.code, quantity=part.amount, since=at, until=until
        )
        return
    wallet = Wallet.objects.get(pk=use.wallet) if gift.programme is None else _wallet_in(gift.programme, use)
    known = programmes.known(wallet.programme_id)
    outcome = posting.post_one(
        TopUp(
            book=wallet.book, wallet=wallet.pk, key=f"gift:{part.pk}:{part.tries}", by=US.label, asset=known.asset,
            grants=(_lot(part, use, known, at),), reference=f"offer:{use.offer_id}",
        )
    )  # fmt: skip
    part.wallet, part.released_seq = wallet.pk, outcome.seq


def _lot(part: GiftPart, use: OfferUse, known: Known, at: datetime) -> Grant:
    terms = known.terms()
    return Grant(
        asset=known.asset, bucket=Bucket.BONUS, amount=part.amount, source=BONUS_COST, terms=terms.id,
        expires_at=terms_rules.valid_until(at, part.gift.valid_days or terms.bonus_valid_days, shop_zone()),
        funding=f"offer:{use.offer_id}:{use.book}-{use.seq}",
    )  # fmt: skip


def _wallet_in(programme: Programme, use: OfferUse) -> Wallet:
    """The customer's wallet in the other programme that is not closed, the oldest; or a new one."""
    customer = use.customer.now if use.customer else None
    held = Wallet.objects.filter(customer=customer, programme=programme, is_joined=False).order_by("pk")
    for wallet in held:
        if journal.standing(wallet.book, wallet.pk) is not Standing.CLOSED:
            return wallet
    key = f"offer:{customer.pk if customer else None}:{programme.pk}:{len(held)}"
    return accounts.open_wallet(programme=programme, customer=customer, key=key, by=US)


def _take_back_of(entries: Sequence[Entry]) -> None:
    """What the journal says of top-ups that went back: parts to come are stopped, released ones are taken back."""
    returned = [use for entry in entries if (use := _returned_use(entry))]
    if not returned:
        return
    uses = {(use.book, use.seq): use for use in returned}
    found = GiftPart.objects.select_for_update(of=("self",)).filter(book=returned[0].book, seq__in=[seq for _book, seq in uses])
    parts = list(found.select_related("gift__programme").order_by("pk"))
    at = timezone.now()
    for use in uses.values():
        mine = [part for part in parts if part.seq == use.seq]
        _take_back(use, mine, _returned(use), at)


def _returned_use(entry: Entry) -> OfferUse | None:
    """The use of an offer whose top-up this entry gives back, if it does."""
    outcome = entry.outcome
    if outcome.refusal is not None or outcome.ref_seq is None:
        return None
    seq = outcome.ref_seq
    if outcome.kind is Kind.DISPUTE_END and not json.loads(entry.details).get("won", False):
        opened = journal.operation(outcome.book, seq)
        seq = opened.outcome.ref_seq or 0 if opened else 0
    elif outcome.kind is not Kind.TOP_UP_REFUND:
        return None
    return OfferUse.objects.filter(book=outcome.book, seq=seq).first()


def _returned(use: OfferUse) -> int:
    """What of the top-up's principal went back to its payer so far, or was kept back for spent bonus."""
    answers = journal.answering(use.book, use.wallet, use.seq)
    if any(each.outcome.kind is Kind.DISPUTE for each in answers) and _fate(use) is _Fate.GONE:
        return use.paid
    refunds = [each.outcome for each in answers if each.outcome.kind is Kind.TOP_UP_REFUND and each.outcome.refusal is None]
    return -sum(refund.moved(Bucket.PRINCIPAL) for refund in refunds)


def _take_back(use: OfferUse, parts: Sequence[GiftPart], returned: int, at: datetime) -> None:
    """Parts to come are stopped; of what was released, as large a share goes back as of what was paid."""
    for part in parts:
        if part.released_at is None:
            part.stopped_at = part.stopped_at or at
        elif part.released_seq is not None and not _came_with_it(part, use):
            _take_value_back(part, rules.to_take_back(part.amount, use.paid, returned), at)
        part.save(update_fields=["stopped_at", "taken_back"])
    if returned >= use.paid:
        Benefit.objects.filter(part__in=parts, withdrawn_at=None).update(withdrawn_at=at)


def _came_with_it(part: GiftPart, use: OfferUse) -> bool:
    """A lot of the top-up itself: the ledger's own refund takes it along."""
    return part.wallet == use.wallet and part.released_seq == use.seq


def _take_value_back(part: GiftPart, whole: int, at: datetime) -> None:
    """Up to `whole` of the part's own lot, counting what went back before; what is spent of it is owed, what expired is not."""
    wallet = Wallet.objects.get(pk=part.wallet or 0)
    lots = [lot for lot in journal.lots(wallet.book, wallet.pk, only_open=False) if lot.made_by == part.released_seq]
    has_gone = any(lot.has_expired(at) for lot in lots) or journal.standing(wallet.book, wallet.pk) is Standing.CLOSED
    if whole <= part.taken_back or has_gone:
        return
    posting.post_one(
        TakeBack(
            book=wallet.book, wallet=wallet.pk, key=f"gift-back:{part.pk}:{whole}", by=US.label, made_by=part.released_seq,
            asset=programmes.known(wallet.programme_id).asset, amount=whole - part.taken_back, reason=f"offer:{part.gift_id}",
        )
    )  # fmt: skip
    part.taken_back = whole
