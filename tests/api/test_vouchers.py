from typing import Any

import pytest

import agents
import cast
import rechargecards
import shop
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.organization.partners import logins
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet
from rechargecards import FORM

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("vouchers:read", "vouchers:write", "vouchers:count", "vouchers:sell", "vouchers:redeem")


def test_a_batch_from_the_order_to_the_wallet(program: Program, programme: Programme, store: Store, wallet: Wallet) -> None:
    asked = {"code": "SPRING", "programme": str(programme.pk), "value": 100_00, "count": 3, "form": "pin"}
    batch = program.post("/voucher-batches", asked).json()
    where = f"/voucher-batches/{batch['id']}"
    cards = program.post(f"{where}/print", {}).json()["items"]
    assert program.post(f"{where}/print", {}).json()["code"] == "voucher.batch_printed"
    assert program.post(f"{where}/send", {"first": 1, "last": 3, "store": str(store.pk)}).json()["count"] == 3

    sold = [
        program.post(f"/vouchers/{cards[0]['number']}/sale", {"store": str(store.pk), "method": "cash"}, key="sale")
        for _twice in range(2)
    ]
    told = {"wallet": str(wallet.pk), "number": cards[0]["number"], "secret": cards[0]["secret"], "source": "192.0.2.7"}
    redeemed = [program.post("/voucher-redemptions", told, key="mine") for _twice in range(2)]

    assert [answer.status_code for answer in (*sold, *redeemed)] == [201, 200, 201, 200]
    assert (redeemed[0].json()["value"], redeemed[0].json()["operation"]["wallet"]) == (100_00, str(wallet.pk))
    assert queries.balance(wallet).principal == 100_00
    assert program.get(f"/vouchers/{cards[0]['number']}").json()["status"] == "used"
    assert program.post(f"{where}/void", {"first": 1, "last": 3, "reason": "lost"}).json()["count"] == 2
    assert program.post(f"{where}/counts", {"counted": 1, "store": str(store.pk)}).json() == {"expected": 0, "counted": 1}
    place = program.get(where).json()["places"][0]
    assert (place["received"], place["used"], place["void"], place["counted"]) == (3, 1, 2, 1)
    assert program.get("/voucher-batches").json()["items"][0]["cards"]["void"] == 2


def test_a_card_paid_by_terminal_needs_its_slip(program: Program, programme: Programme, store: Store) -> None:
    number = rechargecards.sent(programme, store).cards[0].number
    asked = {"store": str(store.pk), "method": "terminal"}

    without = program.post(f"/vouchers/{number}/sale", asked)
    sold = program.post(f"/vouchers/{number}/sale", asked | {"slip": {"terminal": "T-01", "number": "000123"}})

    assert (without.status_code, without.json()["code"]) == (422, "slip.missing")
    assert sold.status_code == 201


def test_cards_of_one_purchase_count_together_and_their_buyer_is_registered(
    program: Program, programme: Programme, store: Store
) -> None:
    Store.objects.filter(pk=store.pk).update(pack="cn-national")
    lot = rechargecards.sent(programme, store, 11, value=1000_00)

    def sold(place: int, **more: object) -> Any:
        asked = {"store": str(store.pk), "method": "cash", "purchase": "receipt-1"}
        return program.post(f"/vouchers/{lot.cards[place].number}/sale", asked | more)

    before = [sold(place).status_code for place in range(9)]
    refused = sold(9)
    known = sold(9, buyer={"name": "王小明", "identity_number": "11010519491231002X"})
    after = sold(10)

    assert (set(before), refused.status_code, known.status_code, after.status_code) == ({201}, 422, 201, 201)
    assert (refused.json()["code"], refused.json()["facts"]["rule"]) == ("pack.refused", "cn.identity.bearer")


def test_one_answer_for_every_card_that_cannot_be_redeemed_and_then_none(
    program: Program, programme: Programme, store: Store
) -> None:
    lot = rechargecards.sent(programme, store, count=1)
    wallet, told = shop.new_wallet(programme), set()

    for number, secret in ((lot.cards[0].number, lot.cards[0].secret), ("9157000000000018", "1"), ("", "NONSENSE")):
        answer = program.post("/voucher-redemptions", {"wallet": str(wallet.pk), "number": number, "secret": secret})
        told.add((answer.status_code, answer.content))
    assert len(told) == 1

    for place in range(10):
        last = program.post("/voucher-redemptions", {"wallet": str(wallet.pk), "secret": f"GUESS{place}"})
    assert (last.status_code, last.json()["code"]) == (429, "voucher.too_many_tries")


def test_a_lost_answer_to_printing_is_made_good(program: Program, programme: Programme) -> None:
    made = rechargecards.printed(programme, form=FORM.SECRET)

    fresh = program.post(f"/voucher-batches/{made.batch.pk}/renew", {"reason": "lost"}).json()["items"]

    assert not {card["secret"] for card in fresh} & {card.secret for card in made.cards}
    assert (
        program.post(f"/voucher-batches/{made.batch.pk}/take-back", {"first": 1, "last": 3, "reason": "x"}).status_code == 201
    )
    refused = [
        program.post(f"/voucher-batches/{made.batch.pk}/send", {"first": 1, "last": 1}),
        program.post(f"/voucher-batches/{made.batch.pk}/send", {"first": 1, "last": 1, "store": "999999"}),
        program.post(f"/voucher-batches/{made.batch.pk}/send", {"first": 1, "last": 9, "partner": str(agents.partner().pk)}),
    ]
    assert [answer.json()["code"] for answer in refused] == ["voucher.place", "voucher.place", "voucher.run"]


def test_a_partners_program_sells_its_stock(programme: Programme) -> None:
    agent = agents.agent(1000_00)
    lot = rechargecards.sent(programme, agent.partner)
    program = Program("stores:read")
    _key, program.secret = logins.add_key(partner=agent.partner, name="POS", by=cast.OWNER)

    told = [program.post(f"/partner/vouchers/{lot.cards[0].number}/sale", {}, key="sale") for _twice in range(2)]

    assert [answer.json()["status"] for answer in told] == ["active", "active"]
    assert program.get("/partner").json()["left"] == 900_00
