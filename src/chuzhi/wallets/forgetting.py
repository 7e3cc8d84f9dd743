"""What lists, callers and givers called people whose wallets these are, when they are forgotten. What was booked stays."""

from collections.abc import Collection

from django.db.models import Q

from chuzhi.wallets.giving.models import GiftLink, HandoutLine
from chuzhi.wallets.models import CardReport, Credit, Wallet


def forget_of(customers: Collection[int]) -> None:
    wallets = list(Wallet.objects.filter(customer__in=customers).values_list("pk", flat=True))
    CardReport.objects.filter(Q(owner__in=customers) | Q(card__wallet__in=wallets)).update(caller="")
    Credit.objects.filter(wallet__in=wallets).update(given="")
    HandoutLine.objects.filter(wallet__in=wallets).update(given="")
    GiftLink.objects.filter(wallet__in=wallets).update(sender="", words="")
