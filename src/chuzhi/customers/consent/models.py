from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.core.privileges import AppendOnly
from chuzhi.customers.models import Customer


class Purpose(models.TextChoices):
    """What somebody can agree to, each by itself."""

    PERSONAL_DATA = "personal_data", _("Keeping personal data")
    PROFILING = "profiling", _("Studying what they buy")
    EMAIL = "marketing_email", _("Marketing by e-mail")
    SMS = "marketing_sms", _("Marketing by text message")
    PHONE = "marketing_phone", _("Marketing by phone")
    WECHAT = "marketing_wechat", _("Marketing by WeChat")


class ConsentText(AppendOnly):
    """What is shown before somebody agrees: a version of the words, in both languages."""

    purpose = models.CharField(max_length=20, choices=Purpose)
    version = models.IntegerField()
    zh = models.TextField()
    en = models.TextField()
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "consent_text"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "version"], name="consent_text_version_once"),
            models.CheckConstraint(name="consent_text_has_both_languages", condition=~Q(zh="") & ~Q(en="")),
        ]


class Consent(AppendOnly):
    """One word of a customer on one purpose: yes or no, when, how we have it, on which text. The last one holds.

    On paper there is a scan (`document` names it, sealed on disk); by phone there is a colleague who heard it.
    """

    class How(models.TextChoices):
        PAGE = "page", _("On a page")
        COUNTER = "counter", _("At the counter")
        PAPER = "paper", _("On paper")
        PHONE = "phone", _("By phone")
        PROGRAM = "program", _("By a program")
        MERGE = "merge", _("By a merge")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=20, choices=Purpose)
    is_given = models.BooleanField()
    how = models.CharField(max_length=10, choices=How)
    text = models.ForeignKey(ConsentText, null=True, on_delete=models.PROTECT, related_name="+")
    witness = models.CharField(max_length=40, blank=True)  # staff:12
    document = models.CharField(max_length=64, blank=True)  # hash of the scan
    media_type = models.CharField(max_length=20, blank=True)
    merge = models.BigIntegerField(null=True)
    said_at = models.DateTimeField()
    by = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "customer_consent"
        indexes: ClassVar = [models.Index(fields=["customer", "purpose", "-id"], name="consent_latest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="consent_is_to_a_text", condition=Q(is_given=False) | Q(how="merge") | Q(text__isnull=False)
            ),
            models.CheckConstraint(name="consent_on_paper_has_its_scan", condition=~Q(how="paper") | ~Q(document="")),
            models.CheckConstraint(name="consent_by_phone_has_a_witness", condition=~Q(how="phone") | ~Q(witness="")),
            models.CheckConstraint(name="consent_by_merge_names_it", condition=~Q(how="merge") | Q(merge__isnull=False)),
        ]
