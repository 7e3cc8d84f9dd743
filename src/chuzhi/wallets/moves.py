"""What every command on a wallet has in common: a request that can be asked twice, and an answer that can be shown."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self, TypedDict

from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers.models import Customer
from chuzhi.ledger import posting, queries
from chuzhi.ledger.chart import Bucket
from chuzhi.ledger.errors import LedgerRefused, NotEnough
from chuzhi.ledger.operations import Operation
from chuzhi.ledger.outcomes import Outcome
from chuzhi.ledger.queries import Entry
from chuzhi.wallets import counters, programmes, scopes
from chuzhi.wallets.errors import (
    HeldForCase,
    HeldForGift,
    HeldForRefund,
    KeyMissing,
    NotCleared,
    NotHere,
    OperationUnknown,
    ReasonMissing,
    TextTooLong,
    WalletJoined,
)
from chuzhi.wallets.models import JoinedWallet, Wallet
from chuzhi.wallets.programmes import Known
from chuzhi.wallets.rules import Terms

_WHY = {"": HeldForRefund, "uncleared": NotCleared, "case": HeldForCase, "gift": HeldForGift}
LONGEST_TEXT = 200
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Balance:
    """What a wallet holds of its programme's asset, in minor units. `available` is what can be spent now."""

    principal: int = 0
    bonus: int = 0
    held: int = 0
    debt: int = 0

    @property
    def available(self) -> int:
        return self.principal + self.bonus - self.held

    @classmethod
    def of(cls, asset: int, pots: dict[int, tuple[int, int]]) -> Self:
        """From figures by pot: (units, promised units)."""
        principal, bonus, debt = (pots.get(asset * 10 + bucket, (0, 0)) for bucket in Bucket)
        return cls(principal[0], bonus[0], principal[1] + bonus[1], debt[0])


@dataclass(frozen=True, slots=True)
class Moved:
    """An operation that was done, now or (`replayed`) when its key came first. Amounts in minor units of its asset."""

    wallet: Wallet
    outcome: Outcome

    @property
    def id(self) -> str:
        return operation_id(self.outcome.book, self.outcome.seq)

    @property
    def book(self) -> int:
        return self.outcome.book

    @property
    def seq(self) -> int:
        return self.outcome.seq

    @property
    def amount(self) -> int:
        """What was moved: of a charge of what is there, perhaps less than asked."""
        return self.outcome.amount

    @property
    def principal(self) -> int:
        """Net paid value that came in (+) or went out (-)."""
        return self.outcome.moved(Bucket.PRINCIPAL)

    @property
    def bonus(self) -> int:
        """Net given value that came in (+) or went out (-)."""
        return self.outcome.moved(Bucket.BONUS)

    @property
    def taken(self) -> tuple[int, int]:
        """Principal and bonus that this took from the wallet; a move into it took nothing."""
        return max(0, -self.principal), max(0, -self.bonus)

    @property
    def balance(self) -> Balance:
        """The wallet right after it."""
        return Balance.of(self.outcome.asset, self.outcome.balances)

    @property
    def at(self) -> datetime:
        return self.outcome.time

    @property
    def replayed(self) -> bool:
        return self.outcome.replayed


class Common(TypedDict):
    """The facts that every operation carries."""

    book: int
    wallet: int
    key: str
    by: str
    asset: int


def operation_id(book: int, seq: int) -> str:
    """How an operation is named outside: `12-345`."""
    return f"{book}-{seq}"


def place_of(operation: str) -> tuple[int, int] | None:
    """Book and seq of an operation named from outside; None if it cannot be one."""
    book, dash, seq = operation.partition("-")
    if not dash or not (book + seq).isascii() or not (book.isdigit() and seq.isdigit()) or len(book) > 4 or len(seq) > 18:
        return None
    return int(book), int(seq)


def common(wallet: Wallet, programme: Known, *, key: str, by: Actor) -> Common:
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise KeyMissing
    return Common(book=wallet.book, wallet=wallet.pk, key=key, by=by.label, asset=programme.asset)


def text(given: str) -> str:
    """Free text as it can be kept: no control characters, not endless."""
    clean = "".join(each for each in given if each.isprintable() or each == "\n").strip()
    if len(clean) > LONGEST_TEXT:
        raise TextTooLong(most=LONGEST_TEXT)
    return clean


def reason(given: str) -> str:
    if not (clean := text(given)):
        raise ReasonMissing
    return clean


def not_here(terms: Terms, store: int, till: int | None, by: Actor) -> Refused | None:
    """Why the wallet cannot be used at this counter by this actor, if so."""
    if not terms.may_be_used_in(store):
        return NotHere(accepted=scopes.in_words(scopes.of(terms).stores))
    return counters.objection(store, till, by)


def programme_of(wallet: Wallet) -> Known:
    return programmes.known(wallet.programme_id)


def holders_email(wallet: Wallet) -> str | None:
    """The address of whoever gains by what is given to this wallet."""
    if wallet.customer_id is None:
        return None
    return Customer.objects.filter(pk=wallet.customer_id).values_list("email", flat=True).first()


def entry_of(wallet: Wallet, seq: int) -> Entry:
    """An earlier operation of this wallet. Raises OperationUnknown for a number that is not there or is another wallet's."""
    found = queries.operation(wallet.book, seq)
    if found is None or found.outcome.wallet != wallet.pk:
        raise OperationUnknown
    return found


def make(wallet: Wallet, asked: Operation, *, objection: Refused | None = None) -> Moved:
    """Post one operation; raise the ledger's refusal. Who did what is told by the journal itself (`audit_trail`)."""
    return made(wallet, answer(asked, objection=objection))


def made(wallet: Wallet, outcome: Outcome) -> Moved:
    """What was answered, or the ledger's refusal raised."""
    if isinstance(outcome.refusal, NotEnough):
        raise why_not_enough(outcome.book, outcome.wallet, outcome.refusal)
    outcome.raise_if_refused()
    return Moved(wallet, outcome)


def why_not_enough(book: int, wallet: int, no: NotEnough) -> Refused:
    """Where value is kept for a cause, the cause that keeps the most is what stands in the way; or it has gone to another wallet."""
    joined = JoinedWallet.objects.filter(wallet=wallet, parted_at=None).values_list("to", flat=True).first()
    if joined is not None:
        return _as(no, WalletJoined(to=joined))
    kept: dict[str, int] = {}
    for each in queries.kept(book, wallet):
        kept[each.cause] = kept.get(each.cause, 0) + each.amount
    if not kept:
        return no
    cause = max(kept, key=lambda each: kept[each])
    return _as(no, _WHY[cause](held=kept[cause], **no.facts))


def in_money(no: LedgerRefused, programme: Known) -> LedgerRefused:
    """Its sentence tells amounts in the programme's currency, if it holds money."""
    if programme.kind == "money":
        no.currency = partial(str, programme.asset_code)
    return no


def _as(no: NotEnough, plain: LedgerRefused) -> Refused:
    """The same no in other words."""
    plain.is_replayed, plain.currency = no.is_replayed, no.currency
    return plain


def answer(asked: Operation, *, objection: Refused | None = None) -> Outcome:
    """What the ledger says to one operation, a refusal too.

    An objection (of the shop's rules, before the ledger is asked) is raised only if the key is new: whoever asks again for
    what was done already is told what was done, whatever the rules say today.
    """
    if objection is None:
        return posting.post([asked])[0]
    known = queries.answer_to(asked)
    if known is None:
        raise objection
    return known
