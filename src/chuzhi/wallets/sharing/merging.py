"""Who shares a wallet follows it into another, and follows their own record into another."""

from typing import Any

from django.db.models import Q

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers.models import Customer, Merge
from chuzhi.wallets.models import JoinedWallet
from chuzhi.wallets.sharing.models import Member


class Members:
    """Follows `customers.merging`, after the wallets. Nobody comes to share a wallet twice, or their own."""

    name = "members"

    def objection(self, kept: Customer, gone: Customer) -> Refused | None:
        return None

    def join(self, merge: Merge, kept: Customer, gone: Customer, by: Actor) -> dict[str, list[Any]]:
        wallets = []
        for joined in JoinedWallet.objects.filter(merge=merge):
            there = Member.objects.filter(wallet=joined.to, ended_at=None).values("customer")
            for member in Member.objects.filter(wallet=joined.wallet).exclude(customer__in=there).exclude(customer=kept):
                Member.objects.filter(pk=member.pk).update(wallet=joined.to)
                wallets.append([member.pk, joined.wallet_id, joined.to_id])
        theirs = Member.objects.filter(customer=kept, ended_at=None).values("wallet")
        mine = Member.objects.filter(customer=gone).exclude(Q(wallet__in=theirs) | Q(wallet__customer=kept))
        customers = list(mine.values_list("pk", flat=True))
        Member.objects.filter(pk__in=customers).update(customer=kept)
        return {"wallets": wallets, "customers": customers}

    def part(self, merge: Merge, kept: Customer, gone: Customer, moved: Any, by: Actor) -> None:
        Member.objects.filter(pk__in=moved["customers"], customer=kept).update(customer=gone)
        for number, before, after in moved["wallets"]:
            Member.objects.filter(pk=number, wallet=after).update(wallet=before)
