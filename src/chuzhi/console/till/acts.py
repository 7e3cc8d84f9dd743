"""What can be done with a wallet at the till: its form, what it will come to, and the one command that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.console.access import StaffRequest
from chuzhi.console.till import foresight, forms
from chuzhi.console.till.foresight import Ahead
from chuzhi.till import sales
from chuzhi.wallets import funding, holds, spending
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.queries import Held

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Order:
    """One thing that was asked for: the form's values, and the operation it answers, if any."""

    request: StaffRequest
    wallet: Wallet
    given: Mapping[str, Any]
    key: str
    seq: int

    @property
    def common(self) -> dict[str, Any]:
        store, till = self.request.store, self.request.till
        return {
            "wallet": self.wallet,
            "key": self.key,
            "by": self.request.actor,
            "store": store.pk if store else 0,
            "till": till.pk if till else None,
        }


@dataclass(frozen=True, slots=True)
class Act:
    name: str
    label: Promise
    icon: str
    verb: Promise
    """On the button that does it."""
    done: Promise
    """On the receipt page."""
    form: type[forms.ActForm]
    ahead: Callable[[Wallet, Held, Mapping[str, Any], int], Ahead]
    do: Callable[[Order], Moved]
    hotkey: str = ""
    answers: bool = False
    """Whether it is about an earlier operation."""

    @property
    def url_name(self) -> str:
        return f"console:till_{self.name}"


def _charge(order: Order) -> Moved:
    return sales.complete(amount=order.given["amount"], reference=order.given["reference"], **order.common)


def _top_up(order: Order) -> Moved:
    given = order.given
    return funding.top_up(amount=given["amount"], method=given["method"], offer=given["offer"], **order.common)


def _hold(order: Order) -> Moved:
    given = order.given
    seconds = given["days"] * DAY_SECONDS
    return holds.place(amount=given["amount"], expires_in_seconds=seconds, reference=given["reference"], **order.common)


def _capture(order: Order) -> Moved:
    return holds.capture(hold=order.seq, amount=order.given["amount"], final=order.given["final"], **order.common)


def _release(order: Order) -> Moved:
    return holds.release(hold=order.seq, **order.common)


def _refund(order: Order) -> Moved:
    return spending.refund(charge=order.seq, amount=order.given["amount"], reason=order.given["reason"], **order.common)


def _pay_back(order: Order) -> Moved:
    given = order.given
    return funding.refund_top_up(
        top_up=order.seq, amount=given["amount"], method=given["method"], reason=given["reason"], **order.common
    )


CHARGE = Act("charge", _("Charge"), "receipt", _("Charge"), _("Charged"), forms.ChargeForm, foresight.charge, _charge, "F2")
TOP_UP = Act(
    "top_up", _("Top up"), "plus", _("Take the money"), _("Topped up"), forms.TopUpForm, foresight.top_up, _top_up, "F3"
)
HOLD = Act("hold", _("Hold"), "hourglass", _("Hold"), _("On hold"), forms.HoldForm, foresight.hold, _hold, "F4")
CAPTURE = Act(
    "capture", _("Take from the hold"), "receipt", _("Take"), _("Taken from the hold"), forms.CaptureForm, foresight.capture,
    _capture, answers=True,
)  # fmt: skip
RELEASE = Act(
    "release", _("Let go of the hold"), "lock-open", _("Let go"), _("Released"), forms.ReleaseForm, foresight.release,
    _release, answers=True,
)  # fmt: skip
REFUND = Act(
    "refund", _("Refund of a charge"), "undo-2", _("Give back"), _("Given back to the wallet"), forms.RefundForm,
    foresight.refund, _refund, answers=True,
)  # fmt: skip
PAY_BACK = Act(
    "pay_back", _("Refund of a top-up"), "banknote", _("Pay back"), _("Paid back"), forms.PayBackForm, foresight.pay_back,
    _pay_back, answers=True,
)  # fmt: skip
