"""What each role may do, as data. A permission is named in one place and asked for by that name everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PERMISSIONS: dict[str, Promise] = {
    "till.charge": _("Charge a wallet at the till"),
    "till.top_up": _("Sell stored value"),
    "till.refund": _("Give money back"),
    "till.hold": _("Hold value and capture it"),
    "customers.view": _("See customers"),
    "customers.edit": _("Add and edit customers"),
    "customers.reveal": _("See personal details unmasked"),
    "customers.import": _("Import customers from a file"),
    "wallets.view": _("See wallets"),
    "wallets.open": _("Open wallets and give out cards"),
    "wallets.freeze": _("Freeze and unfreeze wallets"),
    "wallets.transfer": _("Move value between wallets"),
    "wallets.adjust": _("Correct balances"),
    "wallets.dispute": _("Book disputed payments and how they end"),
    "programmes.manage": _("Change wallet programmes and their terms"),
    "ledger.view": _("See the ledger"),
    "ledger.verify": _("Verify the ledger"),
    "imports.run": _("Load and reverse opening balances"),
    "audit.view": _("Read the audit log"),
    "staff.manage": _("Invite staff and change their roles"),
    "stores.manage": _("Add and edit stores and tills"),
    "keys.manage": _("Give out and revoke API keys"),
    "demo.view": _("Watch the demo being loaded"),
}


@dataclass(frozen=True, slots=True)
class Role:
    label: Promise
    purpose: Promise
    permissions: frozenset[str]


_READ = frozenset({"customers.view", "wallets.view"})
_COUNTER = _READ | {"till.charge", "till.top_up", "till.refund", "till.hold", "customers.edit", "wallets.open"}

ROLES: dict[str, Role] = {
    "cashier": Role(_("Cashier"), _("Serves customers at the till."), _COUNTER),
    "manager": Role(
        _("Manager"),
        _("Runs a store: everything a cashier does, and freezing, moving and seeing full details."),
        _COUNTER | {"customers.reveal", "wallets.freeze", "wallets.transfer", "ledger.view"},
    ),
    "finance": Role(
        _("Finance"),
        _("Keeps the books right, away from the till."),
        _READ
        | {
            "wallets.adjust",
            "wallets.dispute",
            "ledger.view",
            "ledger.verify",
            "audit.view",
            "customers.import",
            "imports.run",
        },
    ),
    "auditor": Role(
        _("Auditor"), _("Reads everything and changes nothing."), _READ | {"ledger.view", "ledger.verify", "audit.view"}
    ),
    "administrator": Role(
        _("Administrator"), _("Owns the business: may do everything, in every store."), frozenset(PERMISSIONS)
    ),
}
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role in one store, or in all of them (`store` is None)."""

    role: str
    store: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be done, and where all of it may be done (None: everywhere)."""

    permissions: frozenset[str]
    stores: frozenset[int] | None


def reach(grants: Iterable[Grant], *, at: int | None = None) -> Reach:
    """What somebody may do when working at one store (`at`), or nowhere in particular.

    A manager of one store who is a cashier in another must not be a manager in both, so permissions are those of one
    store, and the stores are those that give at least as much.
    """
    given = frozenset(grants)
    everywhere = _permissions(grant for grant in given if grant.store is None)
    by_store = {
        store: everywhere | _permissions(grant for grant in given if grant.store == store)
        for store in sorted({grant.store for grant in given if grant.store is not None})
    }
    if at is not None:
        permissions = by_store.get(at, everywhere)
    elif everywhere or not by_store:
        permissions = everywhere
    else:
        permissions = next(iter(by_store.values()))
    if everywhere and permissions <= everywhere:
        return Reach(permissions, None)
    return Reach(permissions, frozenset(store for store, there in by_store.items() if permissions and permissions <= there))


def _permissions(grants: Iterable[Grant]) -> frozenset[str]:
    return frozenset().union(*(ROLES[grant.role].permissions for grant in grants))
