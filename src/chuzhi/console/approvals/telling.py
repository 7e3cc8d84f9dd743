"""A request as its signer reads it: what it is about, and what it would change."""

from collections.abc import Iterable
from dataclasses import dataclass

from chuzhi.approvals import kinds, people
from chuzhi.approvals.models import Request
from chuzhi.core.actors import Actor
from chuzhi.risk import acting
from chuzhi.risk.wording import NAMES
from chuzhi.wallets import adjustments, gifts, paybacks, queries
from chuzhi.wallets.models import CreditBatch, Wallet

SIGNS = {adjustments.GIVE: 1, adjustments.TAKE: -1}
"""Which way the amount of a correction goes."""
TONES = {"waiting": "warn", "approved": "info", "done": "good", "failed": "bad", "refused": "bad"}
ICONS = {"waiting": "hourglass", "approved": "hourglass", "done": "check", "failed": "triangle-alert", "refused": "x"}


@dataclass(frozen=True, slots=True)
class Line:
    """A request in a list. `change` is its amount with the sign it has for the customer."""

    request: Request
    label: str
    wallet: Wallet | None
    change: int
    maker: str
    signer: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the wallet has now, and would have: in the smallest units of the request's asset."""

    before: int
    after: int


def lines(requests: Iterable[Request], actor: Actor) -> list[Line]:
    found = list(requests)
    names = people.names({label for one in found for label in (one.asked_by, one.decided_by) if label})
    numbers = {number for one in found if (number := wallet_number(one))}
    wallets = queries.visible_to(actor).select_related("customer", "programme").in_bulk(numbers)
    return [
        Line(
            request=one,
            label=str(kinds.named(one.kind).label),
            wallet=wallets.get(wallet_number(one) or 0),
            change=change_of(one),
            maker=names.get(one.asked_by, one.asked_by),
            signer=names.get(one.decided_by, one.decided_by),
            tone=TONES.get(one.state, "plain"),
            icon=ICONS.get(one.state, "clock"),
        )
        for one in found
    ]


def wallet_number(request: Request) -> int | None:
    kind, _colon, number = request.subject.partition(":")
    return int(number) if kind == "wallet" else None


def batch_of(request: Request) -> CreditBatch | None:
    """The list of many that is asked for, if it is one."""
    return CreditBatch.objects.filter(request=request).first()


def change_of(request: Request) -> int:
    if request.kind == acting.FREEZING.name:
        return 0
    if request.kind == paybacks.PAYBACK.name:
        return -request.amount
    return request.amount * SIGNS.get(request.arguments.get("way", adjustments.GIVE), 1)


def reason_of(request: Request) -> str:
    """In the words of whoever asked; a code is said as what it means."""
    if request.kind == acting.FREEZING.name:
        return f"{NAMES[request.evidence]} (#{request.arguments['case']})"
    return str(gifts.said(request.reason))


def change(line: Line) -> Change | None:
    """Only while it is open: afterwards the entry itself says what was before and after."""
    if line.wallet is None or not line.change or not line.request.is_waiting:
        return None
    now = queries.balance(line.wallet).available
    return Change(now, now + line.change)
