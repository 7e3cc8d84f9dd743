"""How a card behaves when it is charged. Names of Stripe's test cards are understood too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`wants_payer`: "always", "at_first" when the card is left with the shop, or empty."""

    shown: str
    code: str = ""
    decline_code: str = ""
    advice_code: str = ""
    wants_payer: str = ""
    refund: str = "succeeded"
    is_disputed: bool = False

    @property
    def is_declined(self) -> bool:
        return bool(self.code)


def _declined(shown: str, decline_code: str, *, code: str = "card_declined", advice_code: str = "") -> Behaviour:
    return Behaviour(shown, code, decline_code, advice_code)


CARDS = {
    "visa": Behaviour("成功付款"),
    "authenticationRequired": Behaviour("每次都要银行验证（3DS）", wants_payer="always"),
    "authenticationRequiredOnSetup": Behaviour("首次要银行验证，之后免验", wants_payer="at_first"),
    "actionRequired": Behaviour("扣款时才要求验证", wants_payer="action"),
    "chargeDeclinedInsufficientFunds": _declined("余额不足", "insufficient_funds", advice_code="try_again_later"),
    "chargeDeclined": _declined("银行拒绝", "generic_decline"),
    "chargeDeclinedDoNotHonor": _declined("银行不予承兑", "do_not_honor"),
    "chargeDeclinedVelocityLimitExceeded": _declined("交易过于频繁", "card_velocity_exceeded"),
    "chargeDeclinedLostCard": _declined("已挂失的卡", "lost_card"),
    "chargeDeclinedStolenCard": _declined("被盗的卡", "stolen_card"),
    "chargeDeclinedFraudulent": _declined("疑似欺诈", "fraudulent"),
    "chargeDeclinedDoNotTryAgain": _declined("银行要求不再重试", "generic_decline", advice_code="do_not_try_again"),
    "chargeDeclinedExpiredCard": _declined("已过期的卡", "", code="expired_card"),
    "chargeDeclinedIncorrectCvc": _declined("安全码不对", "", code="incorrect_cvc"),
    "chargeDeclinedProcessingError": _declined("处理出错", "", code="processing_error"),
    "pendingRefund": Behaviour("付款成功，退款要等", refund="pending"),
    "refundFail": Behaviour("付款成功，退款先成后败", refund="failed_later"),
    "createDispute": Behaviour("付款成功，随后拒付", is_disputed=True),
}


def named(name: str) -> str | None:
    """`pm_card_visa_chargeDeclined` and `visa` alike; None for a card that nobody knows."""
    plain = name.removeprefix("pm_card_").removeprefix("visa_")
    return plain if plain in CARDS else None
