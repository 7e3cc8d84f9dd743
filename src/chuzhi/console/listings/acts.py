"""What can be done to many rows of a list at once, as a page offers it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.console import choices
from chuzhi.console.wallets.gifts import CauseForm
from chuzhi.core.actors import Actor
from chuzhi.customers.many import EDIT
from chuzhi.customers.profiles import LONGEST_TAG
from chuzhi.wallets import acts
from chuzhi.wallets.accounts import FREEZE
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
    """What is done is `wallets.acts`’; what is not there goes on on a page of its own. `note` says whether it can be undone."""

    label: Promise
    icon: str
    permission: str
    form: type[forms.Form]
    note: Promise


_UNDONE = _("It can be undone for an hour.")
_FROZEN = _("A move of the ledger: it is not undone, but answered by its opposite.")
ACTS: Mapping[str, Mapping[str, Act]] = {
    acts.CUSTOMERS: {
        "add_tag": Act(_("Add a tag"), "tag", EDIT, TagForm, _UNDONE),
        "remove_tag": Act(_("Remove a tag"), "x", EDIT, TagForm, _UNDONE),
        "home_store": Act(_("Set the home store"), "store", EDIT, StoreForm, _UNDONE),
        "owner": Act(_("Hand over to a colleague"), "user", EDIT, OwnerForm, _UNDONE),
        "gift": Act(_("Give a bonus"), "gift", GIVE, GiftForm, _("Nothing is given yet: the next page shows the sum.")),
    },
    acts.WALLETS: {
        "freeze": Act(_("Freeze"), "snowflake", FREEZE, ReasonForm, _FROZEN),
        "unfreeze": Act(_("Unfreeze"), "lock-open", FREEZE, ReasonForm, _FROZEN),
    },
}


def of(listing: str, actor: Actor) -> dict[str, Act]:
    """Those that this person may do."""
    return {name: act for name, act in ACTS.get(listing, {}).items() if actor.may(act.permission)}
