"""What Alipay keeps: trades with their refunds, agreements, and codes that were shown to be scanned."""

import random
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

CHINA = timezone(timedelta(hours=8))
WAITING, PAID, CLOSED, FINISHED = "WAIT_BUYER_PAY", "TRADE_SUCCESS", "TRADE_CLOSED", "TRADE_FINISHED"
FEE_RATE = Decimal("0.006")
BUYER, BUYER_LOGIN = "2088622900000042", "138****8000"
LONGEST_TRADE = timedelta(days=15)


@dataclass
class Refund:
    """`done_at` is None while it is under way."""

    number: str
    amount: int
    asked_at: datetime
    done_at: datetime | None = None


@dataclass
class Trade:
    """Amounts in fen. `trade_no` is Alipay's own."""

    number: str
    trade_no: str
    app_id: str
    amount: int
    subject: str
    product: str
    notify_url: str
    return_url: str
    made_at: datetime
    expires_at: datetime
    shop: str = ""
    state: str = WAITING
    buyer: str = BUYER
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    refunds: dict[str, Refund] = field(default_factory=dict)

    @property
    def refunded(self) -> int:
        return sum(each.amount for each in self.refunds.values() if each.done_at)

    @property
    def promised(self) -> int:
        return sum(each.amount for each in self.refunds.values())

    @property
    def fee(self) -> int:
        return fee_of(self.amount) if self.paid_at else 0


@dataclass
class Agreement:
    """`agreement_no` is Alipay's own; `state` is TEMP until it is signed, and UNSIGN at the end."""

    number: str
    agreement_no: str
    app_id: str
    product: str
    scene: str
    shown_name: str
    notify_url: str
    return_url: str
    state: str = "TEMP"
    payer: str = BUYER
    signed_at: datetime | None = None
    ended_at: datetime | None = None


class Books:
    """Whoever reads or writes them holds the stage's lock."""

    def __init__(self, seed: int) -> None:
        self.trades: dict[tuple[str, str], Trade] = {}
        self.agreements: dict[tuple[str, str], Agreement] = {}
        self.shown: dict[str, Trade] = {}  # codes to scan; the trade begins when somebody does
        self.used_codes: set[str] = set()
        self._draw = random.Random(seed)  # noqa: S311 # a play, not a secret

    def fresh_number(self, at: datetime) -> str:
        return f"{at.astimezone(CHINA):%Y%m%d}22001{self._draw.randrange(10**15):015d}"

    def fresh_pay_code(self) -> str:
        return f"28{self._draw.randrange(10**16):016d}"

    def by_trade_no(self, trade_no: str) -> Trade | None:
        return next((each for each in self.trades.values() if each.trade_no == trade_no), None)

    def by_agreement_no(self, app_id: str, agreement_no: str) -> Agreement | None:
        found = (each for each in self.agreements.values() if (each.app_id, each.agreement_no) == (app_id, agreement_no))
        return next(found, None)

    def as_facts(self) -> dict[str, object]:
        payments = [
            {
                "number": each.number,
                "provider_id": each.trade_no,
                "amount": each.amount,
                "state": each.state,
                "is_paid": each.paid_at is not None,
                "refunded": each.refunded,
                "fee": each.fee,
            }
            for each in self.trades.values()
        ]
        refunds = [
            {"number": refund.number, "payment": trade.number, "amount": refund.amount, "is_done": refund.done_at is not None}
            for trade in self.trades.values()
            for refund in trade.refunds.values()
        ]
        agreements = [
            {name: value for name, value in asdict(each).items() if isinstance(value, str)} for each in self.agreements.values()
        ]
        return {"payments": payments, "refunds": refunds, "agreements": agreements}


def fee_of(amount: int) -> int:
    return int((amount * FEE_RATE).quantize(Decimal(1), ROUND_HALF_UP))


def fen(text: object) -> int | None:
    """A decimal amount of at most two places, above nothing and up to a hundred million; otherwise None."""
    written = str(text)
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", written, re.ASCII):
        return None
    amount = int(Decimal(written) * 100)
    return amount if 1 <= amount <= 10_000_000_000 else None


def yuan(amount: int) -> str:
    return f"{Decimal(amount) / 100:.2f}"


def written(at: datetime | None) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" if at else ""


def read_moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).astimezone(UTC)
    except ValueError:
        return None
