"""Who tops up for us, on which terms, and every change of what they may still credit. Amounts in minor units of the currency."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core import vault
from chuzhi.core.privileges import AppendOnly
from chuzhi.organization.models import ApiKey, Invitation


class Partner(models.Model):
    """An agent under contract. Locked by whoever changes its float, so that two tills never spend it twice."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        ENDED = "ended", _("Contract ended")

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    contact = models.CharField(max_length=80, blank=True)
    phone = vault.EncryptedTextField(null=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    status_reason = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "partner"
        constraints: ClassVar = [
            models.CheckConstraint(name="partner_currency_is_one", condition=Q(currency__regex="^[A-Z]{3}$")),
        ]


class PartnerLocation(models.Model):
    """A place where a partner takes money."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=200, blank=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        db_table = "partner_location"
        constraints: ClassVar = [models.UniqueConstraint(fields=["partner", "name"], name="partner_location_name_once")]


class PartnerTerms(AppendOnly):
    """One version of the contract. An empty limit is no limit; a credit limit of 0 means prepaid."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="terms")
    version = models.IntegerField()
    contract = models.CharField(max_length=60, blank=True)
    credit_limit = models.BigIntegerField(default=0)
    commission = models.IntegerField(default=0)  # for each ten thousand topped up
    most_a_day = models.BigIntegerField(null=True)
    most_per_top_up = models.BigIntegerField(null=True)
    busy_from = models.IntegerField(default=30)  # top-ups in ten minutes that raise an alarm
    ends_on = models.DateField(null=True)  # the last day of the contract
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "partner_terms"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "version"], name="partner_terms_version_once"),
            models.CheckConstraint(
                name="partner_terms_can_be_kept",
                condition=Q(credit_limit__gte=0, commission__gte=0, commission__lte=10_000, busy_from__gt=0)
                & (Q(most_a_day=None) | Q(most_a_day__gt=0))
                & (Q(most_per_top_up=None) | Q(most_per_top_up__gt=0)),
            ),
        ]


class PartnerLogin(models.Model):
    """Somebody of a partner who signs in: whoever came in by this invitation."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="logins")
    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="partner_login")

    class Meta:
        db_table = "partner_login"


class PartnerKey(models.Model):
    """A program of a partner."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="keys")
    key = models.OneToOneField(ApiKey, on_delete=models.PROTECT, related_name="partner_key")

    class Meta:
        db_table = "partner_key"


class PartnerEntry(AppendOnly):
    """One change of a partner's float, with what is left after it. A top-up names its operation in the journal."""

    class Kind(models.TextChoices):
        PAID_IN = "paid_in", _("Paid in")
        PAID_OUT = "paid_out", _("Paid out")
        TOP_UP = "top_up", _("Top-up")
        REVERSAL = "reversal", _("Top-up reversed")
        COMMISSION = "commission", _("Commission")

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="entries")
    number = models.IntegerField()  # 1, 2, 3 … of this partner
    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.BigIntegerField()  # + more may be credited, - less
    left = models.BigIntegerField()
    earned = models.BigIntegerField(default=0)  # commission that this brings (or takes back), due when the statement is signed
    book = models.SmallIntegerField(null=True)
    seq = models.BigIntegerField(null=True)
    wallet = models.BigIntegerField(null=True)
    location = models.ForeignKey(PartnerLocation, null=True, on_delete=models.PROTECT)
    reference = models.CharField(max_length=200, blank=True)
    asked_for = models.BinaryField(max_length=16, null=True, unique=True)  # hash of who asked and their key
    made_by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "partner_entry"
        indexes: ClassVar = [models.Index(fields=["partner", "at"], name="partner_entry_by_time")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "number"], name="partner_entry_number_once"),
            models.UniqueConstraint(fields=["book", "seq"], name="partner_entry_of_one_operation"),
            models.CheckConstraint(
                name="partner_entry_of_money_in_wallets_names_it",
                condition=Q(kind__in=["top_up", "reversal"], book__isnull=False, seq__isnull=False, wallet__isnull=False)
                | Q(kind__in=["paid_in", "paid_out", "commission"], book=None, seq=None, wallet=None, earned=0),
            ),
            models.CheckConstraint(
                name="partner_entry_goes_its_way",
                condition=Q(kind__in=["paid_in", "reversal", "commission"], amount__gt=0)
                | Q(kind__in=["paid_out", "top_up"], amount__lt=0),
            ),
        ]

    @property
    def operation(self) -> str:
        """The journal's name of it: `12-345`."""
        return f"{self.book}-{self.seq}"


class PartnerStatement(models.Model):
    """The float over a period, for the partner to sign. It covers the entries after the statement before it."""

    class State(models.TextChoices):
        ISSUED = "issued", _("Waiting for the partner")
        SIGNED = "signed", _("Signed off")
        OBJECTED = "objected", _("Objected to")

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="statements")
    number = models.IntegerField()
    first = models.IntegerField()  # numbers of the entries
    last = models.IntegerField()
    until_on = models.DateField()
    opening = models.BigIntegerField()
    paid_in = models.BigIntegerField()
    paid_out = models.BigIntegerField()
    topped_up = models.BigIntegerField()
    reversed = models.BigIntegerField()
    commission = models.BigIntegerField()  # paid in this period, for earlier ones
    closing = models.BigIntegerField()
    earned = models.BigIntegerField()  # commission for this period: paid into the float when it is signed
    state = models.CharField(max_length=10, choices=State, default=State.ISSUED)
    issued_by = models.CharField(max_length=40)
    issued_at = models.DateTimeField(default=timezone.now)
    answered_by = models.CharField(max_length=40, blank=True)
    answered_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "partner_statement"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "number"], name="partner_statement_number_once"),
            models.UniqueConstraint(fields=["partner", "first"], name="partner_statement_covers_once"),
            models.CheckConstraint(
                name="partner_statement_adds_up",
                condition=Q(
                    closing=F("opening") + F("paid_in") - F("paid_out") - F("topped_up") + F("reversed") + F("commission")
                ),
            ),
            models.CheckConstraint(
                name="partner_statement_is_answered_by_somebody",
                condition=Q(state="issued", answered_at=None) | Q(state__in=["signed", "objected"], answered_at__isnull=False),
            ),
        ]


class PartnerIncident(AppendOnly):
    """Something that went wrong at a partner, as a fact that its quality is judged by."""

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", _("Complaint of a customer")
        ERROR = "error", _("Mistake found")

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="incidents")
    kind = models.CharField(max_length=10, choices=Kind)
    note = models.CharField(max_length=200)
    made_by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "partner_incident"
        indexes: ClassVar = [models.Index(fields=["partner", "at"], name="partner_incident_by_time")]


class PartnerAlarm(models.Model):
    """Something about a partner's top-ups that somebody should look at. One of a kind is open at a time."""

    class Kind(models.TextChoices):
        BUSY = "busy", _("Many top-ups in a short time")
        SAME_WALLET = "same_wallet", _("One wallet again and again")
        REFUSED = "refused", _("Tried beyond its limits again and again")

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="alarms")
    kind = models.CharField(max_length=20, choices=Kind)
    count = models.IntegerField()
    raised_at = models.DateTimeField(default=timezone.now)
    seen_by = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "partner_alarm"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "kind"], condition=Q(seen_at=None), name="partner_alarm_open_once"),
        ]


class PartnerRefusal(AppendOnly):
    """A top-up that a partner asked for and its contract did not allow. Many of them raise an alarm."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="refusals")
    code = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    made_by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "partner_refusal"
        indexes: ClassVar = [models.Index(fields=["partner", "at"], name="partner_refusal_by_time")]
