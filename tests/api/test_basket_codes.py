"""A program sells by the code on a customer's phone. The provider is another process."""

import pytest

import cast
import goods
import shop
from api.program import Program
from chuzhi.organization.models import Till
from chuzhi.payments.models import Payment, Refund
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from till.codes import code, sent_back
from topups.street import Street, wait

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]


@pytest.fixture
def till() -> Till:
    return cast.till(cast.store())  # committed, for the provider calls from outside


@pytest.fixture
def wallet(till: Till) -> Wallet:
    return shop.prepaid(30_00, till.store)


@pytest.fixture
def program() -> Program:
    return Program("baskets:write", "refunds:write")


@pytest.fixture
def basket(wechat: Street, program: Program, till: Till, wallet: Wallet) -> str:
    asked = {"store": str(till.store_id), "till": str(till.pk), "wallet": str(wallet.pk)}
    made = f"/baskets/{program.post('/baskets', asked).json()['id']}"
    program.post(f"{made}/lines", {"product": str(goods.product(100_00).pk)})
    return made


def test_paid_at_once_it_is_sold_and_told_again_under_its_key(program: Program, basket: str, till: Till) -> None:
    paying = {"from_wallet": 3000, "cash": 1001, "pay_code": code(), "till": str(till.pk)}

    paid = program.post(f"{basket}/payments", paying, key="pay")
    again = program.post(f"{basket}/payments", paying, key="pay")

    assert (paid.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 200, "true")
    told = paid.json()
    assert (told["state"], told["code"]["method"], told["code"]["amount"]) == ("paid", "wechat", 5999)
    assert Payment.objects.count() == 1


def test_a_password_is_waited_for_and_then_given_up(
    wechat: Street, program: Program, basket: str, wallet: Wallet, till: Till
) -> None:
    wechat.provider.control("outcomes", payments=["USERPAYING"])

    asked = program.post(f"{basket}/payments", {"from_wallet": 3000, "pay_code": code()}, key="pay")
    again = program.post(f"{basket}/payments", {"from_wallet": 3000, "pay_code": code()}, key="pay")
    other = program.post(f"{basket}/payments", {"cash": 10000, "till": str(till.pk)})
    waiting = program.post(f"{basket}/code/look", {}).json()
    given_up = program.post(f"{basket}/code/give-up", {}).json()

    assert (asked.status_code, again.status_code, asked.json()["state"]) == (202, 202, "paying")
    assert (other.status_code, other.json()["code"]) == (422, "basket.over")
    assert waiting["code"]["state"] == "waiting"
    assert (given_up["state"], given_up["code"]["state"]) == ("open", "over")
    assert given_up["code"]["reason"]
    assert queries.balance(wallet).available == 30_00


def test_a_refusal_is_a_problem_with_its_reason_and_the_same_again(wechat: Street, program: Program, basket: str) -> None:
    wechat.provider.control("outcomes", payments=["NOTENOUGH"])
    paying = {"from_wallet": 3000, "pay_code": code()}

    no = program.post(f"{basket}/payments", paying, key="pay")
    again = program.post(f"{basket}/payments", paying, key="pay")
    fresh = program.post(f"{basket}/payments", paying | {"pay_code": code()}, key="another")

    assert (no.status_code, no.json()["code"]) == (422, "basket.code_declined")
    assert again.json()["code"] == "basket.code_declined"
    assert fresh.status_code == 201


@pytest.mark.parametrize(
    ("given", "code_of_refusal"),
    [
        ({"from_wallet": 3000, "pay_code": "6901234567892"}, "basket.code_unusable"),
        ({"from_wallet": 3000, "pay_code": "280000000000000001"}, "basket.codes_not_taken"),
        ({"from_wallet": 10000, "pay_code": "130000000000000001"}, "basket.nothing_by_code"),
        ({"from_wallet": 4000, "pay_code": "130000000000000002"}, "wallet.not_enough"),
        ({"pay_code": "130000000000000003"}, "sale.nothing_from_wallet"),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_pays(
    program: Program, basket: str, given: dict[str, object], code_of_refusal: str
) -> None:
    no = program.post(f"{basket}/payments", given)

    assert (no.status_code, no.json()["code"]) == (422, code_of_refusal)
    assert not Payment.objects.exists()
    assert program.get(basket).json()["state"] == "open"


def test_what_the_provider_does_not_take_back_is_sent_again(wechat: Street, program: Program, basket: str, till: Till) -> None:
    sold = program.post(f"{basket}/payments", {"from_wallet": 3000, "pay_code": code()}).json()
    wechat.provider.control("outcomes", refunds=["NOT_ENOUGH"])
    program.post(f"/sales/{sold['operations'][0]}/returns", {"amount": 10000, "reason": "torn"})
    sent_back()

    owed = program.get(basket).json()["code"]
    sent = program.post(f"{basket}/code/refund", {})
    twice = program.post(f"{basket}/code/refund", {})

    assert (owed["unsent"], owed["refunded"]) == (7000, 0)
    assert sent.json()["code"]["unsent"] == 0
    assert twice.json()["code"] == "basket.nothing_to_send"
    wait(lambda: Refund.objects.filter(stage=Refund.Stage.DONE, amount=70_00).exists(), "it is back")
