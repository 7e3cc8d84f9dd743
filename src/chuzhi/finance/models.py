"""Bills as providers told them, every movement of money as three books have it, and a case for each difference.

Amounts are whole minor units; money that came to us is positive.
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.core.privileges import AppendOnly
from chuzhi.finance.rules import Fix, Kind, Move, Way
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.gateways.contract import LineKind
from chuzhi.payments.models import Account

WAYS = {
    Way.PAYMENT: _("Incoming payment"),
    Way.REFUND: _("Refund"),
    Way.DISPUTE: _("Dispute"),
    Way.SHIFT: _("Shift of a drawer"),
    Way.LINE: _("Line of a statement"),
    Way.PAYOUT: _("Payout to the bank"),
    Way.CUSTODY: _("Money in custody"),
}
WAY_CHOICES = [(way.value, label) for way, label in WAYS.items()]


class Day(models.Model):
    """One day of one account: whether its bill is here, whether it was matched, and who signed it off.

    Days are the provider's own. A day that was opened again says why, also after it is signed off anew.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="bill_days")
    on = models.DateField()
    asked_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=120, blank=True)  # why the last attempt to fetch it brought nothing
    fetched_at = models.DateTimeField(null=True)
    matched_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=40, blank=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.CharField(max_length=40, blank=True)
    reopened_because = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "reconciliation_day"
        indexes: ClassVar = [models.Index(fields=["-on", "-id"], name="reconciliation_day_newest")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "on"], name="reconciliation_day_once"),
            models.CheckConstraint(
                name="reconciliation_day_is_fetched_first", condition=Q(matched_at=None) | Q(fetched_at__isnull=False)
            ),
            models.CheckConstraint(
                name="reconciliation_day_is_signed_by_somebody",
                condition=Q(signed_at=None, signed_by="") | Q(matched_at__isnull=False) & ~Q(signed_by=""),
            ),
            models.CheckConstraint(
                name="reconciliation_day_is_opened_again_by_somebody_who_says_why",
                condition=Q(reopened_at=None, reopened_by="", reopened_because="")
                | Q(reopened_at__isnull=False) & ~Q(reopened_by="") & ~Q(reopened_because=""),
            ),
        ]


class SettlementFile(AppendOnly):
    """A file of an acquirer of card terminals, taken in once. Its lines are those of the bills of its days."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="settlement_files")
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    first_on = models.DateField()
    last_on = models.DateField()
    lines_read = models.IntegerField()
    lines_known = models.IntegerField()  # of these, how many an earlier file had brought
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "reconciliation_settlement_file"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "sha256"], name="settlement_file_once"),
            models.CheckConstraint(name="settlement_file_knows_of_its_lines", condition=Q(lines_known__lte=F("lines_read"))),
        ]

    @property
    def lines_new(self) -> int:
        return self.lines_read - self.lines_known


class CustodyDay(AppendOnly):
    """What a pack wanted in custody on a day that is over. `base` was unspent at the end of `base_on`; `share` names the rule."""

    pack = models.CharField(max_length=40)
    on = models.DateField()
    currency = models.CharField(max_length=3)
    base_on = models.DateField()
    base = models.BigIntegerField()
    required = models.BigIntegerField()
    share = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "reconciliation_custody_day"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pack", "on"], name="custody_day_once"),
            models.CheckConstraint(name="custody_day_wants_no_less_than_nothing", condition=Q(required__gte=0)),
        ]


class Line(AppendOnly):
    """One line of a bill, as the provider told it. `way` and `number` say which movement it belongs to; no way: to none."""

    day = models.ForeignKey(Day, on_delete=models.PROTECT, related_name="lines")
    place = models.IntegerField()
    kind = models.CharField(max_length=10, choices=[(each.value, each.value) for each in LineKind])
    way = models.CharField(max_length=10, blank=True, choices=WAY_CHOICES)
    number = models.CharField(max_length=100)
    provider_id = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reconciliation_line"
        indexes: ClassVar = [models.Index(fields=["number", "way"], name="reconciliation_line_by_number")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["day", "place"], name="reconciliation_line_once")]


class Movement(models.Model):
    """Money that came or went, once, as three books have it: `booked` in the ledger, `ours`, `billed`. None: not there.

    `expected` is what has to be settled, `written_off` what somebody closed by hand. Settled movements are not looked at again
    until one of the books speaks of them. `line` is the one by which a payout came to the bank.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="movements")
    method = models.SmallIntegerField()
    currency = models.CharField(max_length=3)
    way = models.CharField(max_length=10, choices=WAY_CHOICES)
    number = models.CharField(max_length=100)
    booked = models.BigIntegerField(null=True)
    booked_on = models.DateField(null=True)
    needs_booking = models.BooleanField(default=True)
    ours = models.BigIntegerField(null=True)
    ours_on = models.DateField(null=True)
    fee = models.BigIntegerField(null=True)
    due_on = models.DateField(null=True)  # the bill that should name it
    billed = models.BigIntegerField(null=True)
    billed_on = models.DateField(null=True)
    billed_fee = models.BigIntegerField(null=True)
    billed_times = models.SmallIntegerField(default=0)
    expected = models.BigIntegerField(default=0)
    expected_on = models.DateField(null=True)
    written_off = models.BigIntegerField(default=0)
    written_off_on = models.DateField(null=True)
    is_settled = models.BooleanField(default=False)
    line = models.ForeignKey(BankLine, on_delete=models.PROTECT, null=True, related_name="payouts")

    class Meta:
        db_table = "reconciliation_movement"
        indexes: ClassVar = [
            models.Index(fields=["account"], name="reconciliation_unsettled", condition=Q(is_settled=False)),
            models.Index(fields=["method", "expected_on"], name="reconciliation_expected"),
            models.Index(fields=["method", "billed_on"], name="reconciliation_billed"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "method", "way", "number"], name="reconciliation_movement_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="reconciliation_movement_is_dated",
                condition=(Q(expected=0) | Q(expected_on__isnull=False))
                & (Q(written_off=0) | Q(written_off_on__isnull=False))
                & (Q(billed=None) | Q(billed_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="reconciliation_movement_settled_is_at_zero",
                condition=Q(is_settled=False)
                | Q(billed=None, expected=F("written_off"))
                | Q(expected=F("billed") + F("written_off")),
            ),
        ]

    @property
    def since(self) -> date | None:
        """Since when it is open."""
        return min((on for on in (self.expected_on, self.billed_on) if on), default=None)

    @property
    def move(self) -> Move:
        return Move(
            expected=self.expected,
            expected_on=self.expected_on,
            billed=self.billed or 0,
            billed_on=self.billed_on,
            written_off=self.written_off,
            written_off_on=self.written_off_on,
        )


class Case(models.Model):
    """One difference of one movement, in its money or in its fee. Ends by itself or with somebody's remark, never deleted."""

    KINDS: ClassVar[dict[Kind, Promise]] = {
        Kind.LATE: _("Not in the bill of its day"),
        Kind.OURS_NOT_IN_BILL: _("Ours, and not in the bill"),
        Kind.IN_BILL_NOT_OURS: _("In the bill, and not ours"),
        Kind.TWICE_IN_BILL: _("Twice in the bill"),
        Kind.AMOUNT_DIFFERS: _("The amount differs"),
        Kind.FEE_DIFFERS: _("The fee differs"),
        Kind.CREDITED_NOT_PAID: _("In the ledger, and not paid"),
        Kind.PAID_NOT_CREDITED: _("Paid, and not in the ledger"),
        Kind.DRAWER_DIFFERS: _("The drawer differs"),
        Kind.NOT_ARRIVED: _("The payout has not arrived"),
        Kind.CUSTODY_SHORT: _("Too little in custody"),
    }
    FIXES: ClassVar[dict[Kind, Promise]] = {
        Kind.LATE: _("Wait for the next bill. If it is named there, this case closes itself."),
        Kind.OURS_NOT_IN_BILL: _(
            "Ask the provider by this number. If it never took the money, dispute the top-up; if it did, ask for a corrected bill."
        ),
        Kind.IN_BILL_NOT_OURS: _(
            "Find out whose money it is. If it is nobody's here, return it at the provider; if another program of yours took "
            "it, say which."
        ),
        Kind.TWICE_IN_BILL: _(
            "Ask the provider whether the payer was charged twice. If so, return the second one there; if not, ask for a "
            "corrected bill."
        ),
        Kind.AMOUNT_DIFFERS: _(
            "Compare the payment with the provider's own page. Correct the balance if ours is wrong; complain if the bill is."
        ),
        Kind.FEE_DIFFERS: _("Compare the fee with your contract. Correct the rate of the way of paying, or complain."),
        Kind.CREDITED_NOT_PAID: _("No payment stands behind this entry of the ledger. Find the money, or take the value back."),
        Kind.PAID_NOT_CREDITED: _("The payer's money is here and the wallet is not credited. Credit it, or pay it back."),
        Kind.DRAWER_DIFFERS: _("Ask who counted, look for a top-up that was not rung up, and book the difference."),
        Kind.CUSTODY_SHORT: _(
            "Transfer what is missing to the custody account and bring its next statement. If a guarantee or an insurance "
            "stands in for it, write it off with its number."
        ),
        Kind.NOT_ARRIVED: _("Look for it in the bank's statement. If it is not there, ask the provider by this number."),
    }
    ACTS: ClassVar[dict[Fix, Promise]] = {
        Fix.BOOK: _("Book the missing"),
        Fix.PAY_BACK: _("Pay it back"),
        Fix.REFUND_EXTRA: _("Refund the extra"),
        Fix.TAKE_BACK: _("Take the value back"),
        Fix.WRITE_OFF: _("Write it off"),
    }

    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, related_name="cases")
    is_of_fee = models.BooleanField(default=False)
    kind = models.CharField(max_length=20, choices=[(kind.value, label) for kind, label in KINDS.items()])
    amount = models.BigIntegerField()  # by how much our books are above the other side's
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=40, blank=True)  # closed by nobody: by itself
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "reconciliation_case"
        indexes: ClassVar = [
            models.Index(fields=["opened_at", "id"], name="reconciliation_case_open", condition=Q(closed_at=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["movement", "is_of_fee"], name="reconciliation_case_once"),
            models.CheckConstraint(name="reconciliation_case_is_of_something", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="reconciliation_case_closed_by_somebody_says_why",
                condition=Q(closed_by="", remark="") | Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(remark=""),
            ),
        ]

    @property
    def fix_text(self) -> str:
        if self.movement.way == Way.LINE:
            return str(_("See what the line of the statement says, and decide about it there."))
        return str(self.FIXES[Kind(self.kind)])

    @property
    def age_days(self) -> int:
        return ((self.closed_at or timezone.now()) - self.opened_at).days
