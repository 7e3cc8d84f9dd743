"""What can be done with a wallet at the till: its form, what it will come to, and the one command that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals.models import Request
from chuzhi.console.access import StaffRequest
from chuzhi.console.till import foresight, forms
from chuzhi.console.till.foresight import Ahead
from chuzhi.till import returns, sales
from chuzhi.till.returns import Returned
from chuzhi.topups import selling
from chuzhi.topups.channels import Channel
from chuzhi.wallets import holds, paybacks
from chuzhi.wallets.funding import Payment
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved
from chuzhi.wallets.queries import Held
from chuzhi.wallets.sharing import members

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
    do: Callable[[Order], Moved | Returned]
    hotkey: str = ""
    answers: bool = False
    """Whether it is about an earlier operation."""
    ask: Callable[[Order], Request] | None = None
    """Sends it to somebody who may approve it, where it can be too large to be done alone."""

    @property
    def url_name(self) -> str:
        return f"console:till_{self.name}"


def _charge(order: Order) -> Moved:
    given = order.given
    otherwise = foresight.otherwise(given)
    _remember_terminal(order)
    member = members.named(order.wallet, given["member"])
    served_by = given["served_by"].pk if given["served_by"] else None
    return sales.complete(
        amount=given["amount"],
        reference=given["reference"],
        paid_otherwise=otherwise,
        member=member,
        served_by=served_by,
        **order.common,
    )


def _remember_terminal(order: Order) -> None:
    if order.given["paper"]:
        order.request.session["terminal"] = order.given["paper"].terminal


def _top_up(order: Order) -> Moved:
    given, common = order.given, dict(order.common)
    by = common.pop("by")
    _remember_terminal(order)
    payment = Payment(
        amount=given["amount"], method=given["method"], offer=given["offer"] or None, slip=given["paper"], **common
    )
    return selling.top_up(payment=payment, channel=Channel.COUNTER, by=by)


def _hold(order: Order) -> Moved:
    given = order.given
    seconds = given["days"] * DAY_SECONDS
    return holds.place(amount=given["amount"], expires_in_seconds=seconds, reference=given["reference"], **order.common)


def _capture(order: Order) -> Moved:
    return holds.capture(hold=order.seq, amount=order.given["amount"], final=order.given["final"], **order.common)


def _release(order: Order) -> Moved:
    return holds.release(hold=order.seq, **order.common)


def _refund(order: Order) -> Returned:
    return returns.give_back(charge=order.seq, amount=order.given["amount"], reason=order.given["reason"], **order.common)


def _pay_back(order: Order) -> Moved:
    given = order.given
    return paybacks.pay_back(
        top_up=order.seq, amount=given["amount"], method=given["method"], reason=given["reason"], **order.common
    )


def _ask_to_pay_back(order: Order) -> Request:
    given = order.given
    return paybacks.ask(
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
    _pay_back, answers=True, ask=_ask_to_pay_back,
)  # fmt: skip
