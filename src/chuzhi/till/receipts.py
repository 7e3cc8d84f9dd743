"""What is printed for an operation, and proof that a printed receipt is ours."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.crypto import salted_hmac

from chuzhi.core.actors import Actor, ActorKind
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Bucket, Kind, Method, System, party_of, system_of
from chuzhi.ledger.queries import Entry
from chuzhi.organization.models import Staff, Store, Till
from chuzhi.till.errors import ReceiptUnknown
from chuzhi.till.models import Sale, SaleLine
from chuzhi.till.tickets import Line
from chuzhi.wallets import moves, queries
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance
from chuzhi.wallets.queries import Expiring

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32: no letter that looks like a digit."""
CODE_LENGTH = 10
"""50 bits: nobody guesses one within the tries that a page allows."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One operation as it is handed to the customer. Amounts in minor units of `currency`.

    `principal` and `bonus` are what moved (+ into the wallet, - out of it). `code` is what a verifier types, number included.
    """

    number: str
    code: str
    kind: Kind
    wallet: Wallet
    currency: str
    amount: int
    asked: int
    principal: int
    bonus: int
    balance: Balance
    next_expiry: Expiring | None
    at: datetime
    store: str
    till: str
    staff: str
    method: str
    reference: str
    reason: str
    answers: str
    lines: tuple[Line, ...]
    is_copy: bool


def of(*, operation: str, actor: Actor, is_copy: bool = False) -> Receipt:
    """The receipt of an operation (`12-345`), if the actor may see its wallet. `is_copy` marks a reprint."""
    found = queries.wallet_of(operation, actor)
    if found is None or found[1].outcome.refusal is not None:
        raise ReceiptUnknown
    wallet, entry = found
    outcome, said = entry.outcome, json.loads(entry.details) if entry.details else {}
    sale = Sale.objects.filter(book=outcome.book, seq=outcome.seq).first() if outcome.kind is Kind.CHARGE else None
    soon = queries.expiring(wallet, within_days=3650)
    return Receipt(
        number=moves.operation_id(outcome.book, outcome.seq),
        code=code_of(entry),
        kind=outcome.kind,
        wallet=wallet,
        currency=assets.code(outcome.asset) if outcome.asset else moves.programme_of(wallet).asset_code,
        amount=outcome.amount,
        asked=sale.amount if sale else outcome.amount,
        principal=outcome.moved(Bucket.PRINCIPAL),
        bonus=outcome.moved(Bucket.BONUS),
        balance=Balance.of(outcome.asset, outcome.balances),
        next_expiry=soon[0] if soon else None,
        at=entry.effective_at,
        store=_name(Store, entry.store),
        till=_name(Till, entry.till),
        staff=_staff(entry.actor),
        method=_method(entry),
        reference=str(said.get("reference", "")),
        reason=str(said.get("reason", "")),
        answers=moves.operation_id(outcome.book, outcome.ref_seq) if outcome.ref_seq else "",
        lines=_lines(sale) if sale else (),
        is_copy=is_copy,
    )


def code_of(entry: Entry) -> str:
    """The operation's number and a seal that only we can make, over what the receipt says: `12-345-K7QX2M9P4T`."""
    outcome = entry.outcome
    fact = (
        outcome.book, outcome.seq, outcome.wallet, int(outcome.kind), outcome.asset, outcome.amount,
        outcome.moved(Bucket.PRINCIPAL), outcome.moved(Bucket.BONUS), sorted(outcome.balances.items()),
        outcome.time.isoformat(),
    )  # fmt: skip
    digest = int.from_bytes(salted_hmac("chuzhi.till.receipts", repr(fact), algorithm="sha256").digest())
    letters = "".join(ALPHABET[digest >> (5 * place) & 31] for place in range(CODE_LENGTH))
    return f"{moves.operation_id(outcome.book, outcome.seq)}-{letters}"


def find(*, code: str, actor: Actor) -> Receipt:
    """The receipt that a printed code belongs to. One answer for a wrong code, an unknown number and one not to be seen."""
    number, _dash, _letters = code.strip().upper().rpartition("-")
    found = queries.wallet_of(number, actor)
    if found is None or not hmac.compare_digest(code_of(found[1]).encode(), code.strip().upper().encode()):
        raise ReceiptUnknown
    return of(operation=number, actor=actor, is_copy=True)


def _name(model: type[Store] | type[Till], number: int | None) -> str:
    if number is None:
        return ""
    return model.objects.filter(pk=number).values_list("name", flat=True).first() or ""


def _staff(label: str) -> str:
    kind, _colon, number = label.partition(":")
    if kind != ActorKind.STAFF:
        return ""
    return Staff.objects.filter(pk=int(number)).values_list("name", flat=True).first() or ""


def _method(entry: Entry) -> str:
    """How it was paid for or given back: `cash`, or nothing if no money changed hands."""
    for leg in entry.outcome.legs:
        if leg.account and system_of(leg.account) is System.CLEARING:
            return Method(party_of(leg.account)).name.lower()
    return ""


def _lines(sale: Sale) -> tuple[Line, ...]:
    rows = SaleLine.objects.filter(book=sale.book, seq=sale.seq).order_by("line")
    return tuple(Line(row.name, row.amount, row.quantity, row.sku) for row in rows)
