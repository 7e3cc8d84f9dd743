"""The part of an order's page on which its payer chooses a way, pays, and waits."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest

from chuzhi.customers.models import Customer
from chuzhi.ledger.chart import Method
from chuzhi.payments import accounts, methods
from chuzhi.payments.gateways.contract import Scene
from chuzhi.payments.intents import Circumstances
from chuzhi.payments.models import Payment
from chuzhi.portal import visitors
from chuzhi.portal.recharge import devices
from chuzhi.topups import overdue, ways
from chuzhi.topups.errors import NoWayToPay
from chuzhi.ui import drawing
from chuzhi.wallets import habits


def begin(
    request: HttpRequest, *, amount: int, currency: str, back: str, pay: Callable[[Scene, Method, Circumstances], object],
    scenes: Sequence[Scene] = (),
) -> None:  # fmt: skip
    """Pay in the way that was chosen. `back` is the path that the payer returns to. Raises what paying raises.

    Without `scenes` their browser says how they can be asked to pay.
    """
    chosen = request.POST.get("method", "")
    way = next((each for each in _ways(request, amount, currency, scenes) if str(each.account.method) == chosen), None)
    if way is None:
        raise NoWayToPay
    circumstances = Circumstances(return_url=request.build_absolute_uri(back), payer_ip=visitors.address_of(request))
    pay(way.scene, Method(way.account.method), circumstances)


def context(
    request: HttpRequest, *, payments: list[Payment], amount: int, currency: str, is_payable: bool,
    scenes: Sequence[Scene] = (), payer: Customer | None = None,
) -> dict[str, object]:  # fmt: skip
    """What the templates in `portal/paying` show. The way that the `payer` likes is chosen before they choose."""
    under_way = next((each for each in payments if each.stage == Payment.Stage.SENT), None)
    choosing = is_payable and (under_way is None or "again" in request.GET)
    offered = _ways(request, amount, currency, scenes) if choosing else []
    liked = habits.of(payer).method if offered else ""
    return {
        "under_way": None if choosing else under_way,
        "code": drawing.qr(under_way.started["code"]) if under_way and under_way.started.get("code") else "",
        "failed": payments[0] if payments and payments[0].stage == Payment.Stage.FAILED else None,
        "expected": overdue.expected(under_way) if under_way else None,
        "choosing": choosing,
        "ways": [(way, _known_as(way)) for way in offered],
        "suggested": next((way for way in offered if methods.name(way.account.method) == liked), None)
        or next(iter(offered), None),
        "stand_in": accounts.stand_in_of(under_way.account) if under_way else "",
        "method": methods.name(under_way.account.method) if under_way else "",
    }


def _ways(request: HttpRequest, amount: int, currency: str, scenes: Sequence[Scene]) -> list[ways.Way]:
    return ways.compare(scenes=scenes or devices.scenes(request), amount=amount, currency=currency)


def _known_as(way: ways.Way) -> str:
    """What the way is called everywhere, where the shop's own name for it says something else."""
    label = str(methods.label(way.account.method))
    return "" if label == way.account.name else label
