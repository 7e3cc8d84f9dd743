"""Every address asks for its scope; ids of other stores open nothing to a key of one store."""

import pytest

import cast
from api.program import Program
from chuzhi.api import site
from chuzhi.organization import keys
from chuzhi.organization.models import Store
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db

OPERATIONS = [
    (method.upper(), address, site.api.get_openapi_schema(path_prefix="")["paths"][address][method]["operationId"])
    for address, methods in site.api.get_openapi_schema(path_prefix="")["paths"].items()
    for method in methods
]
SCOPES = {
    "listStores": "stores:read",
    "listProgrammes": "wallets:read",
    "getProgramme": "wallets:read",
    "createProgramme": "programmes:write",
    "createTerms": "programmes:write",
    "closeProgramme": "programmes:write",
    "createCustomer": "customers:write",
    "findCustomers": "customers:read",
    "getCustomer": "customers:read",
    "openWallet": "wallets:write",
    "getWallet": "wallets:read",
    "listLots": "wallets:read",
    "listEntries": "wallets:read",
    "freezeWallet": "wallets:freeze",
    "unfreezeWallet": "wallets:freeze",
    "closeWallet": "wallets:freeze",
    "issueCard": "wallets:write",
    "getCard": "wallets:read",
    "createTopUp": "topups:write",
    "refundTopUp": "refunds:write",
    "createCharge": "charges:write",
    "createCharges": "charges:write",
    "refundCharge": "refunds:write",
    "createHold": "holds:write",
    "captureHold": "holds:write",
    "voidHold": "holds:write",
    "createTransfer": "transfers:write",
    "disputeTopUp": "disputes:write",
    "endDispute": "disputes:write",
    "getOperationByKey": "wallets:read",
    "getOperation": "wallets:read",
}


def test_every_operation_is_listed_with_its_scope() -> None:
    assert {name for _method, _address, name in OPERATIONS} == set(SCOPES)


@pytest.mark.parametrize(("method", "address", "name"), OPERATIONS, ids=[name for *_rest, name in OPERATIONS])
def test_a_key_that_has_every_other_scope_is_refused(method: str, address: str, name: str) -> None:
    program = Program(*(set(keys.SCOPES) - {SCOPES[name]}))
    place = address.replace("{", "").replace("}", "")

    answer = program.client.generic(method, f"/api/v1{place}", headers=program.headers("order-1"))

    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["facts"] == {"scope": SCOPES[name]}


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/charges", {"amount": 1}),
        ("/topups", {"amount": 1, "method": "cash"}),
        ("/holds", {"amount": 1}),
    ],
)
def test_a_key_of_one_store_does_nothing_in_another(
    address: str, body: dict[str, object], funded: Wallet, store: Store
) -> None:
    program = Program("charges:write", "topups:write", "holds:write", at=cast.store())
    before = queries.standing(funded)

    answer = program.post(address, body | {"wallet": str(funded.pk), "store": str(store.pk)})

    assert (answer.status_code, answer.json()["code"]) == (403, "store.not_yours")
    assert queries.standing(funded) == before


@pytest.mark.parametrize(
    ("made", "answered", "body"),
    [
        ("/charges", "/charges/{}/refunds", {"amount": 1, "reason": "x"}),
        ("/topups", "/topups/{}/refunds", {"method": "cash", "reason": "x"}),
        ("/holds", "/holds/{}/captures", {"amount": 1}),
        ("/holds", "/holds/{}/void", {}),
    ],
)
def test_a_key_of_one_store_does_not_answer_for_what_was_done_in_another(
    made: str, answered: str, body: dict[str, object], funded: Wallet, store: Store
) -> None:
    scopes = ("charges:write", "topups:write", "holds:write", "refunds:write")
    method = {"method": "cash"} if made == "/topups" else {}
    first = Program(*scopes).post(made, {"wallet": str(funded.pk), "store": str(store.pk), "amount": 100} | method)
    before = queries.standing(funded)

    answer = Program(*scopes, at=cast.store()).post(answered.format(first.json()["id"]), body)

    assert (answer.status_code, answer.json()["code"]) == (403, "store.not_yours")
    assert queries.standing(funded) == before
