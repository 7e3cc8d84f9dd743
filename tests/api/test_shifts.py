import pytest

import cast
import shop
from api.program import Program
from chuzhi.organization.models import Store, Till
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db: None) -> Program:
    return Program("shifts:read", "shifts:write", "topups:write")


def opened(program: Program, till: Till) -> str:
    answer = program.post("/shifts", {"till": str(till.pk), "opened_with": 20000})
    assert answer.status_code == 201
    return str(answer.json()["id"])


def test_a_shift_from_open_to_closed(program: Program, till: Till, wallet: Wallet) -> None:
    shift = opened(program, till)
    shop.top_up(wallet, 100_00, till.store, till=till.pk)
    moves = [
        program.post(f"/shifts/{shift}/moves", {"way": "out", "amount": 5000, "reason": "to the safe"}, key="m-1")
        for _twice in range(2)
    ]

    assert program.post(f"/shifts/{shift}/count", {}).json()["state"] == "counting"
    refused = program.post(f"/shifts/{shift}/close", {"pieces": [{"value": 10000, "number": 2}]})
    closed = program.post(
        f"/shifts/{shift}/close", {"pieces": [{"value": 10000, "number": 2}], "reason": "a note fell behind the desk"}
    )

    assert [move.json()["taken_out"] for move in moves] == [5000, 5000]
    assert (refused.status_code, refused.json()["code"]) == (422, "shift.reason_missing")
    told = closed.json()
    assert (told["state"], told["cash_in"], told["expected"], told["difference"]) == ("closed", 10000, 25000, -5000)
    assert program.get(f"/shifts/{shift}").json() == told | {"otherwise": []}
    assert program.get("/shifts").json()["items"] == [told]


def test_an_open_shift_tells_nothing_of_the_books(program: Program, till: Till) -> None:
    told = program.get(f"/shifts/{opened(program, till)}").json()

    assert (told["expected"], told["cash_in"], told["difference"]) == (None, None, None)


def test_what_cannot_be_is_refused(program: Program, till: Till) -> None:
    shift = opened(program, till)

    answers = [
        program.post("/shifts", {"till": str(till.pk), "opened_with": 0}),
        program.post("/shifts", {"till": "999", "opened_with": 0}),
        program.post("/shifts", {"till": str(till.pk), "opened_with": -1}),
        program.post(f"/shifts/{shift}/moves", {"way": "out", "amount": 5000, "reason": "x"}, key=None),
        program.post(f"/shifts/{shift}/close", {"pieces": []}),
        program.get("/shifts/999"),
    ]

    assert [answer.status_code for answer in answers] == [422, 404, 400, 400, 422, 404]


def test_a_key_of_another_store_sees_no_shift(program: Program, till: Till) -> None:
    shift = opened(program, till)
    stranger = Program("shifts:read", "shifts:write", at=cast.store())

    assert stranger.get("/shifts").json()["items"] == []
    assert stranger.post(f"/shifts/{shift}/count", {}).status_code == 404


def test_a_card_payment_names_its_slip_and_a_slip_pays_once(program: Program, wallet: Wallet, store: Store) -> None:
    body = {"wallet": str(wallet.pk), "amount": 10000, "method": "terminal", "store": str(store.pk)}
    slip = {"terminal": "T-01", "number": "000123", "last_four": "4242"}

    without = program.post("/topups", body)
    first = program.post("/topups", body | {"slip": slip}, key="a")
    again = program.post("/topups", body | {"slip": slip}, key="a")
    second = program.post("/topups", body | {"slip": slip}, key="b")
    whole = program.post("/topups", body | {"slip": slip | {"number": "4242424242424242"}})

    assert (without.status_code, without.json()["code"]) == (422, "slip.missing")
    assert [first.status_code, again.status_code] == [201, 200]
    assert (second.status_code, second.json()["code"]) == (422, "slip.used")
    assert whole.json()["code"] == "slip.card_number"
