"""The ways the ledger says no. Codes are for ever: they are journalled and replayed."""

from collections.abc import Callable
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chuzhi.core import money
from chuzhi.core.errors import Refused

BY_CODE: "dict[str, type[LedgerRefused]]" = {}


class LedgerRefused(Refused):
    """A refusal that is recorded under its key and given again for the same key for ever.

    Facts in `AMOUNTS` are whole minor units of the operation's asset; in the sentence they are read as money of `currency()`,
    which is asked only when somebody reads it.
    """

    AMOUNTS: ClassVar = frozenset({"available", "asked", "limit", "used", "left"})
    currency: Callable[[], str] = staticmethod(str)

    def __init_subclass__(cls) -> None:
        BY_CODE[cls.code] = cls

    def __str__(self) -> str:
        if not self.facts or not (currency := self.currency()):
            return super().__str__()
        return str(self.message) % {
            name: money.text(fact, currency) if name in self.AMOUNTS and isinstance(fact, int) else fact
            for name, fact in self.facts.items()
        }


class NotEnough(LedgerRefused):
    code = "wallet.not_enough"
    message = _("The balance is not enough: %(available)s available, %(asked)s asked.")


class Frozen(LedgerRefused):
    code = "wallet.frozen"
    message = _("The wallet is frozen.")


class Closed(LedgerRefused):
    code = "wallet.closed"
    message = _("The wallet is closed.")


class NotEmpty(LedgerRefused):
    code = "wallet.not_empty"
    message = _("The wallet still holds value; give it back or move it before closing.")


class OverTransactionLimit(LedgerRefused):
    code = "limit.per_transaction"
    message = _("This is over the limit of %(limit)s at once.")


class OverDayLimit(LedgerRefused):
    code = "limit.per_day"
    message = _("This is over the limit of %(limit)s a day, of which %(used)s is used.")


class OverBalanceLimit(LedgerRefused):
    code = "limit.balance"
    message = _("The balance would pass its ceiling of %(limit)s.")


class NothingLikeIt(LedgerRefused):
    """The operation referred to is not there, was refused, or is another wallet's."""

    code = "operation.unknown"
    message = _("There is no such operation on this wallet.")


class RefundTooLarge(LedgerRefused):
    code = "refund.too_large"
    message = _("Only %(left)s can still be refunded.")


class NothingToRefund(LedgerRefused):
    code = "refund.nothing_left"
    message = _("Nothing of this top-up is left to refund.")


class HoldEnded(LedgerRefused):
    code = "hold.ended"
    message = _("The hold has ended.")


class DisputeEnded(LedgerRefused):
    code = "dispute.ended"
    message = _("How this dispute ended has been booked already.")


class CaptureTooLarge(LedgerRefused):
    code = "hold.too_small"
    message = _("The hold has only %(left)s left.")


class HoldExpiryPassed(LedgerRefused):
    code = "hold.expiry_passed"
    message = _("A hold cannot end in the past.")


class SameWallet(LedgerRefused):
    code = "transfer.same_wallet"
    message = _("Value cannot be moved to the wallet that it is in.")


class AlreadyDisputed(LedgerRefused):
    code = "dispute.open"
    message = _("This top-up is disputed already.")


class KeyReused(Refused):
    """The same key with another request. Not recorded: the first request owns the key."""

    code = "idempotency.key_reused"
    message = _("This key was used for a different request.")


class PeriodClosed(LedgerRefused):
    code = "period.closed"
    message = _("The books are closed for that day.")


class LedgerUnavailable(Exception):
    """The database did not answer: nothing is known yet, so ask again with the same key. Never shown as a business no."""


class LedgerBusy(LedgerUnavailable):
    """More is queued than can be promised; nothing of this request was begun."""


def known(code: str, facts: dict[str, object]) -> Refused:
    """The refusal that was recorded, as it was first said."""
    return BY_CODE[code](**facts)
