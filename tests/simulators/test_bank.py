"""The bank refuses what a bank refuses, and its statements say the same in every form."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from payments.gateways.standing_in import StandIn, standing_in

from chuzhi.payments.gateways.bank import account
from chuzhi.payments.statements import reading

FORMS = ("columns", "words", "european", "camt.053", "mt940")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with standing_in("bank", tmp_path_factory.mktemp("bank")) as running:
        yield running


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[StandIn]:
    with standing_in("bank", tmp_path) as running:
        yield running


def statement(bank: StandIn, form: str, day: str) -> bytes:
    return httpx.get(f"{bank.address}/statements/{form}", params={"first": day, "last": day}).raise_for_status().content


def test_every_form_says_the_same_and_adds_up(fresh: StandIn) -> None:
    fresh.control("transfer", amount=100_00, text="ABC 充值", name="王小明")
    fresh.control("next", faults=["doubled_line"])
    fresh.control("transfer", amount=12_345_67, text="7K3-M9P-QRX", name="李 雷")
    day = fresh.control("pay_out", amount=30_00, text="refund", name="韩梅梅")["movements"][0]["on"]

    told = {form: reading.read(statement(fresh, form, day)) for form in FORMS}

    for form, [found] in told.items():
        assert [line.amount for line in found.lines] == [100_00, 12_345_67, -30_00], form
        assert [line.reference for line in found.lines] == ["S00000001", "S00000002", "S00000003"], form
        assert found.closing is not None, form
        assert found.account == fresh.account["number"], form
        assert "7K3-M9P-QRX" in found.lines[1].text, form
        assert found.lines[0].payer == "王小明", form


@pytest.mark.parametrize(
    ("fault", "amounts", "text"),
    [
        ("missing_reference", [10_00], "转账"),
        ("typo", [10_00], "BAC"),
        ("wrong_amount", [9_00], "ABC"),
        ("split", [5_00, 5_00], "ABC"),
        ("doubled_line", [10_00], "ABC"),
    ],
)
def test_people_do_what_the_switchboard_says(bank: StandIn, fault: str, amounts: list[int], text: str) -> None:
    bank.control("next", faults=[fault])

    made = bank.control("transfer", amount=10_00, text="ABC")["movements"]

    assert ([each["amount"] for each in made], made[0]["text"]) == (amounts, text)


def test_a_late_transfer_is_in_the_next_days_statement(bank: StandIn) -> None:
    today = bank.control("transfer", amount=10_00, text="now")["movements"][0]["on"]
    bank.control("next", faults=["late"])
    late = bank.control("transfer", amount=10_00, text="later")["movements"][0]

    assert late["on"] > today
    assert "later" in reading.read(statement(bank, "camt.053", late["on"]))[0].lines[0].text


def test_a_payee_whose_name_is_not_the_accounts_is_refused(bank: StandIn) -> None:
    before = len(bank.books()["movements"])

    wrong = httpx.post(f"{bank.address}/_control/transfer", json={"amount": 10_00, "holder": "别家公司"})
    nothing = httpx.post(f"{bank.address}/_control/transfer", json={"amount": 0})

    assert (wrong.status_code, wrong.json()["code"], nothing.status_code) == (422, "PAYEE_MISMATCH", 422)
    assert len(bank.books()["movements"]) == before


def test_a_person_transfers_on_the_page(bank: StandIn) -> None:
    ours = bank.account
    given = {"holder": ours["holder"], "number": ours["number"], "amount": "88.50", "text": "<b>", "name": "王小明"}

    page = httpx.post(bank.address, data=given)
    refused = [httpx.post(bank.address, data=given | wrong) for wrong in ({"number": "1"}, {"amount": "NaN"}, {"amount": "-1"})]

    assert "88.50" in page.text
    assert "&lt;b&gt;" in page.text
    assert [each.status_code for each in refused] == [422, 422, 422]


def test_its_keys_are_what_our_account_page_asks_for(bank: StandIn) -> None:
    assert account.parse(bank.account).number == bank.account["number"]
    assert Path(bank.folder / "account.json").exists()
