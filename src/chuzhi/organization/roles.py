"""What each role may do, as data. A permission is named in one place and asked for by that name everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PERMISSIONS: dict[str, Promise] = {
    "till.charge": _("Charge a wallet at the till"),
    "till.discount": _("Give discounts on what is sold"),
    "till.top_up": _("Sell stored value"),
    "topups.assist": _("Help customers top up by phone, e-mail and chat"),
    "till.refund": _("Give money back"),
    "till.hold": _("Hold value and capture it"),
    "desk.view": _("See tickets of the service desk"),
    "desk.work": _("Open tickets and work on them"),
    "customers.view": _("See customers"),
    "customers.edit": _("Add and edit customers"),
    "customers.reveal": _("See personal details unmasked"),
    "customers.merge": _("Make two records of one person one"),
    "customers.import": _("Import customers from a file"),
    "consent.manage": _("Write the texts that customers agree to"),
    "cadence.manage": _("Say how often customers are followed up"),
    "fields.manage": _("Make and change fields of customers"),
    "wallets.view": _("See wallets"),
    "wallets.open": _("Open wallets and give out cards"),
    "wallets.reactivate": _("Activate expired bearer cards again"),
    "wallets.freeze": _("Freeze and unfreeze wallets"),
    "wallets.transfer": _("Move value between wallets"),
    "wallets.share": _("Let others spend from a wallet, within an allowance"),
    "wallets.adjust": _("Correct balances"),
    "wallets.dispute": _("Book disputed payments and how they end"),
    "payments.view": _("See payments, refunds and what providers said"),
    "payments.manage": _("Set up ways of paying"),
    "payments.refund": _("Pay payments back and close their incidents"),
    "bank.view": _("See bank statements and what became of each line"),
    "bank.settle": _("Take in bank statements and decide their cases"),
    "reconciliation.view": _("See how books, payments and bills agree"),
    "reconciliation.close": _("Close the cases of a reconciliation"),
    "risk.view": _("See cases of suspicion"),
    "risk.work": _("Work on cases of suspicion"),
    "risk.rules": _("Say from where on something is suspicious"),
    "payments.clear": _("Say that money has cleared"),
    "drawer.use": _("Open, count and close a cash drawer"),
    "drawer.view": _("See shifts and their reports"),
    "drawer.review": _("See all shifts and their differences"),
    "drawer.manage": _("Say how a store keeps its cash"),
    "wallets.gift": _("Give a bonus by hand"),
    "lists.export": _("Take lists along as files"),
    "lists.bulk": _("Act on many rows of a list at once"),
    "approvals.view": _("See requests for approval"),
    "approvals.ask": _("Ask for what somebody else has to approve"),
    "approvals.decide": _("Approve or refuse what others ask for"),
    "approvals.manage": _("Say how much each may do alone and approve"),
    "messages.view": _("See what was sent to whom"),
    "messages.resend": _("Send a message again"),
    "messages.manage": _("Write the texts of messages and choose who is told"),
    "webhooks.manage": _("Say which programs are told, and see what they answered"),
    "refunds.ask": _("Ask for a balance refund for a customer"),
    "refunds.decide": _("Decide on balance refunds"),
    "refunds.pay": _("Pay balance refunds out"),
    "limits.manage": _("Set limits of top-ups"),
    "limits.apply": _("Ask for a higher limit for a customer"),
    "limits.review": _("Decide on higher limits"),
    "programmes.manage": _("Change wallet programmes and their terms"),
    "catalogue.view": _("See products and prices"),
    "catalogue.manage": _("Add products and change prices"),
    "offers.view": _("See top-up offers and what they cost"),
    "offers.manage": _("Make, change and stop top-up offers"),
    "board.view": _("See the day at a glance"),
    "ledger.view": _("See the ledger"),
    "ledger.verify": _("Verify the ledger"),
    "imports.run": _("Load and reverse opening balances"),
    "audit.view": _("Read the audit log"),
    "privacy.manage": _("Say how long personal data is kept"),
    "staff.manage": _("Invite staff and change their roles"),
    "stores.manage": _("Add and edit stores and tills"),
    "stores.rules": _("Choose the rules of a store"),
    "kiosks.set_up": _("Set up the self-service screens of a store"),
    "keys.manage": _("Give out and revoke API keys"),
    "vouchers.view": _("See recharge cards and where they are"),
    "vouchers.manage": _("Order, print, send out and void recharge cards"),
    "vouchers.count": _("Count the recharge cards in stock"),
    "vouchers.sell": _("Sell recharge cards"),
    "vouchers.redeem": _("Redeem recharge cards into wallets"),
    "applications.file": _("Take in applications for cards"),
    "applications.decide": _("Approve and reject applications for cards"),
    "partners.view": _("See partners"),
    "partners.manage": _("Take partners on, change their terms, let them go"),
    "partners.settle": _("Book partners' payments, issue statements, suspend partners"),
    "partners.top_up": _("Top up for a partner, out of its float"),
    "demo.view": _("Watch the demo being loaded"),
}


@dataclass(frozen=True, slots=True)
class Role:
    label: Promise
    purpose: Promise
    permissions: frozenset[str]


_READ = frozenset({"customers.view", "wallets.view", "catalogue.view"})
_ASK = frozenset({"approvals.view", "approvals.ask"})
_CARDS = frozenset({"vouchers.sell", "vouchers.redeem", "applications.file"})
_TILL = frozenset({"till.charge", "till.discount", "till.top_up", "till.refund", "till.hold", "drawer.use", "drawer.view"})
_SERVICE = frozenset({"topups.assist", "customers.edit", "wallets.open", "limits.apply", "refunds.ask"})
_COUNTER = _READ | _ASK | _CARDS | _TILL | _SERVICE

ROLES: dict[str, Role] = {
    "cashier": Role(_("Cashier"), _("Serves customers at the till."), _COUNTER),
    "service": Role(
        pgettext_lazy("role", "Service agent"),
        _("Answers customers: works on tickets, makes good within limits, blocks what is lost; no till and no drawer."),
        _READ
        | _ASK
        | {"desk.view", "desk.work", "wallets.gift", "wallets.freeze", "wallets.open", "refunds.ask"}
        | {"messages.view", "messages.resend"},
    ),
    "manager": Role(
        _("Manager"),
        _("Runs a store: everything a cashier does, and freezing, moving and seeing full details."),
        _COUNTER
        | {
            "desk.view",
            "desk.work",
            "customers.reveal",
            "lists.export",
            "lists.bulk",
            "customers.merge",
            "limits.review",
            "refunds.decide",
            "refunds.pay",
            "wallets.reactivate",
            "wallets.freeze",
            "wallets.transfer",
            "wallets.share",
            "wallets.gift",
            "approvals.decide",
            "drawer.review",
            "drawer.manage",
            "kiosks.set_up",
            "risk.view",
            "risk.work",
            "messages.view",
            "messages.resend",
            "payments.view",
            "board.view",
            "ledger.view",
            "offers.view",
            "partners.view",
            "vouchers.view",
            "vouchers.count",
            "applications.decide",
        },
    ),
    "finance": Role(
        _("Finance"),
        _("Keeps the books right, away from the till."),
        _READ
        | _ASK
        | {
            "desk.view",
            "approvals.decide",
            "lists.export",
            "lists.bulk",
            "messages.view",
            "messages.resend",
            "wallets.gift",
            "wallets.adjust",
            "wallets.dispute",
            "limits.manage",
            "limits.review",
            "refunds.decide",
            "refunds.pay",
            "payments.view",
            "payments.refund",
            "bank.view",
            "bank.settle",
            "reconciliation.view",
            "reconciliation.close",
            "risk.view",
            "risk.work",
            "payments.clear",
            "drawer.view",
            "drawer.review",
            "board.view",
            "ledger.view",
            "ledger.verify",
            "audit.view",
            "customers.import",
            "imports.run",
            "offers.view",
            "partners.view",
            "partners.settle",
            "vouchers.view",
            "vouchers.manage",
        },
    ),
    "auditor": Role(
        _("Auditor"),
        _("Reads everything and changes nothing."),
        _READ
        | {
            "desk.view",
            "approvals.view",
            "lists.export",
            "messages.view",
            "board.view",
            "ledger.view",
            "ledger.verify",
            "audit.view",
            "payments.view",
            "bank.view",
            "reconciliation.view",
            "risk.view",
            "drawer.view",
            "drawer.review",
            "offers.view",
            "partners.view",
            "vouchers.view",
        },
    ),
    "partner": Role(
        _("Partner"),
        _("Works for an agent: tops up customers out of its float, and nothing else."),
        frozenset({"partners.top_up"}),
    ),
    "administrator": Role(
        _("Administrator"),
        _("Owns the business: may do everything, in every store."),
        frozenset(PERMISSIONS) - {"partners.top_up"},
    ),
}
OF_ALL_STORES = frozenset(name for name in PERMISSIONS if name.endswith((".manage", ".rules")) and name != "drawer.manage") | {
    "bank.settle",
    "customers.import",
    "imports.run",
    "partners.settle",
    "reconciliation.close",
}
"""What concerns every store, so that a role that somebody has in one store only does not bring it."""
ADMINISTRATOR = "administrator"
PARTNER = "partner"


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
        store: everywhere | _permissions(grant for grant in given if grant.store == store) - OF_ALL_STORES
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


def holders(permission: str) -> list[Promise]:
    """The roles that may do something, as they are called; whoever may do everything is named last."""
    return [role.label for role in ROLES.values() if permission in role.permissions]


def _permissions(grants: Iterable[Grant]) -> frozenset[str]:
    return frozenset().union(*(ROLES[grant.role].permissions for grant in grants))
