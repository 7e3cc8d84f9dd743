"""The bank's adapter: what a payer is shown, and that nothing is believed that did not come in a statement."""

from datetime import UTC, datetime, timedelta

import pytest

from chuzhi.payments.gateways.bank import account, gateway, references
from chuzhi.payments.gateways.contract import (
    Asked,
    ConfigurationError,
    ForgedError,
    Gateway,
    ProviderRefusedError,
    RefundAsked,
    RefundState,
    Scene,
    State,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FACTS = {"holder": "南京茶坊有限公司", "bank": "虚构银行", "number": "6222 0202-0011 2233 445", "code": ""}


@pytest.fixture
def bank() -> Gateway:
    return gateway.build(account.parse(FACTS))


def asked(number: str = "PAYMENT1") -> Asked:
    return Asked(
        number=number, amount=100_00, currency="CNY", subject="储值", scene=Scene.PAGE, expires_at=NOW + timedelta(days=3),
        notify_url="https://shop.example/api/notices/bank",
    )  # fmt: skip


def test_a_payer_is_shown_where_and_what_to_write(bank: Gateway) -> None:
    started = bank.start(asked())

    assert dict(started.facts) == {
        "holder": "南京茶坊有限公司",
        "bank": "虚构银行",
        "number": "6222020200112233445",
        "reference": references.of("PAYMENT1"),
    }
    assert bank.start(asked()) == started
    assert (started.url, started.code, started.told) == ("", "", None)


def test_a_payment_waits_until_a_statement_comes_or_it_is_given_up(bank: Gateway) -> None:
    assert bank.ask("PAYMENT1").state is State.WAITING

    bank.close("PAYMENT1")

    assert bank.ask("PAYMENT1").state is State.CLOSED
    assert bank.ask("PAYMENT2").state is State.WAITING


def test_a_refund_waits_for_somebody_to_transfer_it(bank: Gateway) -> None:
    wanted = RefundAsked(
        number="REFUND1", payment="PAYMENT1", provider_id="S1", amount=40_00, total=100_00, currency="CNY", reason="returned",
        notify_url="",
    )  # fmt: skip

    told = bank.refund(wanted)

    assert (told.state, told.amount) == (RefundState.PROCESSING, 40_00)
    assert bank.ask_refund(wanted) == told


def test_nothing_is_heard_and_nothing_is_fetched(bank: Gateway) -> None:
    with pytest.raises(ForgedError):
        bank.read({}, b"paid", now=NOW)
    with pytest.raises(ProviderRefusedError):
        bank.bill(NOW.date())
    assert bank.reply(accepted=False).status == 400


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"holder": " "}, "holder"),
        ({"bank": ""}, "bank"),
        ({"number": "12345"}, "number"),
        ({"number": "6222<script>"}, "number"),
        ({"holder": "x" * 101}, "holder"),
    ],
)
def test_an_account_that_cannot_be_is_refused_by_its_field(wrong: dict[str, str], field: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        account.parse(FACTS | wrong)

    assert refused.value.field == field
