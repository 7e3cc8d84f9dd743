"""What a declined card means for the next attempt. Codes as Stripe publishes them."""

from collections.abc import Mapping
from typing import Any

from chuzhi.payments.gateways.contract import Decline

LATER = frozenset(
    "approve_with_id card_velocity_exceeded insufficient_funds issuer_not_available processing_error reenter_transaction "
    "try_again_later withdrawal_count_limit_exceeded".split()
)
NEVER = frozenset(
    "card_not_supported currency_not_supported do_not_try_again expired_card fraudulent incorrect_number invalid_account "
    "invalid_expiry_month invalid_expiry_year invalid_number lost_card merchant_blacklist new_account_information_available "
    "not_permitted payment_method_not_available pickup_card restricted_card revocation_of_all_authorizations "
    "revocation_of_authorization security_violation service_not_allowed stolen_card stop_payment_order testmode_decline "
    "transaction_not_allowed".split()
)
ADVICE = {"try_again_later": Decline.LATER, "confirm_card_data": Decline.ASK, "do_not_try_again": Decline.NEVER}


def reason(error: Mapping[str, Any]) -> str:
    """The most exact code that an error has."""
    return str(error.get("decline_code") or error.get("code") or error.get("type") or "")


def meaning(error: Mapping[str, Any]) -> Decline:
    """The card network's advice goes before the bank's reason. What nobody explains, the payer has to sort out."""
    if reason(error) in NEVER:
        return Decline.NEVER
    advised = ADVICE.get(str(error.get("advice_code")))
    return advised or (Decline.LATER if reason(error) in LATER else Decline.ASK)
