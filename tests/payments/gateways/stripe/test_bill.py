"""The balance of a day, whole and spoilt."""

from datetime import UTC, datetime, timedelta

import pytest
from payments.gateways.standing_in import StandIn, standing_in
from payments.gateways.stripe.merchant import agreed, asked, fresh, paid, refund_of

from chuzhi.payments.gateways.contract import ForgedError, LineKind, Scene
from chuzhi.payments.gateways.stripe.account import parse
from chuzhi.payments.gateways.stripe.gateway import StripeGateway, build


def test_the_bill_has_every_movement_with_its_fee(gateway: StripeGateway, provider: StandIn) -> None:
    payment = paid(gateway, provider)
    refund = gateway.refund(refund_of(payment, 100_00))
    disputed = paid(gateway, provider, amount=80_00)
    provider.control("dispute", number=disputed.number)

    bill = gateway.bill(datetime.now(UTC).date())

    lines = {(each.kind, each.number): each for each in bill.lines}
    sold = lines[LineKind.PAYMENT, payment.number]
    assert (sold.amount, sold.fee, sold.currency, sold.provider_id) == (500_00, 14_80, "CNY", payment.provider_id)
    back = lines[LineKind.REFUND, refund.number]
    assert (back.amount, back.fee, back.provider_id) == (-100_00, 0, refund.provider_id)
    taken = [each for each in bill.lines if each.kind is LineKind.DISPUTE and each.amount == -80_00]
    assert [each.fee for each in taken] == [15_00]


def test_the_bill_names_what_was_paid_out_to_the_bank(gateway: StripeGateway, provider: StandIn) -> None:
    payout = provider.control("pay_out", amount=300_00)

    lines = [each for each in gateway.bill(datetime.now(UTC).date()).lines if each.kind is LineKind.PAYOUT]

    assert [(each.provider_id, each.amount, each.fee) for each in lines] == [(payout["id"], -300_00, 0)]


def test_a_bill_of_many_pages_is_whole(gateway: StripeGateway, provider: StandIn) -> None:
    agreement = agreed(gateway, provider)
    numbers = [fresh() for _count in range(105)]
    for number in numbers:
        gateway.start(asked(number, scene=Scene.ABSENT, agreement=agreement.provider_id, amount=1_00))

    lines = gateway.bill(datetime.now(UTC).date()).lines

    assert set(numbers) <= {each.number for each in lines}
    assert len({each.provider_id for each in lines if each.kind is LineKind.PAYMENT}) == len(
        [each for each in lines if each.kind is LineKind.PAYMENT]
    )


def test_planted_errors_show_in_the_bill(provider: StandIn, tmp_path_factory: pytest.TempPathFactory) -> None:
    with standing_in("stripe", tmp_path_factory.mktemp("spoilt")) as spoilt:
        gateway = build(parse(spoilt.account))
        today = datetime.now(UTC).date()
        payments = [paid(gateway, spoilt) for _count in range(6)]
        spoilt.control("bill", missing=1, late=1, amount=1, fee=1, extra=1)
        lines = {each.number: each for each in gateway.bill(today).lines}
        missing, late, amount, fee, *sound = [each.number for each in payments]
        tomorrow = [each.number for each in gateway.bill(today + timedelta(days=1)).lines]
        spoilt.control("bill", sum=1)

        assert missing not in lines
        assert late not in lines
        assert tomorrow == [late]
        assert (lines[amount].amount, lines[fee].fee) == (500_01, 14_81)
        assert [(lines[each].amount, lines[each].fee) for each in sound] == [(500_00, 14_80)] * 2
        assert lines[""].amount == 12_00
        with pytest.raises(ForgedError):
            gateway.bill(today)
        gateway.disconnect()
