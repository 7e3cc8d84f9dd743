"""What can be done to many rows of a list at once, as a page offers it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices
from chuzhi.console.wallets.gifts import CauseForm
from chuzhi.core.actors import Actor
from chuzhi.customers.profiles import LONGEST_TAG
from chuzhi.organization.lists.acting import Do, PutBack
from chuzhi.wallets import acts
from chuzhi.wallets.gifts import GIVE


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


def _act(listing: str, name: str, label: Promise, icon: str, form: type[forms.Form], note: Promise) -> Act:
    does = acts.ACTS[listing][name]
    return Act(label, icon, does.permission, form, note, does.do, does.put_back)


_UNDONE = _("It can be undone for an hour.")
_FROZEN = _("A move of the ledger: it is not undone, but answered by its opposite.")
C, W = acts.CUSTOMERS, acts.WALLETS
ACTS: Mapping[str, Mapping[str, Act]] = {
    C: {
        "add_tag": _act(C, "add_tag", _("Add a tag"), "tag", TagForm, _UNDONE),
        "remove_tag": _act(C, "remove_tag", _("Remove a tag"), "x", TagForm, _UNDONE),
        "home_store": _act(C, "home_store", _("Set the home store"), "store", StoreForm, _UNDONE),
        "owner": _act(C, "owner", _("Hand over to a colleague"), "user", OwnerForm, _UNDONE),
        "gift": Act(_("Give a bonus"), "gift", GIVE, GiftForm, _("Nothing is given yet: the next page shows the sum.")),
    },
    W: {
        "freeze": _act(W, "freeze", _("Freeze"), "snowflake", ReasonForm, _FROZEN),
        "unfreeze": _act(W, "unfreeze", _("Unfreeze"), "lock-open", ReasonForm, _FROZEN),
    },
}


def of(listing: str, actor: Actor) -> dict[str, Act]:
    """Those that this person may do."""
    return {name: act for name, act in ACTS.get(listing, {}).items() if actor.may(act.permission)}
