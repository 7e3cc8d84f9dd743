"""What a wallet holds, held, and did."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.ledger import queries as journal
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Bucket, Standing
from chuzhi.ledger.operations import scoped
from chuzhi.ledger.queries import Entry, LotLine
from chuzhi.wallets import moves
from chuzhi.wallets.models import Card, Wallet
from chuzhi.wallets.moves import Balance

VIEW = "wallets.view"


@dataclass(frozen=True, slots=True)
class Held:
    """A wallet as it stands: what it holds, and whether it is open."""

    balance: Balance
    standing: Standing
    expiring: tuple["Expiring", ...]


@dataclass(frozen=True, slots=True)
class Expiring:
    """What will be gone after a day, in minor units, unless it is spent first. `on` is the last day it can be spent."""

    on: date
    amount: int


def visible_to(actor: Actor) -> QuerySet[Wallet]:
    """Value is spent in any store, so whoever may look may look up any wallet; a customer sees their own."""
    if actor.kind is ActorKind.CUSTOMER:
        return Wallet.objects.filter(customer=actor.id)
    return Wallet.objects.all() if actor.may(VIEW) else Wallet.objects.none()


def by_card(number: str, actor: Actor) -> Wallet | None:
    """The wallet that an active card finds, ours or one brought by an import; spaces and full-width digits are read."""
    written = "".join(unicodedata.normalize("NFKC", number).split())
    card = Card.objects.filter(number=written, status=Card.Status.ACTIVE).values_list("wallet", flat=True).first()
    return visible_to(actor).filter(pk=card).first() if card else None


def standing(wallet: Wallet, *, within_days: int = 30) -> Held:
    """Everything about now, in three short reads. Lots that have expired and holds that have lapsed count as such already."""
    now = timezone.now()
    lots = journal.lots(wallet.book, wallet.pk)
    lapsed = journal.lapsed(wallet.book, wallet.pk, now)
    asset = moves.programme_of(wallet).asset
    pots: dict[int, tuple[int, int]] = {}
    for lot in lots:
        held = lot.held - lapsed.get(lot.id, 0)
        units = held if lot.has_expired(now) else lot.remaining
        before = pots.get(lot.asset * 10 + lot.bucket, (0, 0))
        pots[lot.asset * 10 + lot.bucket] = (before[0] + units, before[1] + held)
    soon = _expiring([lot for lot in lots if lot.asset == asset], lapsed, now, within_days)
    return Held(Balance.of(asset, pots), journal.standing(wallet.book, wallet.pk), soon)


def used_today(wallet: Wallet) -> tuple[int, int]:
    """Topped up and charged today, in minor units, as far as the programme limits a day."""
    return journal.used(wallet.book, wallet.pk, timezone.now().astimezone(shop_zone()).date())


def balance(wallet: Wallet) -> Balance:
    return standing(wallet).balance


def expiring(wallet: Wallet, *, within_days: int = 30) -> tuple[Expiring, ...]:
    """What expires in the coming days, soonest first."""
    return standing(wallet, within_days=within_days).expiring


def _expiring(lots: list[LotLine], lapsed: dict[int, int], now: datetime, within_days: int) -> tuple[Expiring, ...]:
    until, by_day = now + timedelta(days=within_days), dict[date, int]()
    for lot in lots:
        free = lot.remaining - lot.held + lapsed.get(lot.id, 0)
        if lot.expires_at is not None and now < lot.expires_at <= until and free and lot.bucket != Bucket.DEBT:
            last_day = (lot.expires_at - timedelta(microseconds=1)).astimezone(shop_zone()).date()
            by_day[last_day] = by_day.get(last_day, 0) + free
    return tuple(Expiring(day, amount) for day, amount in sorted(by_day.items()))


def at(wallet: Wallet, moment: datetime, *, known_at: datetime | None = None) -> Balance:
    """What it held at a moment; with `known_at`, as we knew it then (without what was written down later)."""
    pots = journal.at(wallet.book, wallet.pk, moment, known_at=known_at)
    return Balance.of(moves.programme_of(wallet).asset, pots)


def lots(wallet: Wallet, *, only_open: bool = True, after: int = 0, limit: int = 100) -> list[LotLine]:
    """By number; `after` is the last one already seen."""
    return journal.lots(wallet.book, wallet.pk, only_open=only_open, after=after, limit=limit)


def entries(wallet: Wallet, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """Newest first, refusals too; `before` is the seq of the last one already seen."""
    return journal.entries(wallet.book, wallet.pk, before=before, limit=limit)


def operation(wallet: Wallet, seq: int) -> Entry | None:
    entry = journal.operation(wallet.book, seq)
    return entry if entry is not None and entry.outcome.wallet == wallet.pk else None


def wallet_of(operation_id: str, actor: Actor) -> tuple[Wallet, Entry] | None:
    """The operation named from outside, and its wallet, if the actor may see it."""
    place = moves.place_of(operation_id)
    entry = journal.operation(*place) if place else None
    if entry is None:
        return None
    wallet = visible_to(actor).filter(pk=entry.outcome.wallet).first()
    return (wallet, entry) if wallet else None


def by_key(*, by: Actor, wallet: Wallet, key: str) -> Entry | None:
    """Did it happen? What this caller's key did to this wallet (done or refused), or None: nothing was recorded under it."""
    return journal.by_key(wallet.book, scoped(by.label, wallet.pk, key))
