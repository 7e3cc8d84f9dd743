import pytest

import shop
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("disputes:write", "wallets:freeze")


@pytest.mark.parametrize(("won", "left"), [(True, Balance(200_00, 80_00)), (False, Balance(debt=300_00))])
def test_a_disputed_top_up_is_booked_and_ended(
    program: Program, wallet: Wallet, store: Store, *, won: bool, left: Balance
) -> None:
    sold = shop.top_up(wallet, 500_00, store)
    shop.charge(wallet, 300_00, store)

    opened = [program.post(f"/topups/{sold.id}/dispute", {}, key="case-7") for _twice in range(2)]
    assert [answer.status_code for answer in opened] == [201, 200]
    assert queries.balance(wallet) == Balance(principal=200_00, bonus=80_00, held=280_00, debt=300_00)

    ended = program.post(f"/disputes/{opened[0].json()['id']}/end", {"won": won}, key="case-7-end")
    assert (ended.status_code, ended.json()["kind"]) == (201, "dispute_end")
    assert queries.balance(wallet) == left


def test_what_cannot_be_disputed_is_refused(program: Program, funded: Wallet, store: Store) -> None:
    charge = shop.charge(funded, 1_00, store)
    top_up = f"{funded.book}-{queries.entries(funded)[-1].outcome.seq}"
    program.post(f"/topups/{top_up}/dispute", {}, key="first")
    before = queries.standing(funded)

    answers = [
        program.post(f"/topups/{charge.id}/dispute", {}),
        program.post(f"/topups/{top_up}/dispute", {}, key="second"),
        program.post(f"/disputes/{charge.id}/end", {"won": True}),
        program.post("/topups/7-999999/dispute", {}),
        program.post(f"/disputes/{top_up}/end", {"won": "perhaps"}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 404, 400]
    assert answers[1].json()["code"] == "dispute.open"
    assert queries.standing(funded) == before


def test_an_empty_wallet_is_closed_and_one_with_value_is_not(program: Program, wallet: Wallet, funded: Wallet) -> None:
    emptied = shop.new_wallet(wallet.programme)

    closed = program.post(f"/wallets/{emptied.pk}/close", {"reason": "moved away"})
    refused = program.post(f"/wallets/{funded.pk}/close", {"reason": "moved away"})

    assert closed.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (422, "wallet.not_empty")
    assert program.post(f"/wallets/{emptied.pk}/unfreeze", {"reason": "back"}).json()["code"] == "wallet.closed"
