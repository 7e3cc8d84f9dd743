"""What can be done to many rows of a list at once, and the command that does it to one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices
from chuzhi.console.wallets.gifts import CauseForm
from chuzhi.core.actors import Actor
from chuzhi.customers import many
from chuzhi.customers import queries as customers
from chuzhi.customers.profiles import LONGEST_TAG
from chuzhi.organization.lists.acting import Do, Done, PutBack
from chuzhi.organization.lists.models import BulkAct, BulkRow
from chuzhi.organization.models import Staff, Store
from chuzhi.wallets import accounts, queries
from chuzhi.wallets.errors import WalletUnknown
from chuzhi.wallets.gifts import GIVE
from chuzhi.wallets.models import Wallet


class TagForm(forms.Form):
    tag = forms.CharField(label=_("Tag"), max_length=LONGEST_TAG)


class StoreForm(forms.Form):
    store = choices.store(label=_("Home store"), required=False, empty_label=_("None"))


class OwnerForm(forms.Form):
    owner = choices.colleague(label=_("Looked after by"), required=False, empty_label=_("Nobody"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class GiftForm(CauseForm):
    programme = choices.programme(label=_("Programme"))
    amount = forms.CharField(label=_("Amount of the bonus for each"), max_length=20)
    field_order = ("programme", "amount", "cause", "ticket")


@dataclass(frozen=True, slots=True)
class Act:
    """Without `put_back` it cannot be undone; `note` says what to do instead. Without `do` it goes on on a page of its own."""

    label: Promise
    icon: str
    permission: str
    form: type[forms.Form]
    note: Promise
    do: Do | None = None
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


_UNDONE = _("It can be undone for an hour.")
_FROZEN = _("A move of the ledger: it is not undone, but answered by its opposite.")
ACTS: Mapping[str, Mapping[str, Act]] = {
    "customers": {
        "add_tag": Act(_("Add a tag"), "tag", many.EDIT, TagForm, _UNDONE, _tagged, _customer_back),
        "remove_tag": Act(_("Remove a tag"), "x", many.EDIT, TagForm, _UNDONE, _untagged, _customer_back),
        "home_store": Act(_("Set the home store"), "store", many.EDIT, StoreForm, _UNDONE, _at_home, _customer_back),
        "owner": Act(_("Hand over to a colleague"), "user", many.EDIT, OwnerForm, _UNDONE, _owned, _customer_back),
        "gift": Act(_("Give a bonus"), "gift", GIVE, GiftForm, _("Nothing is given yet: the next page shows the sum.")),
    },
    "wallets": {
        "freeze": Act(_("Freeze"), "snowflake", accounts.FREEZE, ReasonForm, _FROZEN, _stand(accounts.freeze)),
        "unfreeze": Act(_("Unfreeze"), "lock-open", accounts.FREEZE, ReasonForm, _FROZEN, _stand(accounts.unfreeze)),
    },
}


def of(listing: str, actor: Actor) -> dict[str, Act]:
    """Those that this person may do."""
    return {name: act for name, act in ACTS.get(listing, {}).items() if actor.may(act.permission)}


def visible(listing: str, numbers: Sequence[int], actor: Actor) -> list[int]:
    """Those of the chosen rows that this person may see."""
    rows: Any = {"customers": customers.visible_to, "wallets": queries.visible_to}[listing](actor)
    return list(rows.filter(pk__in=numbers).order_by("pk").values_list("pk", flat=True))


def names(listing: str, numbers: Sequence[int], actor: Actor) -> dict[int, str]:
    """What the rows are called."""
    if listing == "customers":
        return dict(customers.visible_to(actor).filter(pk__in=numbers).values_list("pk", "name"))
    held = Wallet.objects.filter(pk__in=numbers).values_list("pk", "customer__name")
    return {pk: f"{pk} {name or ''}".strip() for pk, name in held}
