"""What the shop promised (programmes and their terms), who holds it (wallets), and what is shown at the till (cards).

How much is in a wallet is not here: the ledger alone knows.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals.models import Request
from chuzhi.core import vault
from chuzhi.core.privileges import AppendOnly
from chuzhi.customers.models import Customer, ImportBatch, Merge
from chuzhi.ledger.operations import Order


class Programme(models.Model):
    """One kind of stored value on offer, such as “member stored value in yuan”."""

    class Kind(models.TextChoices):
        MONEY = "money", _("Money")
        POINTS = "points", _("Points")
        VISITS = "visits", _("Visits")

    id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    asset = models.CharField(max_length=40)  # CNY, POINTS, VISITS:haircut
    kind = models.CharField(max_length=10, choices=Kind)
    is_open = models.BooleanField(default=True)

    class Meta:
        db_table = "programme"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="programme_asset_is_of_its_kind",
                condition=Q(kind="points", asset="POINTS")
                | Q(kind="visits", asset__startswith="VISITS:")
                | Q(kind="money", asset__regex="^[A-Z]{3}$"),
            ),
        ]


class ProgrammeTerms(AppendOnly):
    """One version of what a programme promises. Lots keep the number of the terms they were sold under.

    Amounts in minor units; an empty limit is no limit, empty days are no expiry, empty stores are all stores,
    empty categories are everything that is sold.
    """

    class DeductionOrder(models.TextChoices):
        PRINCIPAL_FIRST = Order.PRINCIPAL_FIRST, _("Principal first")
        BONUS_FIRST = Order.BONUS_FIRST, _("Bonus first")
        PROPORTIONAL = Order.PROPORTIONAL, _("In proportion")
        SOONEST_EXPIRY = Order.SOONEST_EXPIRY, _("Soonest expiry first")

    class RefundOrder(models.TextChoices):
        LAST_FIRST = "last_first", _("Last consumed first")
        PROPORTIONAL = "proportional", _("In proportion")

    id = models.AutoField(primary_key=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="terms")
    version = models.IntegerField()
    accepted_from = models.DateTimeField()
    order = models.CharField(max_length=20, choices=DeductionOrder, default=DeductionOrder.PRINCIPAL_FIRST)
    refund_order = models.CharField(max_length=20, choices=RefundOrder, default=RefundOrder.LAST_FIRST)
    refund_grace_days = models.IntegerField(default=30)
    most_per_charge = models.BigIntegerField(null=True)
    most_charged_a_day = models.BigIntegerField(null=True)
    most_per_top_up = models.BigIntegerField(null=True)
    most_topped_up_a_day = models.BigIntegerField(null=True)
    most_held = models.BigIntegerField(null=True)
    most_per_gift = models.BigIntegerField(null=True)  # empty: a customer gives nothing away by a link
    principal_valid_days = models.IntegerField(null=True)
    bonus_valid_days = models.IntegerField(null=True)
    stores = ArrayField(models.IntegerField(), default=list)
    categories = ArrayField(models.IntegerField(), default=list)  # of products; with those inside them
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "programme_terms"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "version"], name="terms_version_once"),
            models.CheckConstraint(
                name="terms_limits_leave_something",
                condition=(Q(most_per_charge=None) | Q(most_per_charge__gt=0))
                & (Q(most_charged_a_day=None) | Q(most_charged_a_day__gt=0))
                & (Q(most_per_top_up=None) | Q(most_per_top_up__gt=0))
                & (Q(most_topped_up_a_day=None) | Q(most_topped_up_a_day__gt=0))
                & (Q(most_held=None) | Q(most_held__gt=0))
                & (Q(most_per_gift=None) | Q(most_per_gift__gt=0)),
            ),
            models.CheckConstraint(
                name="terms_days_are_days",
                condition=Q(refund_grace_days__gte=0)
                & (Q(principal_valid_days=None) | Q(principal_valid_days__gt=0))
                & (Q(bonus_valid_days=None) | Q(bonus_valid_days__gt=0)),
            ),
        ]


class OfferBand(AppendOnly):
    """Pay this much at once and get that much as a bonus: “500 gets 80”. Minor units."""

    id = models.AutoField(primary_key=True)
    terms = models.ForeignKey(ProgrammeTerms, on_delete=models.PROTECT, related_name="bands")
    pay = models.BigIntegerField()
    bonus = models.BigIntegerField()

    class Meta:
        db_table = "offer_band"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terms", "pay"], name="offer_band_once"),
            models.CheckConstraint(name="offer_band_gives_something", condition=Q(pay__gt=0, bonus__gt=0)),
        ]


class Wallet(models.Model):
    """A customer's share in one programme, or (no customer) a bearer's. `book` never changes: it is in every ledger key."""

    id = models.BigAutoField(primary_key=True)
    book = models.SmallIntegerField()
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="wallets")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="wallets")
    asked_for = models.BinaryField(max_length=16, null=True, unique=True)  # hash of who asked and their key
    is_joined = models.BooleanField(default=False, db_default=False)  # what it held is in another one: `JoinedWallet`
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "wallet"

    @property
    def kind(self) -> str:
        """As that of its cards: whether we know whose it is."""
        return str(Card.Kind.NAMED if self.customer_id else Card.Kind.BEARER)


class Card(models.Model):
    """A number that finds a wallet. A lost or dead card finds nothing any more."""

    class Kind(models.TextChoices):
        NAMED = "named", _("Named")
        BEARER = "bearer", _("Bearer")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        LOST = "lost", _("Lost")
        DEAD = "dead", _("Dead")

    id = models.BigAutoField(primary_key=True)
    book = models.SmallIntegerField()
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="cards")
    number = models.CharField(max_length=40, unique=True)  # ours, or brought from elsewhere
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    asked_for = models.BinaryField(max_length=16, null=True, unique=True)  # hash of who asked and their key
    brought_by = models.ForeignKey(ImportBatch, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    issued_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "card"
        indexes: ClassVar = [
            models.Index(fields=["brought_by"], name="card_of_an_import", condition=Q(brought_by__isnull=False)),
        ]


class CardReport(models.Model):
    """A card was said to be lost or found, or was replaced: by whom, by which way, and how we knew them. `owner` is its holder then."""

    class Kind(models.TextChoices):
        LOST = "lost", _("Reported lost")
        FOUND = "found", _("Found again")
        REPLACED = "replaced", _("Replaced")

    class Channel(models.TextChoices):
        STORE = "store", _("In a store")
        PHONE = "phone", _("By phone")
        ONLINE = "online", _("On line")
        KIOSK = "kiosk", _("At a kiosk")

    class Verified(models.TextChoices):
        NO = "no", _("Not verified")
        DOCUMENT = "document", _("Showed a document")
        CALLED_BACK = "called_back", _("Called back on the number on file")
        ANSWERS = "answers", _("Knew what only the customer knows")
        PAGE = "page", _("Has the account’s own page")
        CODE = "code", _("Had the code sent to the address on file")
        RECEIPT = "receipt", _("Had a receipt of the card")

    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=10, choices=Channel)
    verified = models.CharField(max_length=20, choices=Verified)
    caller = vault.EncryptedTextField(blank=True, default="")  # the name of whoever speaks for the holder
    owner = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    fee = models.BigIntegerField(default=0)  # minor units
    made_by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "card_report"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="card_report_is_of_somebody_known",
                condition=Q(kind="lost") | ~Q(verified="no"),
            ),
            models.CheckConstraint(
                name="card_report_has_a_fee_when_replaced", condition=Q(fee=0) | Q(kind="replaced", fee__gt=0)
            ),
            models.CheckConstraint(name="card_report_says_why", condition=~Q(reason="")),
        ]


class Transfer(models.Model):
    """A transfer under way or done: made with its first half, finished with its second. Its key is the first half's."""

    pk = models.CompositePrimaryKey("book", "seq")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    wallet = models.BigIntegerField()
    to_book = models.SmallIntegerField()
    to_wallet = models.BigIntegerField()
    started_at = models.DateTimeField()
    arrived_seq = models.BigIntegerField(null=True)
    is_returned = models.BooleanField(default=False)

    class Meta:
        db_table = "transfer"
        indexes: ClassVar = [
            models.Index(fields=["started_at"], name="transfer_unfinished", condition=Q(arrived_seq=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="transfer_is_to_another", condition=~Q(wallet=F("to_wallet"))),
        ]


class Opening(models.Model):
    """The value that one row of an import brings: written with the customers, posted soon after, and perhaps reversed.

    Minor units. `seq` and `reversed_seq` are the operations that did it; the rows are what an interrupted import goes on from.
    """

    pk = models.CompositePrimaryKey("book", "batch", "line")
    book = models.SmallIntegerField()
    batch = models.BigIntegerField()  # the import
    line = models.IntegerField()  # of its file
    wallet = models.BigIntegerField()
    principal = models.BigIntegerField()
    principal_at = models.DateTimeField()
    principal_expires_at = models.DateTimeField(null=True)
    bonus = models.BigIntegerField()
    bonus_at = models.DateTimeField()
    bonus_expires_at = models.DateTimeField(null=True)
    terms = models.IntegerField()
    seq = models.BigIntegerField(null=True)
    reversed_seq = models.BigIntegerField(null=True)

    class Meta:
        db_table = "opening"
        indexes: ClassVar = [
            models.Index(fields=["batch", "line"], name="opening_to_post", condition=Q(seq=None)),
            models.Index(fields=["batch", "book", "line"], name="opening_by_import"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="opening_brings_something", condition=Q(principal__gte=0, bonus__gte=0) & ~Q(principal=0, bonus=0)
            ),
        ]


class ImportAcceptance(AppendOnly):
    """The sheet that a person signed for an import. Minor units."""

    batch = models.OneToOneField(ImportBatch, on_delete=models.PROTECT, related_name="acceptance")
    stated_principal = models.BigIntegerField()  # what the old system itself said was there
    stated_bonus = models.BigIntegerField()
    principal = models.BigIntegerField()  # what the lots of this import come to
    bonus = models.BigIntegerField()
    lots = models.IntegerField()
    facts = models.JSONField()  # the file, its counts and its refused rows, as they were then
    note = models.CharField(max_length=500, blank=True)
    signer = models.CharField(max_length=80)  # in words: colleagues leave
    signed_by = models.CharField(max_length=40)
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "import_acceptance"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="import_acceptance_explains_its_difference",
                condition=Q(stated_principal=F("principal"), stated_bonus=F("bonus")) | ~Q(note=""),
            ),
            models.CheckConstraint(
                name="import_acceptance_of_something", condition=Q(stated_principal__gte=0, stated_bonus__gte=0)
            ),
            models.CheckConstraint(name="import_acceptance_is_signed", condition=~Q(signer="")),
        ]


class CreditBatch(models.Model):
    """A bonus given to many at once, for one cause: planned, perhaps approved, given, and reversible as a whole."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        WAITING = "waiting", _("Waits for approval")
        RUNNING = "running", _("Being given")
        DONE = "done", _("Given")
        REVERSED = "reversed", _("Reversed")

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=20)
    ticket = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    count = models.IntegerField()  # rows that can be given
    refused = models.IntegerField()  # rows that cannot
    amount = models.BigIntegerField()  # of all rows that can be given, in the smallest units
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)
    asked_for = models.BinaryField(max_length=16, unique=True)  # hash of who asked and their key
    approved_by = models.CharField(max_length=40, default="")
    request = models.OneToOneField(Request, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "credit_batch"
        indexes: ClassVar = [
            models.Index(fields=["id"], name="credit_batch_unfinished", condition=Q(state="running")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="credit_batch_is_signed_by_another", condition=~Q(made_by=F("approved_by"))),
            models.CheckConstraint(name="credit_batch_counts", condition=Q(count__gte=0, refused__gte=0, amount__gte=0)),
        ]


class Credit(models.Model):
    """One row of a batch: for whom, how much, and what came of it. `given` is what the file called them."""

    batch = models.ForeignKey(CreditBatch, on_delete=models.CASCADE, related_name="credits")
    line = models.IntegerField()
    given = vault.EncryptedTextField()
    book = models.SmallIntegerField(null=True)
    wallet = models.BigIntegerField(null=True)
    amount = models.BigIntegerField(null=True)
    refusal = models.CharField(max_length=60, default="")
    refusal_facts = models.JSONField(default=dict)
    seq = models.BigIntegerField(null=True)
    reversed_seq = models.BigIntegerField(null=True)
    taken_back = models.BigIntegerField(default=0)

    class Meta:
        db_table = "credit"
        indexes: ClassVar = [
            models.Index(fields=["batch", "line"], name="credit_to_give", condition=Q(seq=None, refusal="")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "line"], name="credit_line_once"),
            models.CheckConstraint(name="credit_is_given_or_refused", condition=Q(seq=None) | Q(refusal="")),
            models.CheckConstraint(
                name="credit_to_somebody_of_something", condition=~Q(refusal="") | Q(wallet__isnull=False, amount__gt=0)
            ),
            models.CheckConstraint(
                name="credit_gives_back_at_most_itself",
                condition=Q(taken_back=0) | Q(seq__isnull=False, taken_back__gt=0, taken_back__lte=F("amount")),
            ),
        ]


class JoinedWallet(models.Model):
    """A wallet whose value and cards went to another one, because its customer was merged: what came over, and since when not."""

    merge = models.ForeignKey(Merge, on_delete=models.PROTECT, related_name="joined_wallets")
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="joined")
    to = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="joined_by")
    is_new = models.BooleanField()  # `to` was opened for it
    cards = ArrayField(models.BigIntegerField(), default=list)
    arrived = ArrayField(models.BigIntegerField(), default=list)  # seqs in the book of `to`
    parted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "joined_wallet"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wallet"], name="wallet_joined_once", condition=Q(parted_at=None)),
            models.CheckConstraint(name="wallet_joined_to_another", condition=~Q(wallet=F("to"))),
        ]
