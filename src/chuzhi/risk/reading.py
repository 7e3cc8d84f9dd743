"""Entries of the journal, and looks at personal data in the audit log, read as acts that rules understand: who did what, to whom."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from chuzhi.approvals import authority
from chuzhi.core import vault
from chuzhi.core.audit import AuditEntry
from chuzhi.customers.models import Customer
from chuzhi.ledger import assets
from chuzhi.ledger.chart import Bucket, Kind, Method, System, account
from chuzhi.ledger.followers import Entry
from chuzhi.organization import staff as people
from chuzhi.organization.models import Staff
from chuzhi.payments.models import Payment
from chuzhi.risk.models import Noted
from chuzhi.risk.rules import What, says_something
from chuzhi.topups.models import Order
from chuzhi.wallets import reactivating
from chuzhi.wallets.adjustments import CORRECTION
from chuzhi.wallets.gifts import GIFT
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.vouchers.models import Voucher

WHATS = {
    Kind.TOP_UP: What.TOP_UP,
    Kind.CHARGE: What.CHARGE,
    Kind.CAPTURE: What.CHARGE,
    Kind.REFUND: What.REFUND,
    Kind.TOP_UP_REFUND: What.PAID_BACK,
    Kind.TRANSFER_OUT: What.TRANSFER,
    Kind.TRANSFER_IN: What.VOUCHER,
    Kind.ADJUSTMENT: What.GIFT,
}
LOOKS = Q(action__contains="revealed") | Q(action__endswith=".document_opened")
EXPORTS = Q(action__endswith="exported")
CASH = account(System.CLEARING, Method.CASH)


@dataclass(frozen=True, slots=True)
class _Known:
    """Rows that the entries name, read once for all of them."""

    wallets: dict[int, Wallet]
    cards: frozenset[int]
    payments: dict[str, Payment]
    devices: dict[int, str]
    staff: dict[str, Staff]
    own_payers: dict[str, frozenset[str]]
    alone: dict[str, dict[str, int | None]]
    """The accounts that pay for the own wallet of a colleague; and what each may correct without a second person, by kind."""


def acts(entries: Sequence[Entry]) -> list[Noted]:
    """What was done, in money, by somebody; not saved yet. Openings, refusals and what time did are none."""
    done = [(entry, json.loads(entry.details or "{}")) for entry in entries if _is_done(entry)]
    known = _known(done)
    return [_noted(entry, said, known) for entry, said in done if _is_act(entry, said, known)]


def _is_done(entry: Entry) -> bool:
    outcome = entry.outcome
    return outcome.refusal is None and outcome.kind in WHATS and bool(assets.currency(outcome.asset))


def _is_act(entry: Entry, said: dict[str, Any], known: _Known) -> bool:
    """A top-up has a method, a gift gives, a recharge card's value arrives (and is not sent), and the wallet still exists."""
    outcome = entry.outcome
    if outcome.wallet not in known.wallets:
        return False
    match outcome.kind:
        case Kind.TOP_UP:
            return bool(said.get("method"))
        case Kind.TRANSFER_IN:
            return said.get("from_wallet") in known.cards
        case Kind.TRANSFER_OUT:
            return outcome.wallet not in known.cards
        case Kind.ADJUSTMENT:
            return _corrected(entry) != 0
        case _:
            return True


def _noted(entry: Entry, said: dict[str, Any], known: _Known) -> Noted:
    outcome = entry.outcome
    wallet, payment = known.wallets[outcome.wallet], known.payments.get(said.get("reference", ""))
    staff = entry.actor if entry.actor.startswith(("staff:", "key:")) else ""
    what = What.TAKEN if outcome.kind is Kind.ADJUSTMENT and _corrected(entry) < 0 else WHATS[outcome.kind]
    payer = _payer(payment)
    return Noted(
        book=outcome.book, seq=outcome.seq, what=what, at=entry.effective_at, amount=outcome.amount,
        currency=assets.currency(outcome.asset), wallet=wallet, customer_id=wallet.customer_id, payer=payer,
        device=known.devices.get(payment.subject_id, "") if payment else "", store=entry.store, till=entry.till, staff=staff,
        is_own=_is_own(wallet, known.staff.get(staff)) or payer in known.own_payers.get(staff, ()),
        is_cash=any(leg.account == CASH for leg in outcome.legs), is_signed=bool(said.get("approved_by")),
        says_why=outcome.kind is not Kind.ADJUSTMENT or all(map(says_something, (_cause(said), said.get("evidence", "")))),
        alone=_alone(said, known.alone.get(staff)) if _is_sized(entry) else None,
    )  # fmt: skip


def looks(entries: Iterable[AuditEntry]) -> list[Noted]:
    """Of colleagues and programs at personal data; not saved yet."""
    found = [entry for entry in entries if entry.actor.startswith(("staff:", "key:"))]
    named = {entry.pk: int(entry.subject[9:]) for entry in found if entry.subject.startswith("customer:")}
    known = set(Customer.objects.filter(pk__in=named.values()).values_list("pk", flat=True))
    return [
        Noted(
            audit=entry.pk, what=What.EXPORT if entry.action.endswith("exported") else What.LOOK, at=entry.at, amount=0,
            staff=entry.actor, customer_id=named[entry.pk] if named.get(entry.pk) in known else None,
        )
        for entry in found
    ]  # fmt: skip


def _corrected(entry: Entry) -> int:
    return entry.outcome.moved(Bucket.PRINCIPAL) + entry.outcome.moved(Bucket.BONUS)


def _cause(said: dict[str, Any]) -> str:
    return str(said.get("reason", ""))


def _is_sized(entry: Entry) -> bool:
    """A correction whose amount somebody chose: what is activated again comes back as it was."""
    return entry.outcome.kind is Kind.ADJUSTMENT and not reactivating.is_one(entry.outcome)


def _alone(said: dict[str, Any], limits: dict[str, int | None] | None) -> int | None:
    """A gift says its cause as a code; any other correction says it in words."""
    kind = GIFT if _cause(said).startswith("gift:") else CORRECTION
    return limits[kind.name] if limits else None


def _known(done: Iterable[tuple[Entry, dict[str, Any]]]) -> _Known:
    wallets = {entry.outcome.wallet for entry, _said in done}
    sources = {said["from_wallet"] for _entry, said in done if "from_wallet" in said}
    references = {said["reference"] for entry, said in done if entry.outcome.kind is Kind.TOP_UP and said.get("reference")}
    people_asked = {int(entry.actor[6:]) for entry, _said in done if entry.actor.startswith("staff:")}
    corrects = any(entry.outcome.kind is Kind.ADJUSTMENT for entry, _said in done)
    payments = {each.number: each for each in Payment.objects.filter(number__in=references)}
    staff = {f"staff:{each.pk}": each for each in Staff.objects.prefetch_related("assignments").filter(pk__in=people_asked)}
    orders = Order.objects.filter(pk__in=[each.subject_id for each in payments.values()]).exclude(device="")
    return _Known(
        wallets=Wallet.objects.select_related("customer").in_bulk(wallets),
        cards=frozenset(Voucher.objects.filter(wallet__in=wallets | sources).values_list("wallet", flat=True)),
        payments=payments,
        devices=dict(orders.values_list("pk", "device")),
        staff=staff,
        own_payers={label: _own_payers(each) for label, each in staff.items()} if payments else {},
        alone={label: _limits(each) for label, each in staff.items()} if corrects else {},
    )


def _own_payers(person: Staff) -> frozenset[str]:
    """Accounts that have paid for wallets of this person's own."""
    if not person.email:
        return frozenset()
    own = Customer.objects.filter(email_mark__in=vault.latest().marks(person.email.lower(), kind="email"))
    return frozenset(Noted.objects.filter(customer__in=own).exclude(payer="").values_list("payer", flat=True))


def _limits(person: Staff) -> dict[str, int | None]:
    found = authority.limits_by_kind(people.actor_of(person), [GIFT, CORRECTION])
    return {name: limits.alone for name, limits in found.items()}


def _payer(payment: Payment | None) -> str:
    """The payer as the provider knows them, so that one is known again and nobody is named."""
    if payment is None or not payment.payer:
        return ""
    return vault.latest().mark(f"{payment.account_id}:{payment.payer}", kind="risk_payer").hex()


def _is_own(wallet: Wallet, person: Staff | None) -> bool:
    address = person.email if person else ""
    return bool(address) and wallet.customer is not None and (wallet.customer.email or "").casefold() == address.casefold()
