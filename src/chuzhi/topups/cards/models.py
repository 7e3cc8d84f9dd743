"""Which cards are sold on line, who ordered some, and each card that was ordered. What is personal is sealed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.customers import contacts
from chuzhi.organization.models import Store
from chuzhi.payments.models import Payment
from chuzhi.wallets.models import Programme
from chuzhi.wallets.vouchers.models import Voucher


class CardOffer(models.Model):
    """Cards of one value that are sold on line, under the rules of a store. Minor units of the programme's currency."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="+")
    value = models.BigIntegerField()
    price = models.BigIntegerField()
    most_at_once = models.SmallIntegerField()
    left = models.IntegerField(null=True)  # how many may still be sold; None: any number
    is_on_sale = models.BooleanField(default=True)
    set_by = models.CharField(max_length=40)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "card_offer"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "value"], name="card_offer_once_a_value"),
            models.CheckConstraint(name="card_offer_costs_at_most_its_value", condition=Q(price__gt=0, price__lte=F("value"))),
            models.CheckConstraint(
                name="card_offer_sells_what_is_left", condition=Q(most_at_once__gt=0) & (Q(left=None) | Q(left__gte=0))
            ),
        ]

    @property
    def most(self) -> int:
        """How many can be bought at once now."""
        return self.most_at_once if self.left is None else min(self.most_at_once, self.left)


class CardOrder(models.Model):
    """Somebody buys cards. Its `number` is also its address, so it cannot be guessed; whoever has it sees the codes once."""

    class Stage(models.TextChoices):
        OPEN = "open", _("Waiting for payment")
        PAID = "paid", _("Paid")
        EXPIRED = "expired", _("Not paid in time")
        OWED = "owed", _("Paid, to be given back")
        RETURNED = "returned", _("Given back")

    number = models.CharField(max_length=32, unique=True)
    offer = models.ForeignKey(CardOffer, on_delete=models.PROTECT, related_name="orders")
    count = models.SmallIntegerField()
    value = models.BigIntegerField()  # of one card, as the offer had it
    price = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    email = vault.EncryptedTextField()
    phone = vault.EncryptedTextField(null=True)
    name = vault.EncryptedTextField(null=True)
    identity_number = vault.EncryptedTextField(null=True)
    language = models.CharField(max_length=10)
    source = models.CharField(max_length=64, blank=True)  # the address that it came from
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.OPEN)
    refusal = models.CharField(max_length=40, blank=True)
    asked_for = models.CharField(max_length=260, unique=True)  # by whom and by which key
    mailed = models.SmallIntegerField(default=0)  # letters with codes: each has its own
    shown_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)  # when the buyer was, because their time was over
    made_by = models.CharField(max_length=40)

    class Meta:
        db_table = "card_order"
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="card_order_newest_first"),
            models.Index(fields=["expires_at"], name="card_order_open", condition=Q(stage="open")),
            models.Index(fields=["source"], name="card_order_open_by_source", condition=Q(stage="open")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="card_order_is_of_something", condition=Q(count__gt=0, price__gt=0, value__gte=F("price"))
            ),
            models.CheckConstraint(name="card_order_ends_after_it_began", condition=Q(expires_at__gt=F("created_at"))),
            models.CheckConstraint(
                name="card_order_owed_says_why", condition=~Q(stage__in=["owed", "returned"]) | ~Q(refusal="")
            ),
        ]

    @property
    def amount(self) -> int:
        return self.count * self.price

    @property
    def is_payable(self) -> bool:
        return self.stage == self.Stage.OPEN and self.expires_at > timezone.now()

    @property
    def masked_email(self) -> str:
        return contacts.masked_email(self.email) if self.email else ""

    @property
    def masked_phone(self) -> str:
        return contacts.masked_phone(self.phone) if self.phone else ""

    @property
    def masked_identity_number(self) -> str:
        return contacts.masked_identity_number(self.identity_number) if self.identity_number else ""


class OrderedCard(models.Model):
    """One card of an order. Its code is here, sealed, from the payment until it is shown."""

    order = models.ForeignKey(CardOrder, on_delete=models.PROTECT, related_name="cards")
    voucher = models.OneToOneField(Voucher, on_delete=models.PROTECT, related_name="ordered")
    book = models.SmallIntegerField(null=True)
    seq = models.BigIntegerField(null=True)  # of its sale
    secret = vault.EncryptedTextField(null=True)
    returned_at = models.DateTimeField(null=True)
    hold = models.BigIntegerField(null=True)  # the ledger's number, where the payment had to clear

    class Meta:
        db_table = "ordered_card"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="ordered_card_with_a_code_is_sold",
                condition=Q(secret__isnull=True, returned_at=None) | Q(book__isnull=False, seq__isnull=False),
            ),
        ]


class UnclearedCards(models.Model):
    """The cards of an order are alive, and what is on them is held until the payment has cleared."""

    order = models.OneToOneField(CardOrder, primary_key=True, on_delete=models.PROTECT, related_name="uncleared")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True)  # NULL: until the provider's bill names it
    cleared_at = models.DateTimeField(null=True)  # let go before its time, by whom it says
    cleared_by = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "uncleared_cards"
        indexes: ClassVar = [
            models.Index(fields=["payment"], name="uncleared_cards_waiting", condition=Q(cleared_at=None, until=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="uncleared_cards_cleared_by_somebody",
                condition=Q(cleared_at=None, cleared_by="") | (Q(cleared_at__isnull=False) & ~Q(cleared_by="")),
            ),
        ]
