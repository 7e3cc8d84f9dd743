import pytest

from chuzhi.organization.keys import SCOPES
from chuzhi.organization.roles import OF_ALL_STORES, PERMISSIONS, ROLES, Grant, Reach, reach

CHANGES_SOMETHING = frozenset(PERMISSIONS) - {
    "customers.view",
    "wallets.view",
    "board.view",
    "ledger.view",
    "ledger.verify",
    "audit.view",
    "demo.view",
    "approvals.view",
    "catalogue.view",
    "desk.view",
    "offers.view",
    "partners.view",
    "vouchers.view",
    "messages.view",
    "payments.view",
    "bank.view",
    "reconciliation.view",
    "risk.view",
    "drawer.view",
    "drawer.review",
    "lists.export",
}

# Who may do what, said a second time on purpose: a change of a role must be meant twice.
TABLE = {
    "till.charge": {"cashier", "manager", "administrator"},
    "till.discount": {"cashier", "manager", "administrator"},
    "till.top_up": {"cashier", "manager", "administrator"},
    "topups.assist": {"cashier", "manager", "administrator"},
    "till.refund": {"cashier", "manager", "administrator"},
    "till.hold": {"cashier", "manager", "administrator"},
    "desk.view": {"service", "manager", "finance", "auditor", "administrator"},
    "desk.work": {"service", "manager", "administrator"},
    "customers.view": {"cashier", "manager", "finance", "auditor", "service", "administrator"},
    "customers.edit": {"cashier", "manager", "administrator"},
    "customers.reveal": {"manager", "administrator"},
    "customers.import": {"finance", "administrator"},
    "cadence.manage": {"administrator"},
    "fields.manage": {"administrator"},
    "consent.manage": {"administrator"},
    "customers.merge": {"manager", "administrator"},
    "wallets.view": {"cashier", "manager", "finance", "auditor", "service", "administrator"},
    "wallets.open": {"cashier", "manager", "service", "administrator"},
    "wallets.reactivate": {"manager", "administrator"},
    "wallets.freeze": {"manager", "service", "administrator"},
    "wallets.transfer": {"manager", "administrator"},
    "wallets.share": {"manager", "administrator"},
    "wallets.adjust": {"finance", "administrator"},
    "wallets.dispute": {"finance", "administrator"},
    "wallets.gift": {"manager", "finance", "service", "administrator"},
    "lists.export": {"manager", "finance", "auditor", "administrator"},
    "lists.bulk": {"manager", "finance", "administrator"},
    "approvals.view": {"cashier", "manager", "finance", "auditor", "service", "administrator"},
    "approvals.ask": {"cashier", "manager", "finance", "service", "administrator"},
    "approvals.decide": {"manager", "finance", "administrator"},
    "approvals.manage": {"administrator"},
    "messages.view": {"manager", "finance", "auditor", "service", "administrator"},
    "messages.resend": {"manager", "service", "finance", "administrator"},
    "messages.manage": {"administrator"},
    "webhooks.manage": {"administrator"},
    "refunds.ask": {"cashier", "manager", "service", "administrator"},
    "refunds.decide": {"manager", "finance", "administrator"},
    "refunds.pay": {"manager", "finance", "administrator"},
    "limits.manage": {"finance", "administrator"},
    "limits.apply": {"cashier", "manager", "administrator"},
    "limits.review": {"manager", "finance", "administrator"},
    "programmes.manage": {"administrator"},
    "catalogue.view": {"cashier", "manager", "finance", "auditor", "service", "administrator"},
    "catalogue.manage": {"administrator"},
    "offers.view": {"manager", "finance", "auditor", "administrator"},
    "offers.manage": {"administrator"},
    "board.view": {"manager", "finance", "auditor", "administrator"},
    "ledger.view": {"manager", "finance", "auditor", "administrator"},
    "ledger.verify": {"finance", "auditor", "administrator"},
    "imports.run": {"finance", "administrator"},
    "audit.view": {"finance", "auditor", "administrator"},
    "staff.manage": {"administrator"},
    "stores.manage": {"administrator"},
    "stores.rules": {"administrator"},
    "kiosks.set_up": {"manager", "administrator"},
    "keys.manage": {"administrator"},
    "demo.view": {"administrator"},
    "vouchers.view": {"manager", "finance", "auditor", "administrator"},
    "vouchers.manage": {"finance", "administrator"},
    "vouchers.count": {"manager", "administrator"},
    "vouchers.sell": {"cashier", "manager", "administrator"},
    "vouchers.redeem": {"cashier", "manager", "administrator"},
    "applications.file": {"cashier", "manager", "administrator"},
    "applications.decide": {"manager", "administrator"},
    "partners.view": {"manager", "finance", "auditor", "administrator"},
    "partners.settle": {"finance", "administrator"},
    "partners.manage": {"administrator"},
    "partners.top_up": {"partner"},
    "payments.view": {"manager", "finance", "auditor", "administrator"},
    "payments.manage": {"administrator"},
    "payments.refund": {"finance", "administrator"},
    "bank.view": {"finance", "auditor", "administrator"},
    "bank.settle": {"finance", "administrator"},
    "reconciliation.view": {"finance", "auditor", "administrator"},
    "reconciliation.close": {"finance", "administrator"},
    "risk.view": {"manager", "finance", "auditor", "administrator"},
    "risk.work": {"manager", "finance", "administrator"},
    "risk.rules": {"administrator"},
    "privacy.manage": {"administrator"},
    "payments.clear": {"finance", "administrator"},
    "drawer.use": {"cashier", "manager", "administrator"},
    "drawer.view": {"cashier", "manager", "finance", "auditor", "administrator"},
    "drawer.review": {"manager", "finance", "auditor", "administrator"},
    "drawer.manage": {"manager", "administrator"},
}


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_each_permission_is_held_by_whom_the_table_says(permission: str) -> None:
    holders = {name for name, role in ROLES.items() if permission in role.permissions}

    assert holders == TABLE[permission]


def test_an_auditor_changes_nothing() -> None:
    assert not ROLES["auditor"].permissions & CHANGES_SOMETHING


def test_no_program_can_give_out_power() -> None:
    granted = frozenset().union(*(scope.permissions for scope in SCOPES.values()))

    assert not granted & {
        "staff.manage",
        "stores.manage",
        "keys.manage",
        "wallets.adjust",
        "customers.reveal",
    }


def test_who_has_a_role_in_one_store_decides_nothing_for_all() -> None:
    here = reach([Grant("finance", 1)], at=1)

    assert "refunds.decide" in here.permissions
    assert not here.permissions & {"limits.manage", "bank.settle", "partners.settle", "vouchers.manage", "reconciliation.close"}
    assert reach([Grant("finance", 1), Grant("finance")], at=1) == Reach(ROLES["finance"].permissions, None)
    assert ROLES["manager"].permissions.isdisjoint(OF_ALL_STORES)


CASHIER, MANAGER = ROLES["cashier"].permissions, ROLES["manager"].permissions


@pytest.mark.parametrize(
    ("grants", "at", "expected"),
    [
        ([], None, Reach(frozenset(), frozenset())),
        ([Grant("cashier")], None, Reach(CASHIER, None)),
        ([Grant("cashier")], 1, Reach(CASHIER, None)),
        ([Grant("cashier", 1)], None, Reach(CASHIER, frozenset({1}))),
        ([Grant("cashier", 1)], 2, Reach(frozenset(), frozenset())),
        ([Grant("cashier", 1), Grant("cashier", 2)], 1, Reach(CASHIER, frozenset({1, 2}))),
        ([Grant("manager", 1), Grant("cashier", 2)], 1, Reach(MANAGER, frozenset({1}))),
        ([Grant("manager", 1), Grant("cashier", 2)], 2, Reach(CASHIER, frozenset({1, 2}))),
        ([Grant("cashier"), Grant("manager", 1)], 1, Reach(MANAGER, frozenset({1}))),
        ([Grant("cashier"), Grant("manager", 1)], 2, Reach(CASHIER, None)),
    ],
)
def test_power_in_one_store_is_not_power_in_another(grants: list[Grant], at: int | None, expected: Reach) -> None:
    assert reach(grants, at=at) == expected
