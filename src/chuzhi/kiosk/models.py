from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.kiosk.rules import LEAST_IDLE_SECONDS, MOST_IDLE_SECONDS
from chuzhi.organization.models import Store
from chuzhi.topups.models import Order
from chuzhi.wallets.models import Card


class Kiosk(models.Model):
    """A terminal in a store. Its link turns one browser into it; that browser keeps a credential, of which we keep the hash."""

    class Service(models.TextChoices):
        BALANCE = "balance", _("Balance")
        TOP_UP = "top_up", _("Top up")
        STATEMENT = "statement", _("Statement of account")
        LOSS = "loss", _("Report a lost card")

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="kiosks")
    name = models.CharField(max_length=40)
    services = ArrayField(models.CharField(max_length=10))
    idle_seconds = models.PositiveSmallIntegerField(default=60)
    link_hash = models.BinaryField(max_length=32, null=True, unique=True)  # SHA-256 of a code that opens once
    link_ends_at = models.DateTimeField(null=True)
    credential_hash = models.BinaryField(max_length=32, null=True, unique=True)  # SHA-256 of 256 random bits
    opened_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "kiosk"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "name"], name="kiosk_name_once_a_store"),
            models.CheckConstraint(
                name="kiosk_clears_after_a_while", condition=Q(idle_seconds__range=(LEAST_IDLE_SECONDS, MOST_IDLE_SECONDS))
            ),
            models.CheckConstraint(
                name="kiosk_offers_something",
                condition=Q(services__len__gt=0, services__contained_by=["balance", "top_up", "statement", "loss"]),
            ),
            models.CheckConstraint(name="kiosk_link_has_an_end", condition=Q(link_hash=None) | Q(link_ends_at__isnull=False)),
        ]

    @property
    def service_labels(self) -> list[str]:
        return [str(self.Service(service).label) for service in self.services]

    def offers(self, service: str) -> bool:
        return service in self.services


class Visit(models.Model):
    """Somebody before a kiosk with the number of a card. Without a proof they see nothing of its wallet."""

    class Proof(models.TextChoices):
        NONE = "", _("The card’s number alone")
        CODE = "code", _("A code sent to the address on file")
        RECEIPT = "receipt", _("The code of a receipt of this card")

    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="visits")
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="+")
    service = models.CharField(max_length=10, choices=Kiosk.Service)  # what they came for
    proof = models.CharField(max_length=10, choices=Proof, default=Proof.NONE, blank=True)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    code_hash = models.BinaryField(max_length=32, null=True)
    code_ends_at = models.DateTimeField(null=True)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()  # unless they touch the screen before
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kiosk_visit"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kiosk"], name="kiosk_visit_one_at_a_time", condition=Q(ended_at=None)),
            models.CheckConstraint(name="kiosk_visit_proof_is_known", condition=Q(proof__in=["", "code", "receipt"])),
        ]


class Try(models.Model):
    """A number or a code that somebody gave, counted before it is looked at. `mark` stands for the card's number."""

    class What(models.TextChoices):
        NUMBER = "number", _("A card’s number")
        CODE = "code", _("A code")
        SENDING = "sending", _("A code was asked for")

    class Verdict(models.TextChoices):
        OPEN = "open", _("Not decided")
        RIGHT = "right", _("Right")
        WRONG = "wrong", _("Wrong")
        STOPPED = "stopped", _("Stopped")

    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="tries")
    mark = models.BinaryField(max_length=32)
    what = models.CharField(max_length=10, choices=What)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.OPEN)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "kiosk_try"
        indexes: ClassVar = [
            models.Index(fields=["mark", "at"], name="kiosk_try_by_card"),
            models.Index(fields=["kiosk", "at"], name="kiosk_try_by_kiosk"),
            models.Index(fields=["at"], name="kiosk_try_by_age"),
        ]
