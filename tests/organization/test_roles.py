import pytest

from chuzhi.organization.keys import SCOPES
from chuzhi.organization.roles import PERMISSIONS, ROLES, Grant, Reach, reach

CHANGES_SOMETHING = frozenset(PERMISSIONS) - {
    "customers.view",
    "wallets.view",
    "ledger.view",
    "ledger.verify",
    "audit.view",
    "demo.view",
}

# Who may do what, said a second time on purpose: a change of a role must be meant twice.
TABLE = {
    "till.charge": {"cashier", "manager", "administrator"},
    "till.top_up": {"cashier", "manager", "administrator"},
    "till.refund": {"cashier", "manager", "administrator"},
    "till.hold": {"cashier", "manager", "administrator"},
    "customers.view": {"cashier", "manager", "finance", "auditor", "administrator"},
    "customers.edit": {"cashier", "manager", "administrator"},
    "customers.reveal": {"manager", "administrator"},
    "customers.import": {"finance", "administrator"},
    "wallets.view": {"cashier", "manager", "finance", "auditor", "administrator"},
    "wallets.open": {"cashier", "manager", "administrator"},
    "wallets.freeze": {"manager", "administrator"},
    "wallets.transfer": {"manager", "administrator"},
    "wallets.adjust": {"finance", "administrator"},
    "wallets.dispute": {"finance", "administrator"},
    "programmes.manage": {"administrator"},
    "ledger.view": {"manager", "finance", "auditor", "administrator"},
    "ledger.verify": {"finance", "auditor", "administrator"},
    "imports.run": {"finance", "administrator"},
    "audit.view": {"finance", "auditor", "administrator"},
    "staff.manage": {"administrator"},
    "stores.manage": {"administrator"},
    "keys.manage": {"administrator"},
    "demo.view": {"administrator"},
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
