"""Memberships that were bought: until when they last is worked out from the sales that prolong them, less what came back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db import connection
from django.utils import timezone

from chuzhi.catalogue.rules import THOUSAND
from chuzhi.core import months
from chuzhi.core.actors import Actor
from chuzhi.till.bills import Bill
from chuzhi.till.errors import NobodysMembership
from chuzhi.till.models import SoldMembership
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.queries import VIEW

SOLD = """
    SELECT product.id, product.name, sold.day, sold.months, sold.quantity - coalesce((
        SELECT sum(back.quantity) FROM sale_return came JOIN returned_line back ON back.came_back_id = came.id
        WHERE came.book = sold.book AND came.seq = sold.seq AND back.line = sold.line), 0) / %(thousand)s
    FROM customer c
    JOIN wallet w ON w.customer_id = c.id
    JOIN sold_membership sold ON sold.wallet = w.id
    JOIN product ON product.id = sold.product_id
    JOIN ledger_operation o ON o.book = sold.book AND o.seq = sold.seq
    LEFT JOIN ledger_given_back back ON back.book = o.book AND back.seq = o.seq
    WHERE (c.id = %(customer)s OR c.merged_into_id = %(customer)s)
        AND o.amount > coalesce((SELECT sum(units) FROM unnest(back.per_leg) units), 0)
    ORDER BY product.name, product.id, sold.day, sold.book, sold.seq, sold.line"""
# A charge that was given back as a whole has prolonged nothing.


@dataclass(frozen=True, slots=True)
class Membership:
    """One that a customer has, or has had. It holds up to the end of `until`."""

    product: int
    name: str
    until: date

    @property
    def is_over(self) -> bool:
        return self.until < timezone.localdate()


def of(customer: int, actor: Actor) -> list[Membership]:
    """By name, with what records bought that were merged into this one. Nothing without the right to see wallets."""
    if not actor.may(VIEW):
        return []
    with connection.cursor() as cursor:
        cursor.execute(SOLD, {"customer": customer, "thousand": THOUSAND})
        rows = cursor.fetchall()
    found = []
    for (product, name), sold in groupby(rows, key=lambda row: (row[0], row[1])):
        terms = [(day, term * int(left)) for _product, _name, day, term, left in sold if left > 0]
        if terms:
            found.append(Membership(product, name, end_of(terms)))
    return found


def end_of(terms: Iterable[tuple[date, int]]) -> date:
    """Of a day and months each, in the order of the days. What follows without a gap is counted from its first day, so that a
    31st is not lost in a February on the way.
    """
    first, all_months = date.min, 0
    for day, term in terms:
        if not all_months or months.later(first, all_months) < day:
            first, all_months = day, 0
        all_months += term
    return months.later(first, all_months)


def check(bill: Bill, wallet: Wallet | None) -> None:
    """A membership is somebody's. Raises NobodysMembership."""
    for line in bill.lines:
        if line.product.months and (wallet is None or wallet.customer_id is None):
            raise NobodysMembership(name=line.product.name)


def write(bill: Bill, *, wallet: Wallet, seq: int) -> None:
    """In the transaction of the sale at `seq` of the wallet's book, of which these are the lines."""
    SoldMembership.objects.bulk_create(
        SoldMembership(
            book=wallet.book, seq=seq, line=place, wallet=wallet.pk, product=line.product, months=line.product.months,
            quantity=line.quantity // THOUSAND, day=timezone.localdate(),
        )
        for place, line in enumerate(bill.lines, start=1)
        if line.product.months
    )  # fmt: skip
