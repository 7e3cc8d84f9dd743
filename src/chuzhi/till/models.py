"""What was sold at a counter. Rows are written with the charge that paid for them and carry its place in the journal."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from chuzhi.core.privileges import AppendOnly


class Sale(AppendOnly):
    """One sale: `amount` was asked, `paid` was taken from the wallet (less, where it paid what it could). Minor units."""

    pk = models.CompositePrimaryKey("book", "seq")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    wallet = models.BigIntegerField()
    store = models.IntegerField()
    till = models.IntegerField(null=True)
    amount = models.BigIntegerField()
    paid = models.BigIntegerField()
    reference = models.CharField(max_length=200)
    actor = models.CharField(max_length=40)
    sold_at = models.DateTimeField()

    class Meta:
        db_table = "sale"
        constraints: ClassVar = [
            models.CheckConstraint(name="sale_is_paid_at_most_once", condition=Q(paid__gt=0, amount__gte=F("paid"))),
        ]


class SaleLine(AppendOnly):
    """One line of a sale. `quantity` as it was said (“2”, “0.35 kg”); `amount` is the line's whole, in minor units."""

    pk = models.CompositePrimaryKey("book", "seq", "line")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    line = models.SmallIntegerField()
    sku = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    quantity = models.CharField(max_length=20)
    amount = models.BigIntegerField()

    class Meta:
        db_table = "sale_line"
        constraints: ClassVar = [
            models.CheckConstraint(name="sale_line_costs_something", condition=Q(amount__gt=0)),
        ]
