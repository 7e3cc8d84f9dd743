"""What the rules look at, from where on they hit, and the cases that they raised. Amounts in minor units."""

from datetime import tzinfo
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.privileges import AppendOnly
from chuzhi.customers.models import Customer
from chuzhi.organization.models import Staff, Store
from chuzhi.risk import rules
from chuzhi.risk.rules import Subject, What
from chuzhi.wallets import moves
from chuzhi.wallets.models import Wallet


class Noted(models.Model):
    """An entry of the journal, or of the audit log where somebody looked at personal data, in the terms that rules look at.

    Kept as long as a rule may want it, or a case names it.
    """

    WHATS: ClassVar = {
        What.TOP_UP: _("Top-up"),
        What.VOUCHER: _("Recharge card"),
        What.CHARGE: _("Charge"),
        What.REFUND: _("Refund of a charge"),
        What.PAID_BACK: _("Refund of a top-up"),
        What.TRANSFER: _("Transfer"),
        What.GIFT: _("Gift or correction"),
        What.TAKEN: _("Correction downwards"),
        What.LOOK: _("Look at personal data"),
        What.EXPORT: _("Taken along as a file"),
    }

    book = models.SmallIntegerField(null=True)
    seq = models.BigIntegerField(null=True)
    audit = models.UUIDField(null=True, unique=True)  # the line of the log
    what = models.CharField(max_length=10, choices=[(what.value, label) for what, label in WHATS.items()])
    at = models.DateTimeField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3, blank=True)
    wallet = models.ForeignKey(Wallet, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    payer = models.CharField(max_length=32, blank=True)  # a keyed hash: enough to know one again
    device = models.CharField(max_length=32, blank=True)  # the same
    store = models.IntegerField(null=True)
    till = models.IntegerField(null=True)
    staff = models.CharField(max_length=40, blank=True)  # who did it, if it was one of us or a program of ours
    is_own = models.BooleanField(default=False)
    is_cash = models.BooleanField(default=False)
    is_signed = models.BooleanField(default=False)
    says_why = models.BooleanField(default=True)
    alone = models.BigIntegerField(null=True)  # what this person could do without a second one, then

    class Meta:
        db_table = "risk_noted"
        indexes: ClassVar = [
            models.Index(fields=["at"], name="risk_noted_by_time"),
            models.Index(fields=["wallet", "at"], name="risk_noted_by_wallet"),
            models.Index(fields=["customer", "at"], name="risk_noted_by_customer", condition=Q(customer__isnull=False)),
            models.Index(fields=["payer", "at"], name="risk_noted_by_payer", condition=~Q(payer="")),
            models.Index(fields=["till", "at"], name="risk_noted_by_till", condition=Q(till__isnull=False)),
            models.Index(fields=["staff", "at"], name="risk_noted_by_staff", condition=~Q(staff="")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["book", "seq"], name="risk_noted_once"),
            models.CheckConstraint(
                name="risk_noted_from_one_source",
                condition=Q(audit=None, book__isnull=False, seq__isnull=False, wallet__isnull=False)
                | Q(audit__isnull=False, book=None, seq=None, wallet=None, amount=0, currency=""),
            ),
        ]

    @property
    def number(self) -> str:
        """Of the entry of the journal, as it is named outside; of a look, nothing."""
        return "" if self.book is None or self.seq is None else moves.operation_id(self.book, self.seq)

    def act(self, zone: tzinfo) -> rules.Act:
        return rules.Act(
            id=self.pk, what=What(self.what), at=self.at.astimezone(zone), amount=self.amount, currency=self.currency,
            wallet=self.wallet_id or 0, customer=self.customer_id, payer=self.payer, device=self.device, till=self.till,
            staff=self.staff, is_own=self.is_own, is_cash=self.is_cash, is_signed=self.is_signed, says_why=self.says_why,
            alone=self.alone,
        )  # fmt: skip


class Action(models.TextChoices):
    NONE = "", _("Only raise a case")
    HOLD = "hold", _("Hold what is left of the money")
    FREEZE = "freeze", _("Freeze the wallets")
    ASK = "ask", _("Ask a second person to freeze them")


class RuleVersion(AppendOnly):
    """The thresholds of one rule from a moment on. A rule without a version has its usual ones and only raises cases."""

    rule = models.CharField(max_length=30, choices=[(code, code) for code in rules.RULES])
    version = models.IntegerField()
    is_on = models.BooleanField()
    minutes = models.IntegerField()
    count = models.IntegerField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    from_hour = models.SmallIntegerField()
    until_hour = models.SmallIntegerField()
    action = models.CharField(max_length=10, choices=Action, blank=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "risk_rule_version"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "version"], name="risk_rule_version_once"),
            models.CheckConstraint(
                name="risk_rule_version_makes_sense",
                condition=Q(version__gt=0, minutes__range=(1, rules.LONGEST_MINUTES), count__gte=0, amount__gte=0)
                & Q(from_hour__range=(0, 23), until_hour__range=(0, 24)),
            ),
        ]


class Case(models.Model):
    """Something that a rule hit on, until somebody has said what it was. One subject has one open case of one rule."""

    class Verdict(models.TextChoices):
        OPEN = "", _("Open")
        TRUE = "true", _("It was so")
        FALSE = "false", _("False alarm")

    rule = models.CharField(max_length=30, choices=[(code, code) for code in rules.RULES])
    version = models.IntegerField()  # of the thresholds; 0: the usual ones
    kind = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Subject])
    subject = models.CharField(max_length=40)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="risk_cases")
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")  # where it happened last
    amount = models.BigIntegerField()  # of all the evidence in this currency
    currency = models.CharField(max_length=3)
    last_at = models.DateTimeField()  # of the evidence
    raised_at = models.DateTimeField(default=timezone.now)
    raised_after_seconds = models.FloatField()  # from the entry that completed the evidence
    action = models.CharField(max_length=10, choices=Action, blank=True)  # that the rule wanted
    acted_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=5, choices=Verdict, blank=True)
    remark = models.CharField(max_length=200, blank=True)
    closed_by = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "risk_case"
        indexes: ClassVar = [
            models.Index(fields=["-raised_at", "-id"], name="risk_case_newest_first"),
            models.Index(fields=["id"], name="risk_case_to_act", condition=~Q(action="") & Q(acted_at=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "subject"], name="risk_case_open_once", condition=Q(closed_at=None)),
            models.CheckConstraint(
                name="risk_case_closed_with_its_reason",
                condition=Q(verdict="", remark="", closed_by="", closed_at=None)
                | (Q(closed_at__isnull=False) & ~Q(verdict="") & ~Q(remark="") & ~Q(closed_by="")),
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Evidence(AppendOnly):
    """One act that a case rests on."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    noted = models.ForeignKey(Noted, on_delete=models.PROTECT, related_name="evidence_of")

    class Meta:
        db_table = "risk_evidence"
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "noted"], name="risk_evidence_once")]


class Step(AppendOnly):
    """One line of a case's story: what was done or said, and by whom."""

    class Kind(models.TextChoices):
        NOTED = "noted", _("Note")
        ASSIGNED = "assigned", _("Given to somebody")
        FROZEN = "frozen", _("Wallet frozen")
        HELD = "held", _("Money held")
        ASKED = "asked", _("A second person asked")
        NOT_DONE = "not_done", _("Could not be done")
        LET_GO = "let_go", _("Let go again")
        CLOSED = "closed", _("Closed")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=200, blank=True)
    wallet = models.ForeignKey(Wallet, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField(null=True)  # of the ledger's entry, where there is one
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "risk_step"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "wallet", "seq"], name="risk_step_once", condition=Q(seq__isnull=False)),
        ]
