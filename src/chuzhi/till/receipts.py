"""What is printed for an operation, and proof that a printed receipt is ours."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.crypto import salted_hmac

from chuzhi.core import actors
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Bucket, Kind, Method, System, party_of, system_of
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.queries import Entry
from chuzhi.organization.models import Staff, Store, Till
from chuzhi.payments.counter import tenders
from chuzhi.till import goods, returns
from chuzhi.till.errors import ReceiptUnknown
from chuzhi.till.models import Sale, SaleLine, SaleReturn
from chuzhi.till.tickets import Line
from chuzhi.wallets import moves, queries, scopes
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Balance
from chuzhi.wallets.queries import Expiring
from chuzhi.wallets.sharing import members

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
    tenders: tuple[tuple[str, int], ...]
    """Paid beside the wallet: `cash` and minor units, less than nothing for what of a sale was given back. Of a return what it gave."""
    scope: str
    """Where it is accepted, if not everywhere for everything."""
    served_by: str
    spent_by: str
    """Who spent it, where it was somebody other than the holder."""
    basket: int | None
    is_copy: bool

    @property
    def total(self) -> int:
        """The whole sale, or all that was given back: the wallet's part and the others'."""
        return self.amount + sum(amount for _method, amount in self.tenders if amount > 0)

    @property
    def available_before(self) -> int:
        return self.balance.available - self.principal - self.bonus


def of(*, operation: str, actor: Actor, is_copy: bool = False) -> Receipt:
    """The receipt of an operation (`12-345`), if the actor may see its wallet. `is_copy` marks a reprint."""
    found = queries.wallet_of(operation, actor)
    if found is None or found[1].outcome.refusal is not None:
        raise ReceiptUnknown
    wallet, entry = found
    outcome, said = entry.outcome, json.loads(entry.details) if entry.details else {}
    spender = str(said.get("spent_by", ""))
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
        store=name_of(Store, entry.store),
        till=name_of(Till, entry.till),
        staff=name_of_staff(entry.actor),
        method=_method(entry),
        reference=str(said.get("reference", "")),
        reason=str(said.get("reason", "")),
        answers=moves.operation_id(outcome.book, outcome.ref_seq) if outcome.ref_seq else "",
        lines=lines_of(sale) if sale else goods.of_return(outcome.book, outcome.seq) if outcome.kind is Kind.REFUND else (),
        tenders=_tenders(outcome, sale),
        scope=scopes.of(moves.programme_of(wallet).terms()).said,
        served_by=name_of_staff(f"staff:{sale.served_by}") if sale and sale.served_by else "",
        spent_by=members.names({spender}).get(spender, ""),
        basket=sale.basket if sale else None,
        is_copy=is_copy,
    )


def at(book: int, seq: int) -> Receipt:
    """The same for whoever may see what paid for it: of the wallet they see only what the receipt says."""
    return of(operation=moves.operation_id(book, seq), actor=actors.system("receipts"))


def code_of(entry: Entry) -> str:
    """The operation's number and a seal that only we can make, over what the receipt says: `12-345-K7QX2M9P4T`."""
    outcome = entry.outcome
    fact = (
        outcome.book, outcome.seq, outcome.wallet, int(outcome.kind), outcome.asset, outcome.amount,
        outcome.moved(Bucket.PRINCIPAL), outcome.moved(Bucket.BONUS), sorted(outcome.balances.items()),
        outcome.time.isoformat(),
    )  # fmt: skip
    return f"{moves.operation_id(outcome.book, outcome.seq)}-{seal(fact)}"


def seal(fact: tuple[object, ...]) -> str:
    digest = int.from_bytes(salted_hmac("chuzhi.till.receipts", repr(fact), algorithm="sha256").digest())
    return "".join(ALPHABET[digest >> (5 * place) & 31] for place in range(CODE_LENGTH))


def find(*, code: str, actor: Actor) -> Receipt:
    """The receipt that a printed code belongs to. One answer for a wrong code, an unknown number and one not to be seen."""
    number, _dash, _letters = code.strip().upper().rpartition("-")
    found = queries.wallet_of(number, actor)
    if found is None or not hmac.compare_digest(code_of(found[1]).encode(), code.strip().upper().encode()):
        raise ReceiptUnknown
    return of(operation=number, actor=actor, is_copy=True)


def reason_of(entry: Entry) -> str:
    return str(json.loads(entry.details).get("reason", "")) if entry.details else ""


def name_of(model: type[Store] | type[Till], number: int | None) -> str:
    if number is None:
        return ""
    return model.objects.filter(pk=number).values_list("name", flat=True).first() or ""


def name_of_staff(label: str) -> str:
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


def _tenders(outcome: Outcome, sale: Sale | None) -> tuple[tuple[str, int], ...]:
    if sale:
        return tenders_of(sale)
    made = SaleReturn.objects.filter(book=outcome.book, refund=outcome.seq).first() if outcome.kind is Kind.REFUND else None
    return tuple((part.method.name.lower(), part.amount) for part in returns.told(made).tenders) if made else ()


def tenders_of(sale: Sale) -> tuple[tuple[str, int], ...]:
    """What was paid beside a wallet, then what of it was given back."""
    paid = [(each.method, each.amount) for each in tenders.of(sale.book, sale.seq)]
    kept = {each.place: each.amount for each in tenders.left(sale.book, sale.seq)}
    back = [(method, kept[place] - amount) for place, (method, amount) in enumerate(paid, start=1)]
    return tuple((method.name.lower(), amount) for method, amount in (*paid, *back) if amount)


def lines_of(sale: Sale) -> tuple[Line, ...]:
    rows = SaleLine.objects.filter(book=sale.book, seq=sale.seq).order_by("line")
    return tuple(
        Line(row.name, row.amount, row.quantity, row.sku, row.product, row.category, row.price, row.discount) for row in rows
    )
