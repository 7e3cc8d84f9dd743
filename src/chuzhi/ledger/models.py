"""The ledger's tables.

`book` leads every key, journal tables only grow, and nothing on the hot path has a trigger, a sequence or a foreign key.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from chuzhi.core.privileges import AppendOnly

BIGINTS = models.BigIntegerField()


class Asset(AppendOnly):
    """What can be held: a currency, points, or visits of one service."""

    id = models.SmallIntegerField(primary_key=True)
    code = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "ledger_asset"


class BookHead(models.Model):
    """Where a book stands; its lock is the book's lock."""

    book = models.SmallIntegerField(primary_key=True)
    last_seq = models.BigIntegerField(default=0)
    last_lot = models.BigIntegerField(default=0)
    last_batch = models.BigIntegerField(default=0)
    last_time = models.DateTimeField()
    head_hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "ledger_book_head"


class Batch(AppendOnly):
    """One extension of a book's hash chain."""

    pk = models.CompositePrimaryKey("book", "batch_no")
    book = models.SmallIntegerField()
    batch_no = models.BigIntegerField()
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    time = models.DateTimeField()
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    format = models.SmallIntegerField(default=1)

    class Meta:
        db_table = "ledger_batch"


class Operation(AppendOnly):
    """The journal: what was asked, what came of it, and the whole wallet afterwards.

    A leg is one place in the parallel arrays: lot, its pot (asset * 10 + bucket), system account, units the lot gained (+) or
    lost (-), units promised (+) or let go (-). The wallet after it: `pots`, `balances` (units), `helds` (promised units).
    """

    pk = models.CompositePrimaryKey("book", "seq")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    wallet = models.BigIntegerField()
    kind = models.SmallIntegerField()
    asset = models.SmallIntegerField()
    amount = models.BigIntegerField()
    refusal = models.CharField(max_length=40, null=True)  # noqa: DJ001  # NULL is done; a code is the reason it was not
    lots = ArrayField(BIGINTS)
    leg_pots = ArrayField(models.IntegerField())
    accounts = ArrayField(BIGINTS)
    amounts = ArrayField(BIGINTS)
    promises = ArrayField(BIGINTS)
    pots = ArrayField(models.IntegerField())
    balances = ArrayField(BIGINTS)
    helds = ArrayField(BIGINTS)
    ref_seq = models.BigIntegerField(null=True)
    effective_at = models.DateTimeField()
    time = models.DateTimeField()
    actor = models.CharField(max_length=40)
    store = models.IntegerField(null=True)
    till = models.IntegerField(null=True)
    key_hash = models.UUIDField(null=True)
    fingerprint = models.UUIDField(null=True)
    details = models.TextField()
    outcome = models.TextField()

    class Meta:
        db_table = "ledger_operation"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["book", "key_hash"], name="operation_key_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["book", "wallet", "seq"], name="operation_by_wallet"),
            BrinIndex(fields=["time"], autosummarize=True, name="operation_by_time"),
        ]


class Lot(models.Model):
    """One grant of one asset, and what is left of it."""

    pk = models.CompositePrimaryKey("book", "wallet", "id")
    book = models.SmallIntegerField()
    wallet = models.BigIntegerField()
    id = models.BigIntegerField()
    asset = models.SmallIntegerField()
    bucket = models.SmallIntegerField()
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    held = models.BigIntegerField()
    open = models.BooleanField()
    expires_at = models.DateTimeField(null=True)
    granted_at = models.DateTimeField()
    terms = models.IntegerField(null=True)
    funding = models.CharField(max_length=100)
    made_by = models.BigIntegerField()

    class Meta:
        db_table = "ledger_lot"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="lot_within_its_grant",
                condition=Q(held__gte=0, held__lte=F("remaining"), remaining__lte=F("amount")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["book", "wallet"], name="lot_open", condition=Q(open=True)),
            models.Index(fields=["expires_at"], name="lot_to_expire", condition=Q(open=True, expires_at__isnull=False)),
        ]


class Hold(models.Model):
    """Value promised to somebody and not yet taken. Without an expiry it is a dispute's."""

    pk = models.CompositePrimaryKey("book", "id")
    book = models.SmallIntegerField()
    id = models.BigIntegerField()
    wallet = models.BigIntegerField()
    asset = models.SmallIntegerField()
    amount = models.BigIntegerField()
    captured = models.BigIntegerField()
    released = models.BigIntegerField()
    open = models.BooleanField()
    expires_at = models.DateTimeField(null=True)
    lots = ArrayField(BIGINTS)
    parts = ArrayField(BIGINTS)

    class Meta:
        db_table = "ledger_hold"
        constraints: ClassVar = [
            models.CheckConstraint(name="hold_holds_something", condition=Q(amount__gt=0, captured__gte=0, released__gte=0)),
            models.CheckConstraint(name="hold_never_gives_more", condition=Q(amount__gte=F("captured") + F("released"))),
        ]
        indexes: ClassVar = [models.Index(fields=["book", "wallet"], name="hold_open", condition=Q(open=True))]


class GivenBack(models.Model):
    """How much of each leg of an operation has been given back; made when that first happens."""

    pk = models.CompositePrimaryKey("book", "seq")
    book = models.SmallIntegerField()
    seq = models.BigIntegerField()
    per_leg = ArrayField(BIGINTS)

    class Meta:
        db_table = "ledger_given_back"


class WalletState(models.Model):
    """What is unusual about a wallet: frozen or closed, and today's use where a daily limit counts it."""

    pk = models.CompositePrimaryKey("book", "wallet")
    book = models.SmallIntegerField()
    wallet = models.BigIntegerField()
    standing = models.SmallIntegerField()
    day = models.DateField(null=True)
    topped_up = models.BigIntegerField()
    charged = models.BigIntegerField()

    class Meta:
        db_table = "ledger_wallet_state"


class SystemTotal(models.Model):
    """What a class of the company's accounts has come to in one book, whatever the store or the method.

    The company's figure is the sum over books; one store's or method's comes from the journal and the snapshots.
    """

    pk = models.CompositePrimaryKey("book", "account", "pot")
    book = models.SmallIntegerField()
    account = models.BigIntegerField()
    pot = models.IntegerField()
    total = models.BigIntegerField()

    class Meta:
        db_table = "ledger_system_total"


class Period(AppendOnly):
    """A closed stretch of time: nothing effective before `closed_until` may be written any more."""

    id = models.AutoField(primary_key=True)
    closed_until = models.DateTimeField(unique=True)
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=40)

    class Meta:
        db_table = "ledger_period"


class PeriodBook(AppendOnly):
    """Where each book stood when a period was closed."""

    pk = models.CompositePrimaryKey("book", "period")
    book = models.SmallIntegerField()
    period = models.IntegerField()
    last_seq = models.BigIntegerField()

    class Meta:
        db_table = "ledger_period_book"


class Snapshot(AppendOnly):
    """What everybody held (account 0) and each system account had come to, up to a period's cut."""

    pk = models.CompositePrimaryKey("book", "period", "account", "pot")
    book = models.SmallIntegerField()
    period = models.IntegerField()
    account = models.BigIntegerField()
    pot = models.IntegerField()
    total = models.BigIntegerField()

    class Meta:
        db_table = "ledger_snapshot"


class Verification(AppendOnly):
    """What the verifier said, and when: a verdict grows old."""

    at = models.DateTimeField(primary_key=True)
    operations = models.BigIntegerField()
    legs = models.BigIntegerField()
    wrong = models.BigIntegerField()
    findings = models.JSONField(default=list)  # the first of them, each as a line
    milliseconds = models.BigIntegerField()

    class Meta:
        db_table = "verification"


class AuditLine(models.Model):
    """Who did what, all of it: the audit log's entries, and every move of value as the journal has it. A view."""

    id = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    facts = models.JSONField()

    class Meta:
        db_table = "audit_trail"
        managed = False


class Follower(models.Model):
    """How far a reader of the journal has come in a book."""

    pk = models.CompositePrimaryKey("book", "name")
    book = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    seq = models.BigIntegerField()

    class Meta:
        db_table = "ledger_follower"
