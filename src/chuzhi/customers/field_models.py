"""Fields that a shop made for itself. Key, kind and whether it is personal stay as they were made: values were kept by them."""

import json
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.core.packs.errors import Worded
from chuzhi.core.packs.rules import Said
from chuzhi.customers.rules import Kind, Values


class HoldsValues(models.Model):
    """A row that keeps values of the shop's own fields."""

    custom_open = models.JSONField(default=dict)  # by key
    custom_sealed = vault.EncryptedTextField(null=True)  # JSON of those that are personal

    class Meta:
        abstract = True

    @property
    def custom(self) -> Values:
        """What the shop's own fields hold, by key."""
        return Values(self.custom_open, json.loads(self.custom_sealed) if self.custom_sealed else {})

    @custom.setter
    def custom(self, said: Values) -> None:
        """Take over the values that are said; what is not said stays."""
        sealed = {key: value for key, value in {**self.custom.sealed, **said.sealed}.items() if value is not None}
        self.custom_open = {key: value for key, value in {**self.custom_open, **said.open}.items() if value is not None}
        self.custom_sealed = json.dumps(sealed, ensure_ascii=False) if sealed else None


class CustomModule(models.Model):
    """A kind of thing that customers have (vehicles, pets, contracts), described by fields of its own."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=60)
    place = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.CharField(max_length=40)

    class Meta:
        db_table = "custom_module"
        ordering: ClassVar = ["place", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["name"], name="custom_module_name_once")]

    def __str__(self) -> str:
        return self.name


class CustomField(models.Model):
    class Kinds(models.TextChoices):
        TEXT = Kind.TEXT, _("Text")
        LONG_TEXT = Kind.LONG_TEXT, _("Long text")
        WHOLE = Kind.WHOLE, _("Whole number")
        DECIMAL = Kind.DECIMAL, _("Decimal number")
        MONEY = Kind.MONEY, _("Amount of money")
        DAY = Kind.DAY, _("Day")
        YES_NO = Kind.YES_NO, _("Yes or no")
        CHOICE = Kind.CHOICE, _("One choice")
        CHOICES = Kind.CHOICES, _("Several choices")
        PHONE = Kind.PHONE, _("Phone")
        EMAIL = Kind.EMAIL, _("E-mail")
        LINK = Kind.LINK, _("Link")
        STORE = Kind.STORE, _("Store")
        STAFF = Kind.STAFF, _("Staff")

    id = models.BigAutoField(primary_key=True)
    module = models.ForeignKey(CustomModule, null=True, on_delete=models.PROTECT, related_name="fields")  # none: of customers
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kinds)
    label_zh = models.CharField(max_length=60)
    label_en = models.CharField(max_length=60)
    help_zh = models.CharField(max_length=200, default="", blank=True)
    help_en = models.CharField(max_length=200, default="", blank=True)
    is_required = models.BooleanField(default=False)
    is_personal = models.BooleanField(default=False)  # sealed, masked, shown whole only to who may reveal
    seen_by = models.CharField(max_length=60, default="", blank=True)  # a permission; empty: whoever sees customers
    currency = models.CharField(max_length=3, default="", blank=True)  # of an amount of money
    options = models.JSONField(default=list)  # [key, zh, en, is offered], in order; one taken away keeps its words
    place = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.CharField(max_length=40)

    class Meta:
        db_table = "custom_field"
        ordering: ClassVar = ["place", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="custom_field_key_once", condition=Q(module=None)),
            models.UniqueConstraint(
                fields=["module", "key"], name="custom_field_key_once_a_module", condition=Q(module__isnull=False)
            ),
            models.CheckConstraint(
                name="custom_field_money_has_a_currency",
                condition=Q(kind="money") & ~Q(currency="") | ~Q(kind="money") & Q(currency=""),
            ),
            models.CheckConstraint(
                name="custom_field_choice_has_options",
                condition=Q(kind__in=["choice", "choices"]) & ~Q(options=[])
                | ~Q(kind__in=["choice", "choices"]) & Q(options=[]),
            ),
        ]

    @property
    def label(self) -> Worded:
        return Worded(Said(en=self.label_en, zh=self.label_zh))

    @property
    def help(self) -> Worded:
        return Worded(Said(en=self.help_en, zh=self.help_zh))
