"""A bonus for many at once: planned from a list, approved if it is large, given a few hundred at a time, reversed as a whole.

Each row is keyed by batch and line, so that a batch that is interrupted goes on where it stopped, and gives nothing twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import authority, requests
from chuzhi.approvals.kinds import Kind
from chuzhi.approvals.rules import Limits
from chuzhi.core import audit
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import posting
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import BONUS_COST
from chuzhi.ledger.operations import Adjust, Operation
from chuzhi.organization.authority import require
from chuzhi.wallets import accounts, gifts, lists, programmes
from chuzhi.wallets.errors import (
    BatchDecided,
    BatchNotGiven,
    NothingToGive,
)
from chuzhi.wallets.lists import Read
from chuzhi.wallets.models import Credit, CreditBatch
from chuzhi.wallets.programmes import Known
from chuzhi.wallets.records import CreditGiven, CreditTakenBack

CREDITS = Kind(
    "credits",
    _("Bonus for many at once"),
    gifts.GIVE,
    {
        "finance": Limits(alone=2000_00, a_day=5000_00, approves=100_000_00),
        "administrator": Limits(alone=2000_00, a_day=5000_00, approves=None),
    },
)
AT_ONCE = 400
State = CreditBatch.State


@transaction.atomic
def plan(*, read: Read, cause: str, ticket: str, key: str, by: Actor, file_name: str = "") -> CreditBatch:
    """Keep a list as it was read, the lines that cannot be given with their reasons. Nothing moves. One key keeps one list."""
    require(by, gifts.GIVE)
    gifts.checked_cause(cause)
    if not read.good:
        raise NothingToGive
    batch, made = CreditBatch.objects.get_or_create(
        asked_for=accounts.mark(by, key),
        defaults={
            "programme": read.programme, "cause": cause, "ticket": gifts.checked_ticket(ticket), "file_name": file_name[:200],
            "count": len(read.good), "refused": len(read.rows) - len(read.good), "amount": read.amount, "made_by": by.label,
        },
    )  # fmt: skip
    if made:
        Credit.objects.bulk_create(
            [
                Credit(
                    batch=batch, line=row.line, given=row.given, amount=row.amount,
                    book=row.wallet.book if row.wallet else None, wallet=row.wallet.pk if row.wallet else None,
                    refusal=row.refusal.code if row.refusal else "", refusal_facts=dict(row.refusal.facts) if row.refusal else {},
                )
                for row in read.rows
            ],
            batch_size=2000,
        )  # fmt: skip
        audit.record("credits.planned", f"credits:{batch.pk}", by=by, count=batch.count, amount=batch.amount)
    return batch


def start(*, batch: CreditBatch, by: Actor, store: int | None = None) -> CreditBatch:
    """Give it, if this actor may give so much alone; else send it for approval. Answers the batch as it is then."""
    require(by, gifts.GIVE)
    if batch.made_by != by.label:
        raise BatchDecided
    with authority.counted(CREDITS, batch.amount, by=by, about=f"credits:{batch.pk}", key=str(batch.pk)) as objection:
        batch = _begin(batch, by, store, needs_approval=objection is not None)
    return give(batch=batch) if batch.state == State.RUNNING else batch


@transaction.atomic
def _begin(batch: CreditBatch, by: Actor, store: int | None, *, needs_approval: bool) -> CreditBatch:
    batch = CreditBatch.objects.select_for_update(of=("self",)).select_related("programme").get(pk=batch.pk)
    if batch.state != State.PLANNED:
        raise BatchDecided
    batch.state = State.RUNNING
    if needs_approval:
        batch.state = State.WAITING
        batch.request = requests.ask(
            kind=CREDITS, arguments={"batch": batch.pk}, amount=batch.amount, asset=batch.programme.asset,
            subject=f"credits:{batch.pk}", store=store, reason=gifts.checked_cause(batch.cause), evidence=batch.ticket,
            key=f"credits:{batch.pk}", by=by,
        )  # fmt: skip
    batch.save(update_fields=["state", "request"])
    return batch


def carry_out(*, asked: Mapping[str, Any], key: str, by: Actor, approved_by: Actor) -> str:
    """A batch that has been signed. `key` and `by` are the batch's own: each line has its key."""
    waiting = CreditBatch.objects.filter(pk=asked["batch"], state=State.WAITING)
    waiting.update(state=State.RUNNING, approved_by=approved_by.label)
    return f"credits:{give(batch=CreditBatch.objects.get(pk=asked['batch'])).pk}"


def give(*, batch: CreditBatch) -> CreditBatch:
    """Give what is not given yet of a running batch. Safe to run again and side by side."""
    programme = programmes.known(batch.programme_id)
    while waiting := list(Credit.objects.filter(batch=batch, seq=None, refusal="").order_by("line")[:AT_ONCE]):
        outcomes = posting.post([_gift(batch, credit, programme) for credit in waiting])
        for credit, outcome in zip(waiting, outcomes, strict=True):
            if outcome.refusal is not None:
                values = {"refusal": outcome.refusal.code, "refusal_facts": dict(outcome.refusal.facts)}
                Credit.objects.filter(pk=credit.pk, seq=None).update(**values)
    CreditBatch.objects.filter(pk=batch.pk, state=State.RUNNING).update(state=State.DONE)
    batch.refresh_from_db()
    return batch


def finish_unfinished() -> int:
    """For the clock: go on with batches that were interrupted. Answers how many."""
    unfinished = list(CreditBatch.objects.filter(state=State.RUNNING).order_by("pk"))
    for batch in unfinished:
        give(batch=batch)
    return len(unfinished)


def reverse(*, batch: CreditBatch, reason: str, by: Actor) -> CreditBatch:
    """Take back what is left of every gift of a batch, each by an entry that points at it. What was spent stays spent.

    Interrupted, it is simply asked for again.
    """
    require(by, gifts.GIVE)
    gifts.checked_ticket(reason)
    if batch.state not in {State.DONE, State.REVERSED}:
        raise BatchNotGiven
    given = Credit.objects.filter(batch=batch, seq__isnull=False, reversed_seq=None)
    for book in sorted({book or 0 for book in given.values_list("book", flat=True)}):
        _take_back(batch, book, list(given.filter(book=book).order_by("line")), reason, by)
    with transaction.atomic():
        if CreditBatch.objects.filter(pk=batch.pk, state=State.DONE).update(state=State.REVERSED):
            audit.record("credits.reversed", f"credits:{batch.pk}", by=by, reason=reason)
    batch.refresh_from_db()
    return batch


def refusal_of(credit: Credit) -> Refused | None:
    """Why a line was not given, as it can be said."""
    return lists.refused(credit.refusal, credit.refusal_facts) if credit.refusal else None


def _take_back(batch: CreditBatch, book: int, given: Sequence[Credit], reason: str, by: Actor) -> None:
    """With the book locked nobody spends between the look and the posting."""
    programme, now = programmes.known(batch.programme_id), timezone.now()
    for start_at in range(0, len(given), AT_ONCE):
        with transaction.atomic():
            posting.lock(book)
            asked = []
            for credit in given[start_at : start_at + AT_ONCE]:
                lots = [lot for lot in journal.lots(book, credit.wallet or 0) if lot.made_by == credit.seq]
                left = sum(lot.remaining - lot.held for lot in lots if not lot.has_expired(now))
                if left:
                    asked.append(_return(batch, credit, programme, left, reason, by))
            posting.post(asked)


def _gift(batch: CreditBatch, credit: Credit, programme: Known) -> Operation:
    amount = credit.amount or 0
    return Adjust(
        book=credit.book or 0, wallet=credit.wallet or 0, key=f"credits:{batch.pk}:{credit.line}", by=f"credits:{batch.pk}",
        asset=programme.asset, amount=amount, reason=f"gift:{batch.cause}", evidence=batch.ticket,
        approved_by=batch.approved_by or batch.made_by, documents=(CreditGiven(batch.pk, credit.line),),
        grants=(gifts.grant_of(programme, amount, ticket=batch.ticket, at=timezone.now()),),
    )  # fmt: skip


def _return(batch: CreditBatch, credit: Credit, programme: Known, left: int, reason: str, by: Actor) -> Operation:
    return Adjust(
        book=credit.book or 0, wallet=credit.wallet or 0, key=f"credits:{batch.pk}:{credit.line}:back", by=f"credits:{batch.pk}",
        asset=programme.asset, amount=left, reason=reason, evidence=f"credits:{batch.pk}", approved_by=by.label, into=BONUS_COST,
        reverses=credit.seq, documents=(CreditTakenBack(batch.pk, credit.line),),
    )  # fmt: skip
