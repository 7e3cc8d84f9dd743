"""Why a payment by code did not come about, for whoever stands at the till."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.payments.intents import NOT_SENT
from chuzhi.payments.models import Payment
from chuzhi.till.models import CodePayment

_POOR = _("There is not enough money behind the code. Another way of paying in the customer’s app, or another tender, may do.")
_STALE = _("The code was too old, or was used already. Ask for a fresh one and scan that.")
_LIMIT = _("The customer’s limit at the provider is reached.")
_ENDED = _("It was given up, or the customer did not confirm it in time.")

SENTENCES: Mapping[str, Promise] = {
    NOT_SENT: _("The provider was not reached. Nothing was taken: try again, or take another tender."),
    "NOTENOUGH": _POOR,
    "RULELIMIT": _LIMIT,
    "AUTHCODEEXPIRE": _STALE,
    "AUTH_CODE_INVALID": _STALE,
    "AUTH_CODE_ERROR": _STALE,
    "REVOKED": _ENDED,
    "CLOSED": _ENDED,
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": _POOR,
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": _POOR,
    "ACQ.PAYMENT_AUTH_CODE_INVALID": _STALE,
    "ACQ.SOUNDWAVE_PARSER_FAIL": _STALE,
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": _LIMIT,
    "ACQ.BEYOND_PER_RECEIPT_RESTRICTION": _LIMIT,
    "TRADE_CLOSED": _ENDED,
}
DECLINED = _("The provider refused it. The customer’s app says why.")


def of_attempt(made: CodePayment) -> str:
    """Why it was not sold; nothing where it was, or may still be."""
    return str(of(made.payment)) if made.state == CodePayment.State.OVER else made.why


def of(payment: Payment) -> Promise:
    """Of one that is over and took nothing."""
    if payment.stage == Payment.Stage.CLOSED:
        return SENTENCES.get(payment.reason, _ENDED)
    return SENTENCES.get(payment.reason, DECLINED)
