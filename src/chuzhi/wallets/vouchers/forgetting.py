"""Who bought recharge cards in a store, when its time is over."""

from datetime import datetime

from django.db.models import QuerySet

from chuzhi.wallets.vouchers.models import VoucherPurchase


def past(before: datetime) -> QuerySet[VoucherPurchase]:
    return VoucherPurchase.objects.filter(made_at__lt=before, name__isnull=False)


def forget(rows: QuerySet[VoucherPurchase]) -> int:
    return rows.update(name=None, identity_number=None)
