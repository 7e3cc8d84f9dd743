"""What the provider believes: orders, refunds, agreements and what they cost, in fen."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

BEIJING = timezone(timedelta(hours=8))
FEE_PER_MILLE = 6


@dataclass
class Refund:
    """`status`: PROCESSING, SUCCESS, ABNORMAL or CLOSED; only the last gives the room in the order back."""

    number: str
    refund_id: str
    amount: int
    reason: str
    notify_url: str
    asked_at: datetime
    status: str = "PROCESSING"
    done_at: datetime | None = None


@dataclass
class Order:
    """`kind`: JSAPI, MWEB, NATIVE, MICROPAY or PAP. `content` is what was asked, to tell a repeat from another order."""

    number: str
    kind: str
    amount: int
    description: str
    content: Any
    made_at: datetime
    prepay_id: str = ""
    notify_url: str = ""
    openid: str = ""
    expires_at: datetime | None = None
    state: str = "NOTPAY"
    transaction_id: str = ""
    paid_at: datetime | None = None
    revoked_at: datetime | None = None  # what had been paid went back at once
    contract_id: str = ""
    failure: str = ""
    refunds: list[Refund] = field(default_factory=list)

    @property
    def fee(self) -> int:
        return (self.amount * FEE_PER_MILLE + 500) // 1000 if self.paid_at else 0

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.status != "CLOSED")

    def as_of(self, now: datetime) -> str:
        if self.state == "NOTPAY" and self.expires_at and self.expires_at <= now:
            self.state = "CLOSED"
        return self.state


@dataclass
class Contract:
    """An agreement to be charged. `notices` are the announced amounts, with the days on which they may be taken."""

    code: str
    contract_id: str
    plan: str
    shown_name: str
    openid: str
    notify_url: str
    serial: str
    signed_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    announced: dict[str, Any] | None = None
    charged: int = 0


class Books:
    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.contracts: dict[str, Contract] = {}
        self.asked_contracts: dict[str, dict[str, str]] = {}
        self.used_codes: set[str] = set()
        self._count = itertools.count(1)

    def number(self, prefix: str, now: datetime, length: int) -> str:
        """Like the provider's: a prefix, the day, and digits."""
        return f"{prefix}{now.astimezone(BEIJING):%Y%m%d}{next(self._count):0{length - len(prefix) - 8}d}"

    def paid(self, order: Order, now: datetime, *, openid: str = "") -> None:
        order.state, order.paid_at = "SUCCESS", now.astimezone(BEIJING)
        order.openid = order.openid or openid or "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
        order.transaction_id = self.number("42000", now, 28)

    def shown(self) -> dict[str, Any]:
        """For `/_books`: each payment and refund that moved money, with what it cost."""
        return {
            "orders": [
                {
                    "number": order.number,
                    "kind": order.kind,
                    "state": order.state,
                    "amount": order.amount,
                    "fee": order.fee,
                    "transaction_id": order.transaction_id,
                    "paid_at": order.paid_at and order.paid_at.isoformat(),
                    "refunds": [
                        {
                            "number": refund.number,
                            "refund_id": refund.refund_id,
                            "amount": refund.amount,
                            "status": refund.status,
                        }
                        for refund in order.refunds
                    ],
                }
                for order in self.orders.values()
            ],
            "contracts": [
                {
                    "code": each.code,
                    "contract_id": each.contract_id,
                    "is_signed": each.ended_at is None,
                    "charged": each.charged,
                }
                for each in self.contracts.values()
            ],
        }
