"""A day's trades as the provider lists them: a hashed file of decimal yuan, with totals of its own in the last line."""

import hashlib
import zlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from chuzhi.payments.gateways.contract import Bill, BillLine, Decline, LineKind, OutcomeUnknownError, ProviderRefusedError
from chuzhi.payments.gateways.wechat import facts
from chuzhi.payments.gateways.wechat.account import Account
from chuzhi.payments.gateways.wechat.conversation import Conversation, plain
from chuzhi.payments.gateways.wechat.transactions import BEIJING

MOST_BYTES = 256 * 1024 * 1024
GZIPPED = 31  # the window of a gzip stream, to zlib
TOTALS = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
COUNT = "总交易单数"
FAILED_REFUNDS = {"FAIL", "CHANGE"}

Row = Mapping[str, str]


def fetch(conversation: Conversation, account: Account, on: date) -> Bill:
    """Raises OutcomeUnknownError when the file is not what its hash or its totals say: it is fetched again later."""
    try:
        said = conversation.ask("GET", f"/v3/bill/tradebill?bill_date={on.isoformat()}&bill_type=ALL&tar_type=GZIP")
    except ProviderRefusedError as no:
        if plain(no.reason) == "NOSTATEMENTEXIST":
            return Bill(on, ())
        if plain(no.reason) == "STATEMENTCREATING":
            raise ProviderRefusedError(no.reason, no.sentence, decline=Decline.LATER) from no
        raise
    found = urlsplit(facts.text(said, "download_url"))  # of the host it names we ask our own, which may be the second one
    content = _unpacked(conversation.fetch(f"{found.path}?{found.query}"))
    if facts.text(said, "hash_type") != "SHA1" or facts.text(said, "hash_value").lower() != _hash(content):
        raise OutcomeUnknownError("the bill is not what its hash says")
    return read(content, on=on, merchant=account.merchant)


def read(content: bytes, *, on: date, merchant: str) -> Bill:
    try:
        rows, totals = _tables(content.decode("utf-8-sig"))
        _check(rows, totals, merchant)
        return Bill(on, tuple(_line(row) for row in rows))
    except (ValueError, KeyError, InvalidOperation) as fault:
        raise OutcomeUnknownError(f"the bill cannot be right: {fault}") from fault


def _tables(written: str) -> tuple[list[Row], Row]:
    """The trades, and the totals that follow under a heading of their own."""
    heading, *body = [line for line in written.splitlines() if line]
    middle = next((at for at, line in enumerate(body) if line.startswith(COUNT)), None)
    if middle is None or len(body) != middle + 2:
        raise ValueError("no totals at its end")
    return [_row(heading, line) for line in body[:middle]], _row(body[middle], body[middle + 1])


def _row(heading: str, line: str) -> Row:
    """Every value begins with a back-tick, which tells a comma between values from one inside."""
    if not line.startswith("`"):
        raise ValueError("a value without its mark")
    return dict(zip(heading.split(","), line[1:].split(",`"), strict=True))


def _check(rows: list[Row], totals: Row, merchant: str) -> None:
    if int(totals[COUNT]) != len(rows):
        raise ValueError(f"{len(rows)} lines, and {totals[COUNT]} are said")
    for total, column in TOTALS.items():
        if (summed := sum(_fen(row[column]) for row in rows)) != _fen(totals[total]):
            raise ValueError(f"{total}: {totals[total]} is said, {summed} fen are listed")
    if others := {row["商户号"] for row in rows} - {merchant}:
        raise ValueError(f"it is of {others}")


def _line(row: Row) -> BillLine:
    at = datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    if row["交易状态"] == "SUCCESS":
        amount, settled = _fen(row["订单金额"]), _fen(row["应结订单金额"])
        return BillLine(
            kind=LineKind.PAYMENT,
            number=row["商户订单号"],
            provider_id=row["微信订单号"],
            amount=amount,
            currency=row["货币种类"],
            fee=_fen(row["手续费"]) + amount - settled,  # a coupon that the merchant pays for costs like a fee
            at=at,
        )
    is_failed = row["退款状态"] in FAILED_REFUNDS
    return BillLine(
        kind=LineKind.OTHER if is_failed else LineKind.REFUND,
        number=_named(row["商户退款单号"]) or row["商户订单号"],
        provider_id=_named(row["微信退款单号"]),
        amount=0 if is_failed else -_fen(row["申请退款金额"]),
        currency=row["货币种类"],
        fee=_fen(row["手续费"]),
        at=at,
    )


def _named(value: str) -> str:
    return "" if value == "0" else value


def _fen(yuan: str) -> int:
    """Exactly, or not at all: half a fen is refused."""
    fen = Decimal(yuan) * 100
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise ValueError(f"{yuan} is no amount")
    return int(fen)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    stream = zlib.decompressobj(GZIPPED)
    try:
        found = stream.decompress(content, MOST_BYTES)
    except zlib.error as fault:
        raise OutcomeUnknownError("the bill cannot be unpacked") from fault
    if not stream.eof:
        raise OutcomeUnknownError("the bill is cut off, or too long")
    return found


def _hash(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()  # the provider's choice; it is said in a signed answer
