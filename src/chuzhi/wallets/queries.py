"""What a wallet holds, held, and did."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.ledger import queries as journal
from chuzhi.ledger import standings as many
from chuzhi.ledger.batch import shop_zone
from chuzhi.ledger.chart import Bucket, Kind, Standing
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


def standings(wallets: Sequence[Wallet], *, within_days: int = 0) -> dict[int, Held]:
    """The same for many at once, in one read, or in two with what expires within some days."""
    places, now = [(wallet.book, wallet.pk) for wallet in wallets], timezone.now()
    figures = many.of(places, now)
    one_of_each = {wallet.programme_id: wallet for wallet in wallets}
    assets = {programme: moves.programme_of(wallet).asset for programme, wallet in one_of_each.items()}
    mine = {wallet.pk: assets[wallet.programme_id] for wallet in wallets}
    soon: dict[int, dict[date, int]] = {}
    if within_days:
        for wallet, asset, moment, amount in many.expiring(places, now, now + timedelta(days=within_days)):
            if asset == mine[wallet]:
                by_day = soon.setdefault(wallet, {})
                by_day[_last_day(moment)] = by_day.get(_last_day(moment), 0) + amount
    return {
        wallet: Held(Balance.of(asset, at.pots), at.standing, _listed(soon.get(wallet, {})))
        for wallet, asset in mine.items()
        if (at := figures.get(wallet))
    }


def open_holds(wallet: Wallet) -> frozenset[int]:
    """The numbers of its holds that can be taken or let go."""
    return journal.open_holds(wallet.book, wallet.pk)


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
            by_day[_last_day(lot.expires_at)] = by_day.get(_last_day(lot.expires_at), 0) + free
    return _listed(by_day)


def _last_day(expires_at: datetime) -> date:
    return (expires_at - timedelta(microseconds=1)).astimezone(shop_zone()).date()


def _listed(by_day: dict[date, int]) -> tuple[Expiring, ...]:
    return tuple(Expiring(day, amount) for day, amount in sorted(by_day.items()))


def has_topped_up(wallet: Wallet) -> bool:
    """Whether anything was ever paid into it, or into another wallet of the same customer in the same programme."""
    if wallet.customer_id is None:
        return journal.has_paid_in(wallet.book, [wallet.pk])
    mine = by_book(wallet.customer_id, programme=wallet.programme_id)
    return any(journal.has_paid_in(book, wallets) for book, wallets in mine)


def by_book(customer: int, **only: object) -> list[tuple[int, list[int]]]:
    """The wallets of a customer, by the book they are in: those of records that were merged into it may be in others."""
    mine = Wallet.objects.filter(customer=customer, **only).order_by("book")
    rows = groupby(mine.values_list("book", "pk"), key=itemgetter(0))
    return [(book, [pk for _book, pk in of_it]) for book, of_it in rows]


def amounts_topped_up(programme: int, *, since: datetime) -> list[tuple[int, int]]:
    """Each amount that was paid into wallets of a programme since a moment, and how often."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT o.amount, count(*) FROM ledger_operation o JOIN wallet w ON w.id = o.wallet
               WHERE w.programme_id = %s AND o.kind = %s AND o.refusal IS NULL AND o.amount > 0 AND o.effective_at >= %s
               GROUP BY o.amount ORDER BY o.amount""",
            [programme, int(Kind.TOP_UP), since],
        )
        return [(amount, count) for amount, count in cursor.fetchall()]


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


def latest(
    wallets: Sequence[Wallet], *, limit: int, since: datetime | None = None, before: datetime | None = None
) -> list[Entry]:
    """The last entries of each of these wallets, in one read."""
    return many.latest([(wallet.book, wallet.pk) for wallet in wallets], limit, since=since, before=before)


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
