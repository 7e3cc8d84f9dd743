"""What can be done to many customers or wallets at once: the command that does it to one, and the one that puts it back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chuzhi.core.actors import Actor
from chuzhi.customers import many
from chuzhi.customers import queries as customers
from chuzhi.organization.lists import acting, owners
from chuzhi.organization.lists.acting import Do, Done, PutBack
from chuzhi.organization.lists.errors import NoLongerAllowed
from chuzhi.organization.lists.models import BulkAct, BulkRow
from chuzhi.organization.models import Staff, Store
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.errors import WalletUnknown
from chuzhi.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class Act:
    """Without `put_back` it cannot be undone."""

    permission: str
    do: Do
    put_back: PutBack | None = None


def _tagged(act: BulkAct, customer: int, by: Actor) -> Done | None:
    return _kept(many.add_tag(customer=customer, tag=act.arguments["tag"], by=by))


def _untagged(act: BulkAct, customer: int, by: Actor) -> Done | None:
    return _kept(many.remove_tag(customer=customer, tag=act.arguments["tag"], by=by))


def _at_home(act: BulkAct, customer: int, by: Actor) -> Done | None:
    store = Store.objects.filter(pk=act.arguments["store"] or 0).first()
    return _kept(many.set_home_store(customer=customer, store=store, by=by))


def _owned(act: BulkAct, customer: int, by: Actor) -> Done | None:
    owner = Staff.objects.filter(pk=act.arguments["owner"] or 0).first()
    return _kept(many.set_owner(customer=customer, owner=owner, by=by))


def _kept(changed: many.Changed | None) -> Done | None:
    return Done(changed.before, changed.version) if changed else None


def _customer_back(row: BulkRow, by: Actor) -> None:
    many.put_back(customer=row.subject, before=row.before or {}, version=row.version, by=by)


def _stand(command: Callable[..., Any]) -> Do:
    def do(act: BulkAct, number: int, by: Actor) -> Done | None:
        wallet = queries.visible_to(by).select_related("programme").filter(pk=number).first()
        if wallet is None:
            raise WalletUnknown
        command(wallet=wallet, reason=act.arguments["reason"], key=f"bulk:{act.pk}", by=by)
        return Done({})

    return do


CUSTOMERS, WALLETS = "customers", "wallets"
ACTS: Mapping[str, Mapping[str, Act]] = {
    CUSTOMERS: {
        "add_tag": Act(many.EDIT, _tagged, _customer_back),
        "remove_tag": Act(many.EDIT, _untagged, _customer_back),
        "home_store": Act(many.EDIT, _at_home, _customer_back),
        "owner": Act(many.EDIT, _owned, _customer_back),
    },
    WALLETS: {
        "freeze": Act(accounts.FREEZE, _stand(accounts.freeze)),
        "unfreeze": Act(accounts.FREEZE, _stand(accounts.unfreeze)),
    },
}


def visible(listing: str, numbers: Sequence[int], actor: Actor) -> list[int]:
    """Those of the chosen rows that this actor may see."""
    rows: Any = {CUSTOMERS: customers.visible_to, WALLETS: queries.visible_to}[listing](actor)
    return list(rows.filter(pk__in=numbers).order_by("pk").values_list("pk", flat=True))


def names(listing: str, numbers: Sequence[int], actor: Actor) -> dict[int, str]:
    """What the rows are called."""
    if listing == CUSTOMERS:
        return dict(customers.visible_to(actor).filter(pk__in=numbers).values_list("pk", "name"))
    held = Wallet.objects.filter(pk__in=numbers).values_list("pk", "customer__name")
    return {pk: f"{pk} {name or ''}".strip() for pk, name in held}


def go_on(number: int) -> None:
    """Do an act to the rows that wait for it, or put back those that it was done to, as whoever asked for it may now."""
    under_way = BulkAct.objects.select_related("owner", "program", "store").get(pk=number)
    asked, by = ACTS[under_way.listing][under_way.kind], owners.acting(under_way, at=under_way.store)
    may = by.may(asked.permission) and by.may(acting.ACT)
    if under_way.state == BulkAct.State.RUNNING:
        acting.go_on(under_way, asked.do if may else _refused, by)
    elif under_way.state == BulkAct.State.UNDOING and asked.put_back:
        acting.put_back(under_way, asked.put_back if may else _refused_back, by)


def can_be_undone(act: BulkAct) -> bool:
    asked = ACTS[act.listing].get(act.kind)
    return asked is not None and asked.put_back is not None and acting.can_be_undone(act)


def _refused(_act: BulkAct, _subject: int, _by: Actor) -> Done | None:
    raise NoLongerAllowed


def _refused_back(_row: BulkRow, _by: Actor) -> None:
    raise NoLongerAllowed
