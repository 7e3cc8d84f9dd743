"""A partner tops up a customer's wallet out of its float, and that is taken back.

The float's entry is written in the transaction of the posting and names the operation; the operation names the partner.
So each can be proven from the other (`differences`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import connection, transaction

from chuzhi.core import money, vault
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.customers import contacts
from chuzhi.ledger import chart, posting
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Bucket, Method, System
from chuzhi.ledger.operations import Grant, Operation, TopUp, TopUpRefund
from chuzhi.ledger.outcomes import Outcome
from chuzhi.organization.authority import require
from chuzhi.organization.partners import alarms, contracts, floats, logins, rules
from chuzhi.organization.partners.errors import OtherCurrency, TooManyLookups
from chuzhi.organization.partners.models import Partner, PartnerEntry, PartnerLocation
from chuzhi.wallets import funding, moves
from chuzhi.wallets.errors import OperationUnknown, PayeeUnknown, ProgrammeClosed
from chuzhi.wallets.funding import Gift
from chuzhi.wallets.models import Card, Wallet
from chuzhi.wallets.moves import Moved

Giving = Callable[[], Gift | None]
CLEARING = chart.account(System.CLEARING, Method.PARTNER)
LONGEST_REFERENCE = 100

DIFFERENCES = """
    SELECT coalesce(e.partner_id, 0), e.number, o.book, o.seq, coalesce(-e.amount, 0), coalesce(o.paid, 0)
    FROM partner_entry e FULL JOIN (
        SELECT p.book, p.seq, sum(CASE leg.pot %% 10 WHEN %(debt)s THEN -leg.amount ELSE leg.amount END)::bigint AS paid
        FROM ledger_operation p CROSS JOIN LATERAL unnest(p.leg_pots, p.accounts, p.amounts) leg(pot, account, amount)
        WHERE p.refusal IS NULL AND leg.account = %(clearing)s
        GROUP BY p.book, p.seq
    ) o ON o.book = e.book AND o.seq = e.seq
    WHERE (e.id IS NULL OR e.book IS NOT NULL) AND -e.amount IS DISTINCT FROM o.paid
    ORDER BY 1, 2, 3, 4"""
NOT_RUNNING = """
    SELECT partner_id, number, NULL::smallint, NULL::bigint, "left", running FROM (
        SELECT partner_id, number, "left", sum(amount) OVER (PARTITION BY partner_id ORDER BY number)::bigint AS running
        FROM partner_entry
    ) e WHERE "left" <> running ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True)
class Payee:
    """Whom an exact number found, as far as a partner may see it."""

    wallet: Wallet
    name: str
    programme: str
    currency: str


@dataclass(frozen=True, slots=True)
class Credited:
    """A top-up by a partner. Amounts in minor units; what the customer holds is not the partner's to know."""

    moved: Moved
    payee: Payee
    partner: Partner
    left: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Float and ledger do not say the same. `partner` 0: an operation that no entry names."""

    partner: int
    entry: int | None
    operation: str
    in_float: int
    in_ledger: int


def find(*, typed: str, by: Actor) -> list[Payee]:
    """The wallets of a whole phone number or card number. Too many numbers that nobody has, and it is over for an hour."""
    partner = logins.partner_of(by)
    if alarms.lookups_failed(partner, PayeeUnknown.code) >= rules.MOST_LOOKUPS:
        raise TooManyLookups
    wallets = Wallet.objects.select_related("customer", "programme").filter(
        programme__is_open=True, programme__asset=partner.currency
    )
    found = list(wallets.filter(cards__in=_cards(typed))) or list(
        wallets.filter(customer__in=_customers(typed), is_joined=False).order_by("pk")
    )
    if not found:
        alarms.note_refusal(partner, PayeeUnknown(), 0, by)
        raise PayeeUnknown
    return [payee_of(wallet) for wallet in found]


def payee_of(wallet: Wallet) -> Payee:
    programme = moves.programme_of(wallet)
    name = wallet.customer.name if wallet.customer else ""
    return Payee(wallet, f"{name[0]}**" if name else "", programme.name, programme.asset_code)


def top_up(
    *, wallet: Wallet, amount: int, key: str, by: Actor, location: PartnerLocation | None = None, reference: str = "",
    giving: Giving | None = None,
) -> Credited:  # fmt: skip
    """Sell `amount` minor units out of the float of the partner that `by` works for. Asking twice with one key sells once.

    `giving` decides what an offer gives with it, when the partner is locked. Refused from the moment that the partner is
    suspended, whoever holds which session or key.
    """
    partner = logins.partner_of(by)
    asked = _asked(partner, wallet, money.check(amount), key, moves.text(reference)[:LONGEST_REFERENCE], by)
    answer = _credit(partner, wallet, asked, location, by, giving)
    if isinstance(answer, Refused):
        raise answer
    answer.raise_if_refused()
    return Credited(Moved(wallet, answer), payee_of(wallet), partner, floats.left_of(partner))


def reverse(*, entry: PartnerEntry, reason: str, key: str, by: Actor) -> Moved:
    """Take back what is unspent of a partner's top-up: out of the wallet, into the partner's float. For the merchant's staff."""
    require(by, floats.SETTLE)
    if entry.kind != PartnerEntry.Kind.TOP_UP or entry.wallet is None or entry.seq is None:
        raise OperationUnknown
    wallet = Wallet.objects.get(pk=entry.wallet)
    asked = TopUpRefund(
        **moves.common(wallet, moves.programme_of(wallet), key=key, by=by), top_up=entry.seq, into=CLEARING,
        reason=moves.reason(reason),
    )  # fmt: skip
    outcome = _take_back(entry, wallet, asked, by)
    outcome.raise_if_refused()
    return Moved(wallet, outcome)


def differences() -> list[Difference]:
    """Every entry that says another amount than its operation, every operation without entry, every figure left that is off."""
    found: list[Difference] = []
    with connection.cursor() as cursor:
        for statement in (DIFFERENCES, NOT_RUNNING):
            cursor.execute(statement, {"debt": int(Bucket.DEBT), "clearing": CLEARING})
            for partner, number, book, seq, in_float, in_ledger in cursor.fetchall():
                operation = moves.operation_id(book, seq) if seq is not None else ""
                found.append(Difference(partner, number, operation, in_float, in_ledger))
    return found


def _cards(typed: str) -> list[int]:
    written = "".join(typed.split())
    return list(Card.objects.filter(number=written, status=Card.Status.ACTIVE).values_list("pk", flat=True))


def _customers(typed: str) -> list[int]:
    try:
        marks = vault.latest().marks(contacts.phone(typed), kind="phone")
    except Refused:
        return []
    found = Wallet.objects.filter(customer__phone_mark__in=marks, customer__withdrawn_at=None)
    return [number for number in found.values_list("customer", flat=True).distinct() if number]


def _asked(partner: Partner, wallet: Wallet, amount: int, key: str, reference: str, by: Actor) -> TopUp:
    programme = moves.programme_of(wallet)
    terms = programme.terms()
    return TopUp(
        **moves.common(wallet, programme, key=key, by=by),
        amount=amount,
        grants=_grants(partner, wallet, amount, key),
        method=int(Method.PARTNER),
        reference=f"partner:{partner.pk} {reference}".strip(),
        most_at_once=terms.most_per_top_up,
        most_a_day=terms.most_topped_up_a_day,
        most_held=terms.most_held,
    )


def _grants(partner: Partner, wallet: Wallet, amount: int, key: str, gift: Gift | None = None) -> tuple[Grant, ...]:
    programme = moves.programme_of(wallet)
    return funding.grants(
        programme, programme.terms(), amount, Method.PARTNER, funding=f"partner:{partner.pk}:{key}", gift=gift
    )


@transaction.atomic(durable=True)
def _credit(
    partner: Partner, wallet: Wallet, asked: TopUp, location: PartnerLocation | None, by: Actor, giving: Giving | None
) -> Outcome | Refused:
    """With the partner locked, so that its float is spent once. A no is an answer here: what is noted of it must stay."""
    partner = contracts.locked(partner.pk)
    if known := journal.answer_to(asked):
        return known
    if no := _objection(partner, wallet, asked.amount):
        alarms.note_refusal(partner, no, asked.amount, by)
        return no
    if giving is not None and (gift := giving()):
        asked = replace(asked, grants=_grants(partner, wallet, asked.amount, asked.key, gift), documents=(gift.proof,))
    outcome = posting.post([asked])[0]
    if outcome.refusal is None:
        floats.add(
            partner, PartnerEntry.Kind.TOP_UP, -asked.amount, by, earned=floats.commission_on(partner, asked.amount),
            place=_place(asked, outcome), location=location, reference=asked.reference,
        )  # fmt: skip
        alarms.watch(partner, wallet=wallet.pk)
    return outcome


def _objection(partner: Partner, wallet: Wallet, amount: int) -> Refused | None:
    programme = moves.programme_of(wallet)
    if programme.asset_code != partner.currency:
        return OtherCurrency(currency=partner.currency)
    if not programme.is_open:
        return ProgrammeClosed(programme=programme.name)
    return floats.objection(partner, amount)


@transaction.atomic(durable=True)
def _take_back(entry: PartnerEntry, wallet: Wallet, asked: TopUpRefund, by: Actor) -> Outcome:
    partner = contracts.locked(entry.partner_id)
    outcome = posting.post([asked])[0]
    if outcome.refusal is None and not outcome.replayed:
        floats.add(
            partner, PartnerEntry.Kind.REVERSAL, outcome.amount, by,
            earned=-rules.taken_back(entry.earned, -entry.amount, outcome.amount),
            place=_place(asked, outcome), reference=f"{moves.operation_id(outcome.book, entry.seq or 0)} {asked.reason}"[:200],
        )  # fmt: skip
    return outcome


def _place(asked: Operation, outcome: Outcome) -> tuple[int, int, int]:
    return outcome.book, outcome.seq, asked.wallet
