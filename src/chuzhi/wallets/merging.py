"""What a customer's wallets hold follows the customer into another record: lot by lot, with dates, terms and funding.

A customer's value is all in one book, so that limits can be held under its lock. The wallets of the record that goes change
hands, but their value moves to a wallet in the book of whoever is kept; their cards find that one from then on, and what
still comes into them later (goods brought back, a gift in parts) is brought over.
"""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from chuzhi.core.actors import Actor, system
from chuzhi.core.errors import Refused
from chuzhi.customers.models import Customer, Merge
from chuzhi.ledger import posting
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Bucket, Standing
from chuzhi.ledger.operations import Stand
from chuzhi.limits.rules import Kind
from chuzhi.wallets import accounts, ceilings, moves, queries, transfers
from chuzhi.wallets.errors import WalletNotFree
from chuzhi.wallets.models import Card, JoinedWallet, Wallet

LATE = """
    SELECT j.id FROM joined_wallet j JOIN wallet w ON w.id = j.wallet_id
    WHERE j.parted_at IS NULL AND EXISTS (
        SELECT 1 FROM ledger_lot l WHERE l.book = w.book AND l.wallet = w.id AND l.open
          AND l.remaining > l.held AND l.bucket <> %s AND (l.expires_at IS NULL OR l.expires_at > now()))
    ORDER BY j.id LIMIT 1000"""


class Wallets:
    """Follows `customers.merging`."""

    name = "wallets"

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        """A wallet that is frozen, keeps something for somebody or owes something does not move: that is settled first."""
        return next((no for wallet in _of(gone) if (no := _not_free(wallet))), None)

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> dict[str, list[int]]:
        posting.lock(*sorted({kept.book, gone.book}))
        if no := self.objection(kept, gone):
            raise no
        theirs = list(Wallet.objects.filter(customer=gone).values_list("pk", flat=True))
        joined = [_join(merge, wallet, kept, by).pk for wallet in _of(gone)]
        Wallet.objects.filter(pk__in=theirs).update(customer=kept)
        return {"joined": joined, "wallets": theirs}

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: Any, by: Actor) -> None:
        posting.lock(*sorted({kept.book, gone.book}))
        for joined in JoinedWallet.objects.select_related("wallet", "to").filter(pk__in=moved["joined"]).order_by("-pk"):
            _part(joined, by)
        Wallet.objects.filter(pk__in=moved["wallets"], customer=kept).update(customer=gone)


def bring_over() -> int:
    """For the clock: value that came into joined wallets since. Answers how many had some."""
    with connection.cursor() as cursor:
        cursor.execute(LATE, [int(Bucket.DEBT)])
        late = [number for (number,) in cursor.fetchall()]
    for joined in JoinedWallet.objects.select_related("wallet", "to").filter(pk__in=late):
        with transaction.atomic():
            posting.lock(*sorted({joined.wallet.book, joined.to.book}))  # books first, as whoever merges and parts
            joined.refresh_from_db(fields=["arrived", "parted_at"])
            if joined.parted_at is None and journal.standing(joined.wallet.book, joined.wallet_id) is Standing.OPEN:
                _carry(joined, system("merging"))
    return len(late)


def where_joined(wallet: Wallet) -> Wallet | None:
    """The wallet that holds what this one held, if it was joined to another."""
    joined = JoinedWallet.objects.select_related("to").filter(wallet=wallet, parted_at=None).first()
    return joined.to if joined else None


def foreseen(kept: Customer, gone: Customer) -> list[tuple[Wallet, Wallet | None]]:
    """Which wallet of the other goes into which of the kept one (None: into a new one), for whoever prepares a merge."""
    return [(wallet, _home(wallet, kept)) for wallet in _of(gone)]


def _of(customer: Customer) -> list[Wallet]:
    """Those that are neither closed nor joined to another already."""
    mine = Wallet.objects.filter(customer=customer, is_joined=False).select_related("programme").order_by("pk")
    return [wallet for wallet in mine if journal.standing(wallet.book, wallet.pk) is not Standing.CLOSED]


def _not_free(wallet: Wallet) -> WalletNotFree | None:
    balance, asset = queries.balance(wallet), moves.programme_of(wallet).asset
    others = any(lot.asset != asset for lot in journal.lots(wallet.book, wallet.pk))
    if journal.standing(wallet.book, wallet.pk) is Standing.OPEN and not (balance.held or balance.debt or others):
        return None
    return WalletNotFree(wallet=wallet.pk, programme=wallet.programme.name)


def _join(merge: Merge, wallet: Wallet, kept: Customer, by: Actor) -> JoinedWallet:
    home = _home(wallet, kept)
    to = home or accounts.opened(
        programme=wallet.programme, customer=kept, asked_for=accounts.mark(by, f"merge:{merge.pk}:{wallet.pk}"), by=by
    )
    cards = list(Card.objects.filter(wallet=wallet).exclude(status=Card.Status.DEAD).values_list("pk", flat=True))
    joined = JoinedWallet.objects.create(merge=merge, wallet=wallet, to=to, is_new=home is None, cards=cards)
    Card.objects.filter(pk__in=cards).update(wallet=to, book=to.book)
    Wallet.objects.filter(pk=wallet.pk).update(is_joined=True)
    _carry(joined, by)
    return joined


def _home(wallet: Wallet, kept: Customer) -> Wallet | None:
    """The kept customer's wallet of that programme which may hold both; a ceiling of the law is not broken by joining."""
    coming = queries.balance(wallet).available
    for own in Wallet.objects.filter(customer=kept, programme=wallet.programme_id, is_joined=False).order_by("pk"):
        held = queries.standing(own)
        most = ceilings.of(own, store=kept.home_store_id).decisive(Kind.HELD)
        total = held.balance.principal + held.balance.bonus + coming
        if held.standing is Standing.OPEN and (not coming or most is None or total <= most.amount):
            return own
    return None


def _carry(joined: JoinedWallet, by: Actor) -> None:
    """All that is free goes over; the lots that arrive are known by the operation that brought them."""
    free = queries.balance(joined.wallet).available
    if free:
        number = len(joined.arrived)
        sent = transfers.move(
            wallet=joined.wallet, to=joined.to, amount=free, reason=f"merge:{joined.merge_id}",
            key=f"merge:{joined.merge_id}:{number}", by=by,
        )  # fmt: skip
        joined.arrived = [*joined.arrived, sent.arrived.seq]
        joined.save(update_fields=["arrived"])


def _part(joined: JoinedWallet, by: Actor) -> None:
    """What is left of the lots that came over goes back, and so do the cards that still find the other wallet."""
    now = timezone.now()
    lots = journal.lots(joined.to.book, joined.to_id)
    left = sum(lot.remaining - lot.held for lot in lots if lot.made_by in joined.arrived and not lot.has_expired(now))
    if left:
        transfers.move(
            wallet=joined.to, to=joined.wallet, amount=left, reason=f"unmerge:{joined.merge_id}",
            key=f"unmerge:{joined.merge_id}:{joined.wallet_id}", by=by, lots_of=tuple(joined.arrived),
        )  # fmt: skip
    back = Card.objects.filter(pk__in=joined.cards, wallet=joined.to)
    back.update(wallet=joined.wallet, book=joined.wallet.book)
    Wallet.objects.filter(pk=joined.wallet_id).update(is_joined=False)
    joined.parted_at = now
    joined.save(update_fields=["parted_at"])
    if joined.is_new and not journal.lots(joined.to.book, joined.to_id) and not Card.objects.filter(wallet=joined.to).exists():
        _close(joined.to, f"unmerge:{joined.merge_id}", by)


def _close(wallet: Wallet, reason: str, by: Actor) -> None:
    common = moves.common(wallet, moves.programme_of(wallet), key=f"{reason}:close", by=by)
    moves.make(wallet, Stand(**common, standing=Standing.CLOSED, reason=reason))
