"""A refund is asked for, decided by somebody else, paid by hand; or withdrawn. The value is held all the while."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit, documents
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.ledger import posting
from chuzhi.ledger.chart import Method
from chuzhi.organization.authority import require
from chuzhi.refunds import calculating
from chuzhi.refunds.calculating import Calculation, Circumstances, Part
from chuzhi.refunds.errors import (
    DocumentMissing,
    FiguresChanged,
    NothingOwed,
    RequestDecided,
    SecondPersonNeeded,
    WordsMissing,
)
from chuzhi.refunds.models import RefundDocument, RefundPart, RefundRequest
from chuzhi.wallets import accounts, refunding
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.refunding import Share

VIEW = "wallets.view"
LONGEST = 200
Status = RefundRequest.Status


def visible_to(actor: Actor) -> QuerySet[RefundRequest]:
    """Newest first; a customer sees their own."""
    rows = RefundRequest.objects.select_related("wallet__customer", "wallet__programme").order_by("-pk")
    if actor.kind is ActorKind.CUSTOMER:
        return rows.filter(wallet__customer=actor.id)
    return rows if actor.may(VIEW) else rows.none()


def ask(
    *,
    wallet: Wallet,
    said: Circumstances,
    reason: str,
    method: str,
    files: Sequence[tuple[str, bytes]],
    key: str,
    by: Actor,
    payee: str = "",
    store: int | None = None,
    expected: int | None = None,
) -> RefundRequest:
    """File a request for what the rules give today, and hold all that it is for. Asking twice with one key files one.

    `expected` is the amount that the customer was shown: refused if it is another by now.
    """
    require(by, refunding.ASK)
    if known := RefundRequest.objects.filter(asked_for=accounts.mark(by, key)).first():
        return known
    words = _words(reason, "reason")
    if method not in RefundRequest.Method.values:
        raise WordsMissing(field="method")
    if method == RefundRequest.Method.BANK:
        _words(payee, "payee")
    if not files:
        raise DocumentMissing
    kept = documents.keep_all(list(files))
    with transaction.atomic():
        posting.lock(wallet.book)
        found = calculating.calculate(wallet, said, store=store)
        if not found.amount:
            raise NothingOwed
        if expected is not None and expected != found.amount:
            raise FiguresChanged(amount=found.amount)
        request = _filed(found, said, words, method, payee, store, key, by)
        RefundDocument.objects.bulk_create(
            RefundDocument(request=request, hash=one.hash, name=one.name, media_type=one.media_type, size=one.size)
            for one in kept
        )
        _hold(request, found.owing, by)
        audit.record("refund.asked", _subject(request), by=by, wallet=wallet.pk, amount=request.amount, documents=len(kept))
    return request


@transaction.atomic
def approve(*, request: RefundRequest, reason: str, by: Actor) -> RefundRequest:
    """It is to be paid. The value stays held until it is."""
    require(by, refunding.DECIDE)
    row = _locked(request, Status.ASKED)
    return _decided(row, Status.APPROVED, reason, by)


@transaction.atomic
def refuse(*, request: RefundRequest, reason: str, by: Actor) -> RefundRequest:
    """The value can be spent again."""
    require(by, refunding.DECIDE)
    row = _decided(_locked(request, Status.ASKED), Status.REFUSED, reason, by)
    _let_go(row, by)
    return row


@transaction.atomic
def withdraw(*, request: RefundRequest, by: Actor) -> RefundRequest:
    """The customer thought better of it, before it was paid."""
    require(by, refunding.ASK)
    row = _locked(request, *RefundRequest.OPEN)
    row.status = Status.WITHDRAWN
    row.save(update_fields=["status"])
    _let_go(row, by)
    audit.record("refund.withdrawn", _subject(row), by=by)
    return row


@transaction.atomic
def pay(*, request: RefundRequest, method: str, reference: str, by: Actor) -> RefundRequest:
    """The money was handed over or sent: booked for every top-up it is of. Paying again answers what was paid."""
    require(by, refunding.PAY)
    row = RefundRequest.objects.select_for_update(of=("self",)).select_related("wallet").get(pk=request.pk)
    if row.status == Status.PAID:
        return row
    row = _locked(request, Status.APPROVED)
    if method not in RefundRequest.Method.values:
        raise WordsMissing(field="method")
    row.status, row.paid_by, row.paid_at = Status.PAID, by.label, timezone.now()
    row.paid_with, row.reference = method, _words(reference, "reference")[:100]
    row.save()
    refunding.pay_out(
        wallet=row.wallet,
        hold=row.hold or 0,
        shares=[_share(row, part) for part in row.parts.order_by("top_up")],
        method=Method[method.upper()],
        reason=row.reason,
        key=f"refund-request:{row.pk}",
        by=by,
    )
    audit.record("refund.paid", _subject(row), by=by, amount=row.amount, method=method, reference=row.reference)
    return row


def _filed(
    found: Calculation,
    said: Circumstances,
    reason: str,
    method: str,
    payee: str,
    store: int | None,
    key: str,
    by: Actor,
) -> RefundRequest:
    request = RefundRequest.objects.create(
        wallet=found.wallet, store=store, cause=said.cause, reason=reason, currency=found.currency, amount=found.amount,
        method=method, payee=payee.strip()[:LONGEST], due_on=calculating.due_on(found.owing, found.asked_on),
        asked_for=accounts.mark(by, key), asked_by=by.label,
    )  # fmt: skip
    RefundPart.objects.bulk_create(
        RefundPart(
            request=request, top_up=part.top_up, terms=part.terms, pack=part.pack.id, amount=part.owed.amount,
            units=part.owed.units, lines=_kept(part),
        )
        for part in found.owing
    )  # fmt: skip
    return request


def _kept(part: Part) -> list[list[object]]:
    """The calculation as it is kept: it reads the same when the pack has changed."""
    return [[line.step, line.amount, line.rule.id if line.rule else "", list(line.figures)] for line in part.owed.lines]


def _hold(request: RefundRequest, parts: Sequence[Part], by: Actor) -> None:
    held = refunding.promise(
        wallet=request.wallet,
        top_ups=[part.top_up for part in parts],
        amount=sum(part.owed.units for part in parts),
        reference=f"refund request {request.pk}",
        key=f"refund-request:{request.pk}",
        by=by,
    )
    request.hold = held.seq
    request.save(update_fields=["hold"])


def _let_go(row: RefundRequest, by: Actor) -> None:
    refunding.let_go(wallet=row.wallet, hold=row.hold or 0, key=f"refund-request:{row.pk}:let-go", by=by)


def _share(row: RefundRequest, part: RefundPart) -> Share:
    """Money leaves as money. Of visits all that are left go: what they are worth is paid, and known here only."""
    if row.wallet.programme.asset == row.currency:
        return Share(part.top_up, part.amount, part.units - part.amount)
    return Share(part.top_up, part.units, 0)


def _decided(row: RefundRequest, status: str, reason: str, by: Actor) -> RefundRequest:
    if row.asked_by == by.label:
        raise SecondPersonNeeded
    row.status, row.decision = status, _words(reason, "reason")
    row.decided_by, row.decided_at = by.label, timezone.now()
    row.save(update_fields=["status", "decision", "decided_by", "decided_at"])
    audit.record(f"refund.{status}", _subject(row), by=by, amount=row.amount)
    return row


def _locked(request: RefundRequest, *wanted: str) -> RefundRequest:
    row = RefundRequest.objects.select_for_update(of=["self"]).select_related("wallet__programme").get(pk=request.pk)
    if row.status not in wanted:
        raise RequestDecided(status=row.get_status_display())
    return row


def _words(given: str, field: str) -> str:
    if not (words := given.strip()):
        raise WordsMissing(field=field)
    return words[:LONGEST]


def _subject(request: RefundRequest) -> str:
    return f"refund:{request.pk}"
