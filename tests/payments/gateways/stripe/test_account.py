"""A merchant's account, and amounts as Stripe counts them."""

import pytest
from payments.gateways.standing_in import StandIn
from payments.gateways.stripe.merchant import paid, refund_of

from chuzhi.payments.gateways.contract import ConfigurationError, ProviderRefusedError
from chuzhi.payments.gateways.stripe.account import parse
from chuzhi.payments.gateways.stripe.amounts import for_stripe, of_stripe
from chuzhi.payments.gateways.stripe.gateway import StripeGateway


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        (12_34, "CNY", 1234),
        (500, "JPY", 500),
        (5_120, "KWD", 5120),
        (5, "ISK", 500),
        (5, "UGX", 500),
        (7, "KRW", 7),
        (3_00, "HUF", 300),
    ],
)
def test_amounts_are_counted_as_stripe_counts_them(amount: int, currency: str, units: int) -> None:
    assert for_stripe(amount, currency) == units
    assert of_stripe(units, currency.lower()) == amount


def test_an_amount_that_stripe_cannot_say_is_refused_and_never_rounded() -> None:
    with pytest.raises(ProviderRefusedError):
        for_stripe(5_124, "KWD")
    with pytest.raises(ProviderRefusedError):
        of_stripe(550, "isk")


@pytest.mark.parametrize("currency", ["JPY", "KWD", "ISK"])
def test_other_currencies_are_paid_and_refunded_to_the_last_coin(
    gateway: StripeGateway, provider: StandIn, currency: str
) -> None:
    payment = paid(gateway, provider, amount=5_120, currency=currency)

    refund = gateway.refund(refund_of(payment, 5_120))

    assert (payment.amount, payment.currency, refund.amount) == (5_120, currency, 5_120)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("secret_key", ""),
        ("secret_key", "pk_test_12345678"),
        ("webhook_secret", "12345678"),
        ("webhook_secret_before", "12345678"),
        ("merchant", "cus_1"),
        ("address", "http://stripe.example"),
        ("address", "ftp://127.0.0.1"),
    ],
)
def test_an_account_that_cannot_be_right_is_refused_by_its_field(provider: StandIn, field: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(provider.account | {field: value})

    assert refused.value.field == field


def test_secrets_are_not_shown(provider: StandIn) -> None:
    account = parse(provider.account)

    assert account.secret_key not in repr(account)
    assert account.webhook_secrets[0] not in repr(account)
