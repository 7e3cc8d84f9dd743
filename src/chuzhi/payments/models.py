"""What we intended, what was sent, and what providers said, word for word. Who the payment was for is known by `purpose` alone."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.vault import EncryptedTextField
from chuzhi.payments import rules
from chuzhi.payments.gateways.contract import AgreementState, DisputeState, RefundState, Scene

FINAL = ("paid", "failed", "closed")


class Account(models.Model):
    """Ours at a provider. `fee_rate` in hundredths of a percent of the amount, the other figures in minor units."""

    class Standing(models.TextChoices):
        OPEN = "open", _("In use")
        PAUSED = "paused", _("Paused")

    class Clears(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        AFTER_DAYS = "after_days", _("After some days")
        SETTLED = "settled", _("When the provider’s bill names it")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    gateway = models.CharField(max_length=20)
    method = models.SmallIntegerField()
    currency = models.CharField(max_length=3)
    configuration = EncryptedTextField()  # the gateway's own fields, as a JSON object of texts
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.OPEN)
    priority = models.SmallIntegerField(default=100)
    least = models.BigIntegerField(default=1)
    most = models.BigIntegerField(null=True)
    fee_rate = models.IntegerField(default=0)
    fee_fixed = models.BigIntegerField(default=0)
    arrives_within_seconds = models.IntegerField(default=60)
    clears = models.CharField(max_length=10, choices=Clears, default=Clears.AT_ONCE)  # when a payment can be spent
    clears_after_days = models.SmallIntegerField(default=0)
    custody_pack = models.CharField(max_length=40, blank=True)  # whose rules want money kept here; empty: nobody's
    custody_kind = models.CharField(max_length=20, blank=True)  # of issuer, as that pack names it; empty: the highest share
    has_watched_payouts = models.BooleanField(default=True)  # they come to a bank whose statements are brought here

    class Meta:
        db_table = "payment_account"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="payment_account_of_custody_is_at_a_bank",
                condition=Q(custody_pack="", custody_kind="") | Q(gateway="bank"),
            ),
            models.CheckConstraint(
                name="payment_account_clears_in_time",
                condition=Q(clears="after_days", clears_after_days__range=(1, 120))
                | (~Q(clears="after_days") & Q(clears_after_days=0)),
            ),
            models.CheckConstraint(
                name="payment_account_figures_make_sense",
                condition=Q(least__gt=0, fee_rate__range=(0, 10_000), fee_fixed__gte=0, arrives_within_seconds__gte=0)
                & (Q(most=None) | Q(most__gte=F("least"))),
            ),
        ]

    @property
    def is_slow(self) -> bool:
        return rules.takes_days(self.arrives_within_seconds)

    def takes(self, amount: int) -> bool:
        return self.least <= amount and (self.most is None or amount <= self.most)

    def fee_of(self, amount: int) -> int:
        """What the provider keeps of it, in minor units, rounded half up."""
        return self.fee_fixed + (amount * self.fee_rate + 5_000) // 10_000


class Payment(models.Model):
    """One attempt to be paid, through one account. Its `number` is what makes asking the provider twice harmless."""

    class Stage(models.TextChoices):
        INTENDED = "intended", _("Not sent yet")
        SENT = "sent", _("Waiting for the payer")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        CLOSED = "closed", _("Closed")

    number = models.CharField(max_length=32, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments")
    purpose = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    scene = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Scene])
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    shown = models.CharField(max_length=80)  # what the payer reads
    payer = models.CharField(max_length=80, blank=True)
    agreement = models.ForeignKey("Agreement", on_delete=models.PROTECT, null=True, related_name="charges")
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.INTENDED)
    started = models.JSONField(default=dict)  # how the payer goes on: url, code, facts
    provider_id = models.CharField(max_length=80, blank=True)
    fee = models.BigIntegerField(null=True)
    decline = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=80, blank=True)
    surplus = models.BigIntegerField(default=0)  # what came above the amount, and is credited to nobody
    refunded = models.BigIntegerField(default=0)  # asked to go back, unless that failed
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)  # paid after we had closed it
    next_ask_at = models.DateTimeField(null=True)
    asked_times = models.SmallIntegerField(default=0)
    made_by = models.CharField(max_length=40)

    class Meta:
        db_table = "payment"
        indexes: ClassVar = [
            models.Index(fields=["purpose", "subject_id"], name="payment_by_subject"),
            models.Index(fields=["next_ask_at"], name="payment_to_ask", condition=Q(next_ask_at__isnull=False)),
            models.Index(fields=["-created_at", "-id"], name="payment_newest_first"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="payment_is_of_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="payment_gives_back_at_most_itself", condition=Q(refunded__gte=0, refunded__lte=F("amount"))
            ),
            models.CheckConstraint(name="payment_is_paid_at_a_time", condition=~Q(stage="paid") | Q(paid_at__isnull=False)),
            models.CheckConstraint(name="payment_that_gave_back_was_paid", condition=Q(refunded=0) | Q(stage="paid")),
        ]

    @property
    def is_over(self) -> bool:
        return self.stage in FINAL


class Refund(models.Model):
    """Part or all of a payment goes back to its payer."""

    class Stage(models.TextChoices):
        INTENDED = "intended", _("Not sent yet")
        SENT = "sent", _("Sent")
        PROCESSING = RefundState.PROCESSING, _("At the provider")
        DONE = RefundState.DONE, _("Paid back")
        FAILED = RefundState.FAILED, _("Failed: needs somebody")

    is_replayed = False  # intended now, or when its key came first

    number = models.CharField(max_length=32, unique=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    why = models.CharField(max_length=80)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.INTENDED)
    provider_id = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=80, blank=True)
    asked_for = models.CharField(max_length=80, unique=True)  # by whom and by which key
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    next_ask_at = models.DateTimeField(null=True)
    asked_times = models.SmallIntegerField(default=0)
    made_by = models.CharField(max_length=40)

    class Meta:
        db_table = "payment_refund"
        indexes: ClassVar = [
            models.Index(fields=["next_ask_at"], name="payment_refund_to_ask", condition=Q(next_ask_at__isnull=False)),
        ]
        constraints: ClassVar = [models.CheckConstraint(name="payment_refund_is_of_something", condition=Q(amount__gt=0))]


class Agreement(models.Model):
    """A payer's permission, at the provider, to be charged when they are not there."""

    class Stage(models.TextChoices):
        WAITING = AgreementState.WAITING, _("Waiting for the payer")
        SIGNED = AgreementState.SIGNED, _("In force")
        ENDED = AgreementState.ENDED, _("Ended")

    number = models.CharField(max_length=32, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="agreements")
    purpose = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.WAITING)
    started = models.JSONField(default=dict)
    provider_id = models.CharField(max_length=80, blank=True)
    payer = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payment_agreement"
        indexes: ClassVar = [models.Index(fields=["purpose", "subject_id"], name="payment_agreement_by_subject")]


class Dispute(models.Model):
    """The payer's bank takes a payment back, or tries to."""

    class Stage(models.TextChoices):
        OPENED = DisputeState.OPENED, _("Opened")
        WON = DisputeState.WON, _("Won")
        LOST = DisputeState.LOST, _("Lost")

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    provider_id = models.CharField(max_length=80)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.OPENED)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    answer_by = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payment_dispute"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "provider_id"], name="payment_dispute_once"),
            models.CheckConstraint(name="payment_dispute_is_of_something", condition=Q(amount__gt=0)),
        ]


class Notice(models.Model):
    """A message that came to a provider's door, as it came, with our verdict. An authentic event is kept once.

    Its body names people, so it is sealed anew when keys are changed; nothing else of it ever changes.
    """

    class Verdict(models.TextChoices):
        BELIEVED = "believed", _("Believed")
        NOTHING_NEW = "nothing_new", _("Nothing new")
        ASKED = "asked", _("Came late: the provider is asked")
        FORGED = "forged", _("Not from the provider")
        MISMATCH = "mismatch", _("Differs from what was asked")
        STRANGER = "stranger", _("Of a payment that we do not know")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="notices")
    event = models.CharField(max_length=120, blank=True)  # empty: not authentic, so its name means nothing
    kind = models.CharField(max_length=80, blank=True)
    number = models.CharField(max_length=32, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict)
    remark = models.CharField(max_length=200, blank=True)
    body = EncryptedTextField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "payment_notice"
        indexes: ClassVar = [
            models.Index(fields=["number"], name="payment_notice_by_number"),
            models.Index(fields=["-received_at", "-id"], name="payment_notice_newest_first"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "event"], condition=~Q(event=""), name="payment_notice_event_once"),
        ]


class Incident(models.Model):
    """What a provider told that does not fit what we know: somebody has to look. Closed with a remark, never deleted."""

    class Kind(models.TextChoices):
        MISMATCH = "mismatch", _("Paid, but not as asked")
        STRANGER = "stranger", _("Paid for something that we do not know")
        TWICE = "twice", _("Paid twice")
        REFUND_FAILED = "refund_failed", _("A refund failed")
        SURPLUS = "surplus", _("More came than was asked")
        OVERDUE = "overdue", _("Should be here by now")

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    kind = models.CharField(max_length=15, choices=Kind)
    number = models.CharField(max_length=80)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="incidents")
    facts = models.JSONField(default=dict)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=40, blank=True)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "payment_incident"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "kind", "number"], name="payment_incident_once"),
            models.CheckConstraint(
                name="payment_incident_is_closed_by_somebody", condition=Q(closed_at=None) | ~Q(closed_by="")
            ),
        ]
