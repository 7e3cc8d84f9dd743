"""Statements as they were brought, and each movement in them once, with what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.payments.bank.rules import Fix, Verdict
from chuzhi.payments.models import Account, Payment, Refund


class StatementFile(models.Model):
    """One file for one account, taken in once. Its balances are None where the bank states none; minor units."""

    FORMS: ClassVar = {"table": "CSV / XLSX", "camt.053": "camt.053", "mt940": "MT940"}

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="statements")
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    form = models.CharField(max_length=10)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    opening = models.BigIntegerField(null=True)
    closing = models.BigIntegerField(null=True)
    lines_read = models.IntegerField()
    lines_known = models.IntegerField()  # of these, how many an earlier file had brought
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "bank_statement"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "sha256"], name="bank_statement_once"),
            models.CheckConstraint(name="bank_statement_knows_of_its_lines", condition=Q(lines_known__lte=F("lines_read"))),
        ]

    @property
    def form_text(self) -> str:
        return str(self.FORMS[self.form])

    @property
    def lines_new(self) -> int:
        return self.lines_read - self.lines_known


class BankLine(models.Model):
    """One movement of our account: `pays` of it is counted for `payment`, `over` is left for a person. Minor units."""

    class State(models.TextChoices):
        NEW = "new", _("Not matched yet")
        DONE = "done", _("Settled")
        CASE = "case", _("Needs somebody")

    class Ending(models.TextChoices):
        """How a case ended that no payment took."""

        GIVEN_BACK = "given_back", _("Given back to the payer")
        OTHER = "other", _("Not for us to match")
        PAYOUT = "payout", _("Paid out by a provider")
        CUSTODY = "custody", _("Put into custody by us")

    VERDICTS: ClassVar = {
        Verdict.PAYS: _("Pays"),
        Verdict.PARTIAL: _("Pays in part"),
        Verdict.OVER: _("Pays too much"),
        Verdict.DUPLICATE: _("Paid twice"),
        Verdict.CURRENCY: _("Another currency"),
        Verdict.SEVERAL: _("Names several payments"),
        Verdict.UNMATCHED: _("Nobody knows what for"),
        Verdict.REFUNDS: _("Pays a refund"),
        Verdict.LEFT: _("Went out"),
    }
    FIXES: ClassVar = {
        Fix.NOTHING: "",
        Fix.WAIT: _("Wait for the rest, or give it back."),
        Fix.GIVE_BACK: _("Give it back to the payer."),
        Fix.ASSIGN: _("There is a payment that it is most likely for."),
        Fix.ASK: _("Ask the payer what it is for."),
    }

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="bank_lines")
    statement = models.ForeignKey(StatementFile, on_delete=models.PROTECT, related_name="lines")
    fingerprint = models.BinaryField(max_length=32)
    on = models.DateField()
    amount = models.BigIntegerField()  # positive: came to us
    currency = models.CharField(max_length=3)
    payer = models.CharField(max_length=140, blank=True)
    payer_account = models.CharField(max_length=40, blank=True)  # masked
    text = models.CharField(max_length=400, blank=True)
    reference = models.CharField(max_length=64, blank=True)  # the bank's own
    state = models.CharField(max_length=5, choices=State, default=State.NEW)
    verdict = models.CharField(max_length=10, blank=True, choices=[(each.value, each.value) for each in Verdict])
    fix = models.CharField(max_length=10, blank=True, choices=[(each.value, each.value) for each in Fix])
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="bank_lines")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="bank_lines")
    pays = models.BigIntegerField(default=0)
    over = models.BigIntegerField(default=0)
    candidates = models.JSONField(default=list)  # numbers of payments, the likeliest first
    ending = models.CharField(max_length=10, blank=True, choices=Ending)
    remark = models.CharField(max_length=200, blank=True)
    settled_by = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bank_line"
        indexes: ClassVar = [
            models.Index(fields=["account", "state", "on"], name="bank_line_to_settle", condition=~Q(state="done")),
            models.Index(fields=["-on", "-id"], name="bank_line_newest_first"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "fingerprint"], name="bank_line_once"),
            models.CheckConstraint(name="bank_line_moves_something", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="bank_line_gives_at_most_itself",
                condition=Q(pays=0, over=0) | Q(pays__gte=0, over__gte=0, amount__gte=F("pays") + F("over")),
            ),
            models.CheckConstraint(name="bank_line_pays_a_payment", condition=Q(pays=0) | Q(payment__isnull=False)),
            models.CheckConstraint(
                name="bank_line_is_settled_by_somebody", condition=~Q(state="done") | Q(settled_at__isnull=False)
            ),
        ]

    @property
    def verdict_text(self) -> str:
        return str(self.VERDICTS[Verdict(self.verdict)]) if self.verdict else ""

    @property
    def fix_text(self) -> str:
        return str(self.FIXES[Fix(self.fix)])

    @property
    def is_case(self) -> bool:
        return self.state == self.State.CASE
