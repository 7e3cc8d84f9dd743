"""Products, the two levels of categories they stand in, and what they cost."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.customers.namekeys import NameKeysField


class Category(models.Model):
    """A shelf, or (with a parent) a part of one."""

    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")

    class Meta:
        db_table = "category"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "name"], name="category_name_once", nulls_distinct=False),
            models.CheckConstraint(name="category_is_not_in_itself", condition=Q(parent=None) | ~Q(parent=F("id"))),
        ]

    @property
    def path(self) -> str:
        return f"{self.parent.name} / {self.name}" if self.parent else self.name


class Product(models.Model):
    """Something with a price. One that is not active is kept for the books and sold no more."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        SERVICE = "service", _("Service")

    sku = models.CharField(max_length=40, unique=True)
    barcode = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=80)
    keys = NameKeysField()
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="products")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.GOODS)
    unit = models.CharField(max_length=12, blank=True)  # as it stands behind a quantity: kg, 件
    is_weighed = models.BooleanField(default=False)
    visits = models.CharField(max_length=32, blank=True)  # the service of a count card that pays for it: haircut
    months = models.SmallIntegerField(default=0, db_default=0)  # of a membership, by which one of it prolongs it
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "product"
        indexes: ClassVar = [GinIndex(fields=["keys"], name="product_by_name_key")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["barcode"], condition=~Q(barcode=""), name="product_barcode_once"),
            models.CheckConstraint(name="product_has_a_known_kind", condition=Q(kind__in=("goods", "service"))),
            models.CheckConstraint(
                name="product_of_visits_is_a_service", condition=Q(visits="") | Q(kind="service", is_weighed=False)
            ),
            models.CheckConstraint(
                name="product_of_months_is_a_service",
                condition=Q(months=0) | Q(months__gt=0, kind="service", is_weighed=False, visits=""),
            ),
        ]


class Price(models.Model):
    """What one unit costs, in minor units; without a level for everybody."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    level = models.CharField(max_length=40, blank=True)  # of a customer, as whoever gives levels calls it
    amount = models.BigIntegerField()

    class Meta:
        db_table = "product_price"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "currency", "level"], name="product_price_once"),
            models.CheckConstraint(name="product_price_is_something", condition=Q(amount__gt=0)),
        ]
