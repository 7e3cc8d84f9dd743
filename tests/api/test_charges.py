import pytest

import cast
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("charges:write", "refunds:write")


def asked(wallet: Wallet, store: Store, amount: int = 123_45, **more: object) -> dict[str, object]:
    return {"wallet": str(wallet.pk), "amount": amount, "store": str(store.pk)} | more


def test_a_charge_answers_what_it_took_and_what_is_left(program: Program, funded: Wallet, store: Store) -> None:
    answer = program.post("/charges", asked(funded, store), key="order-1")

    body = answer.json()
    assert (answer.status_code, "Idempotency-Replayed" in answer) == (201, False)
    assert body["id"] == f"{funded.book}-{body['seq']}"
    lot = queries.lots(funded)[0]
    assert body == {
        "id": body["id"],
        "kind": "charge",
        "wallet": str(funded.pk),
        "book": funded.book,
        "seq": body["seq"],
        "amount": 123_45,
        "taken": {"principal": 123_45, "bonus": 0},
        "legs": [{"lot": str(lot.id), "bucket": "principal", "amount": 123_45}],
        "balance": {"principal": 376_55, "bonus": 80_00, "held": 0, "available": 456_55},
        "at": body["at"],
        "replayed": False,
    }


def test_the_same_key_charges_once_and_says_so(program: Program, funded: Wallet, store: Store) -> None:
    first = program.post("/charges", asked(funded, store), key="order-1")

    again = program.post("/charges", asked(funded, store), key="order-1")

    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert again.json() == first.json() | {"replayed": True}
    assert queries.balance(funded) == Balance(376_55, 80_00)


def test_the_same_key_with_another_body_is_refused(program: Program, funded: Wallet, store: Store) -> None:
    program.post("/charges", asked(funded, store), key="order-1")

    answer = program.post("/charges", asked(funded, store, 1_00), key="order-1")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.key_reused")


def test_a_refusal_is_told_with_its_facts_and_told_again_the_same(program: Program, funded: Wallet, store: Store) -> None:
    first = program.post("/charges", asked(funded, store, 580_01), key="order-1")

    again = program.post("/charges", asked(funded, store, 580_01), key="order-1")

    assert (first.status_code, first.json()["code"]) == (422, "wallet.not_enough")
    assert first.json()["facts"] == {"available": 580_00, "asked": 580_01}
    assert (again.status_code, again.json()) == (422, first.json())
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")


def test_without_a_key_nothing_happens(program: Program, funded: Wallet, store: Store) -> None:
    answer = program.post("/charges", asked(funded, store), key=None)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.missing")
    assert queries.balance(funded) == Balance(500_00, 80_00)


def test_two_programs_may_use_one_word_for_two_acts(program: Program, funded: Wallet, store: Store) -> None:
    other = Program("charges:write")

    assert program.post("/charges", asked(funded, store, 1_00), key="order-1").status_code == 201
    assert other.post("/charges", asked(funded, store, 2_00), key="order-1").status_code == 201


def test_lines_must_add_up(program: Program, funded: Wallet, store: Store) -> None:
    lines = [{"name": "红烧牛肉面", "amount": 100_00}, {"name": "茶", "quantity": "2", "sku": "T", "amount": 23_45}]

    good = program.post("/charges", asked(funded, store, lines=lines))
    bad = program.post("/charges", asked(funded, store, lines=lines[:1]))

    assert good.status_code == 201
    assert (bad.status_code, bad.json()["code"]) == (422, "sale.lines_do_not_add_up")


def test_at_most_what_is_there(program: Program, funded: Wallet, store: Store) -> None:
    body = program.post("/charges", asked(funded, store, 1000_00, allow_partial=True)).json()

    assert (body["amount"], body["taken"], body["balance"]["available"]) == (580_00, {"principal": 500_00, "bonus": 80_00}, 0)


def test_a_batch_answers_for_each_charge_alone(program: Program, funded: Wallet, store: Store) -> None:
    charges = [
        asked(funded, store, 100_00, key="a"),
        asked(funded, store, 900_00, key="b"),
        asked(funded, store, 100_00, key="a"),
        asked(funded, store, 1_00, key="c") | {"wallet": "999999999"},
        asked(funded, store, 1_00, key="d") | {"store": "999999999"},
    ]

    answer = program.post("/charges/batch", {"charges": charges}, key=None)

    results = answer.json()["results"]
    assert [(each["key"], each["status"]) for each in results] == [("a", 201), ("b", 422), ("a", 200), ("c", 404), ("d", 422)]
    assert results[2]["operation"] == results[0]["operation"] | {"replayed": True}
    assert [each["problem"]["code"] for each in results[1::2]] == ["wallet.not_enough", "wallet.unknown"]
    assert results[4]["problem"]["code"] == "store.unusable"
    assert queries.balance(funded).available == 480_00


def test_a_batch_that_is_not_well_formed_does_nothing(program: Program, funded: Wallet, store: Store) -> None:
    charges = [asked(funded, store, 100_00, key="a"), asked(funded, store, 0, key="b")]

    answer = program.post("/charges/batch", {"charges": charges}, key=None)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/charges/1/amount")
    assert queries.balance(funded).available == 580_00


def test_a_refund_goes_back_to_the_lots_and_never_above_the_charge(program: Program, funded: Wallet, store: Store) -> None:
    charge = program.post("/charges", asked(funded, store)).json()

    good = program.post(f"/charges/{charge['id']}/refunds", {"amount": 23_45, "reason": "cold"})
    bad = program.post(f"/charges/{charge['id']}/refunds", {"amount": 100_01, "reason": "cold"})

    assert (good.status_code, good.json()["kind"], good.json()["balance"]["principal"]) == (201, "refund", 400_00)
    assert (bad.status_code, bad.json()["code"], bad.json()["facts"]) == (422, "refund.too_large", {"left": 100_00})


def test_a_key_of_one_store_charges_and_refunds_there_only(funded: Wallet, store: Store) -> None:
    elsewhere = cast.store()
    here, there = Program("charges:write", "refunds:write", at=store), Program("refunds:write", at=elsewhere)
    charge = here.post("/charges", asked(funded, store)).json()

    other_store = here.post("/charges", asked(funded, elsewhere))
    others_charge = there.post(f"/charges/{charge['id']}/refunds", {"amount": 1, "reason": "x"})

    assert (other_store.status_code, other_store.json()["code"]) == (403, "store.not_yours")
    assert (others_charge.status_code, others_charge.json()["code"]) == (403, "store.not_yours")
    assert queries.balance(funded).principal == 376_55


class TestPaidInPartOtherwise:
    def test_the_sale_and_its_returns_follow_the_split(self, program: Program, funded: Wallet, store: Store) -> None:
        cash = [{"method": "cash", "amount": 40_00}]
        sold = program.post("/charges", asked(funded, store, 100_00, tenders=cash)).json()
        assert (sold["amount"], sold["balance"]["available"]) == (60_00, 520_00)
        refund = program.post(f"/charges/{sold['id']}/refunds", {"amount": 10_00, "reason": "x"})
        assert (refund.status_code, refund.json()["code"]) == (422, "refund.sale_is_split")

        back = {"amount": 33_33, "reason": "one bowl was cold"}
        first = program.post(f"/sales/{sold['id']}/returns", back, key="back")
        again = program.post(f"/sales/{sold['id']}/returns", back, key="back")

        body = first.json()
        assert (first.status_code, body["sale"], body["amount"], body["to_wallet"]) == (201, sold["id"], 33_33, 20_00)
        assert (body["tenders"], body["operation"]["amount"]) == ([{"method": "cash", "amount": 13_33}], 20_00)
        assert (again.status_code, again["Idempotency-Replayed"], again.json()["tenders"]) == (200, "true", body["tenders"])
        too_much = program.post(f"/sales/{sold['id']}/returns", {"amount": 66_68, "reason": "x"})
        assert (too_much.status_code, too_much.json()["code"]) == (422, "refund.too_large")

    def test_a_sale_of_the_wallet_alone_can_be_returned_too(self, program: Program, funded: Wallet, store: Store) -> None:
        sold = program.post("/charges", asked(funded, store, 100_00)).json()

        back = program.post(f"/sales/{sold['id']}/returns", {"amount": 100_00, "reason": "x"}).json()

        assert (back["to_wallet"], back["tenders"], back["operation"]["balance"]["available"]) == (100_00, [], 580_00)

    @pytest.mark.parametrize(
        ("tenders", "status", "code"),
        [
            ([{"method": "cash", "amount": 100_00}], 422, "sale.nothing_from_wallet"),
            ([{"method": "terminal", "amount": 1_00}], 422, "slip.missing"),
            ([{"method": "wechat", "amount": 1_00}], 400, "request.invalid"),
            ([{"method": "cash", "amount": 0}], 400, "request.invalid"),
            ([{"method": "cash", "amount": 1_00}] * 6, 400, "request.invalid"),
        ],
    )
    def test_what_does_not_fit(
        self, program: Program, funded: Wallet, store: Store, tenders: list[dict[str, object]], status: int, code: str
    ) -> None:
        answer = program.post("/charges", asked(funded, store, 100_00, tenders=tenders))

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert queries.balance(funded).available == 580_00
