"""Stripe counts some currencies otherwise than the world does; nothing is ever rounded here.

Our amounts have the digits of the currency (`core.money`). Stripe's have none for its list below, three for five currencies
whose last digit must be 0, and two for every other, ISK and UGX included.
"""

from chuzhi.core import money
from chuzhi.payments.gateways.contract import ProviderRefusedError

WITHOUT_DIGITS = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
WITH_THREE = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
TOO_FINE = "amount_too_fine"


def for_stripe(amount: int, currency: str) -> int:
    """Raises ProviderRefusedError for what Stripe cannot say: 5.124 KWD."""
    units = _scaled(amount, _digits(currency) - money.exponent(currency))
    if units is None or (currency in WITH_THREE and units % 10):
        raise ProviderRefusedError(TOO_FINE, f"Stripe takes no {money.plain(amount, currency)} {currency}.")
    return units


def of_stripe(units: int, currency: str) -> int:
    """`currency` as Stripe writes it, in small letters, or as we do."""
    currency = currency.upper()
    amount = _scaled(units, money.exponent(currency) - _digits(currency))
    if amount is None:
        raise ProviderRefusedError(TOO_FINE, f"{units} units of {currency} are no whole amount of ours.")
    return amount


def _digits(currency: str) -> int:
    return 0 if currency in WITHOUT_DIGITS else 3 if currency in WITH_THREE else 2


def _scaled(figure: int, digits: int) -> int | None:
    if digits >= 0:
        return figure * int(10**digits)
    whole, rest = divmod(figure, int(10**-digits))
    return None if rest else whole
