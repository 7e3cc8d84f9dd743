"""What a customer pays at the counter for the part of a sale that the wallet does not pay, and gets back of it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from chuzhi.core import money
from chuzhi.core.actors import Actor
from chuzhi.ledger.chart import Method
from chuzhi.ledger.operations import Fact
from chuzhi.ledger.queries import Flow
from chuzhi.ledger.rows import Exchange, array, texts
from chuzhi.payments.counter import models, slips
from chuzhi.payments.counter.errors import SlipUsed, TendersUnusable
from chuzhi.payments.counter.slips import Slip

METHODS = (Method.CASH, Method.TERMINAL)
BY_CODE = (Method.WECHAT, Method.ALIPAY)
"""By the code on the payer's phone: only a payment that has been paid is written down."""
MOST = 5
ROWS = """
    INSERT INTO counter_tender (book, seq, place, method, amount, currency, store, till, reference, made_by, made_at)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::smallint[], %s::smallint[], %s::bigint[], %s::text[], %s::int[],
        %s::int[], %s::text[], %s::text[], %s::timestamptz[])"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """`amount` minor units, in cash, by a card terminal that printed `slip`, or by `payment`, our number of one that is paid."""

    method: Method
    amount: int
    slip: Slip | None = None
    payment: str = ""

    @property
    def reference(self) -> str:
        """How it is found again."""
        return self.slip.text if self.slip else self.payment

    @property
    def is_usable(self) -> bool:
        return self.method in METHODS or (self.method in BY_CODE and self.payment != "")


@dataclass(frozen=True, slots=True)
class Taken:
    """What was paid beside the wallet."""

    tenders: tuple[Tender, ...]
    currency: str


class Sale(Protocol):
    """What the till writes of a sale, as far as its tenders say the same."""

    @property
    def store(self) -> int: ...
    @property
    def till(self) -> int | None: ...
    @property
    def actor(self) -> str: ...
    @property
    def taken(self) -> Taken | None: ...


@dataclass(frozen=True, slots=True)
class Left:
    """What one tender of a sale has still to give back; `place` counts the sale's tenders from 1."""

    place: int
    method: Method
    amount: int


def checked(tenders: Sequence[Tender]) -> tuple[Tender, ...]:
    """The tenders as they are kept. Raises TendersUnusable, and what is wrong with an amount or a slip."""
    if len(tenders) > MOST or not all(each.is_usable for each in tenders):
        raise TendersUnusable(most=MOST)
    clean = tuple(
        replace(
            each, amount=money.check(each.amount), slip=slips.checked(each.slip) if each.method is Method.TERMINAL else None
        )
        for each in tenders
    )
    seen = [(each.slip.terminal, each.slip.number) for each in clean if each.slip]
    for terminal, number in seen:
        if seen.count((terminal, number)) > 1:
            raise SlipUsed(number=number, terminal=terminal)
    return clean


@contextmanager
def claimed(tenders: Sequence[Tender], *, book: int, key_hash: str, by: Actor) -> Iterator[None]:
    """Book inside: every slip is claimed before, and let go if the booking is refused."""
    with ExitStack() as claims:
        for each in tenders:
            if each.slip:
                claims.enter_context(slips.claimed(each.slip, amount=each.amount, book=book, key_hash=key_hash, by=by))
        yield


def write(exchange: Exchange, sales: Sequence[tuple[Fact, Sale]]) -> None:
    """For the document of a charge: its tenders, in the same fact."""
    rows = [
        (fact, sale, sale.taken.currency, place, each)
        for fact, sale in sales
        if sale.taken
        for place, each in enumerate(sale.taken.tenders, start=1)
    ]
    if not rows:
        return
    exchange.ask(
        ROWS,
        [
            array([fact.book for fact, *_rest in rows]),
            array([fact.seq for fact, *_rest in rows]),
            array([place for *_rest, place, _each in rows]),
            array([int(each.method) for *_rest, each in rows]),
            array([each.amount for *_rest, each in rows]),
            texts([currency for _fact, _sale, currency, *_rest in rows]),
            array([sale.store for _fact, sale, *_rest in rows]),
            array([sale.till for _fact, sale, *_rest in rows]),
            texts([each.reference for *_rest, each in rows]),
            texts([sale.actor for _fact, sale, *_rest in rows]),
            array([fact.time for fact, *_rest in rows]),
        ],
    )


def of(book: int, seq: int) -> list[Tender]:
    """What was paid beside the wallet for the sale that was charged there, in the order it was named."""
    rows = models.Tender.objects.filter(book=book, seq=seq, amount__gt=0).order_by("place")
    return [Tender(method=Method(row.method), amount=row.amount) for row in rows]


def left(book: int, seq: int) -> list[Left]:
    rows = models.Tender.objects.filter(book=book, seq=seq).values("place", "method").annotate(left=Sum("amount"))
    return [Left(row["place"], Method(row["method"]), row["left"]) for row in rows.order_by("place")]


def give_back(
    *, book: int, seq: int, parts: Sequence[Left], currency: str, store: int, till: int | None, by: Actor, at: datetime
) -> None:
    """Write what goes back of each tender. The caller holds the lock under which it was worked out."""
    models.Tender.objects.bulk_create(
        models.Tender(
            book=book, seq=seq, place=part.place, method=int(part.method), amount=-part.amount, currency=currency,
            store=store, till=till, made_by=by.label, made_at=at,
        )
        for part in parts
        if part.amount
    )  # fmt: skip


def payment_of(book: int, seq: int, place: int) -> str:
    """Our number of the payment that a tender by code is."""
    row = models.Tender.objects.get(book=book, seq=seq, place=place, amount__gt=0)
    return row.reference


def going_back_by_code() -> Subquery:
    """What has to go back of what a code paid, for the sale at a row's `book` and `seq`; nothing: NULL."""
    back = models.Tender.objects.filter(book=OuterRef("book"), seq=OuterRef("seq"), amount__lt=0, method__in=BY_CODE)
    return Subquery(back.order_by().values("book").annotate(back=-Sum("amount")).values("back"))


def given_back(book: int, seq: int, at: datetime) -> list[Left]:
    """What went back of each tender at that moment."""
    rows = models.Tender.objects.filter(book=book, seq=seq, amount__lt=0, made_at=at).order_by("place")
    return [Left(row.place, Method(row.method), -row.amount) for row in rows]


def cash(*, till: int, currency: str, since: datetime, until: datetime) -> Flow:
    """Cash that came into a drawer with sales and went out with returns, in a stretch of time."""
    rows = models.Tender.objects.filter(
        till=till, currency=currency, method=int(Method.CASH), made_at__gte=since, made_at__lt=until
    )
    came, went = Sum("amount", filter=Q(amount__gt=0), default=0), Sum("amount", filter=Q(amount__lt=0), default=0)
    sums = rows.aggregate(came=came, went=went, count=Count("pk"))
    return Flow(sums["came"], -sums["went"], sums["count"])


def otherwise(*, till: int, currency: str, since: datetime, until: datetime) -> list[tuple[Method, int, int]]:
    """What paid sales there beside wallets and cash, and went back of that, by method: nothing of it is in the drawer."""
    rows = models.Tender.objects.filter(till=till, currency=currency, made_at__gte=since, made_at__lt=until)
    sums = rows.exclude(method=int(Method.CASH)).values_list("method").order_by("method")
    came, went = Sum("amount", filter=Q(amount__gt=0), default=0), Sum("amount", filter=Q(amount__lt=0), default=0)
    return [(Method(method), taken, -back) for method, taken, back in sums.annotate(came=came, went=went)]
