"""One wallet gives to many: an employer, who paid once, to the cards of its staff. Planned from a list, and seen before it moves.

Each line is a transfer with a key of its own: its lots keep what paid for them, so a refund finds the payer. Interrupted, a
handout goes on where it stopped and gives nothing twice; what is left of it goes back as a whole.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.errors import Refused
from chuzhi.ledger import posting
from chuzhi.ledger import queries as journal
from chuzhi.messaging import outbox
from chuzhi.organization.authority import require
from chuzhi.wallets import accounts, moves, queries, transfers
from chuzhi.wallets.errors import NothingToGive, TransferToItself
from chuzhi.wallets.giving import telling
from chuzhi.wallets.giving.errors import HandoutNotDone, HandoutTooLarge, PurposeMissing
from chuzhi.wallets.giving.models import Handout, HandoutLine
from chuzhi.wallets.lists import Read, Row
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.transfers import SEND

State = Handout.State


def visible_to(actor: Actor) -> QuerySet[Handout]:
    """Those of wallets that the actor may see, the newest first."""
    found = Handout.objects.filter(wallet__in=queries.visible_to(actor))
    return found.select_related("wallet__programme", "wallet__customer").order_by("-pk")


@transaction.atomic
def plan(*, wallet: Wallet, read: Read, purpose: str, key: str, by: Actor, file_name: str = "") -> Handout:
    """Keep a list as it was read, the lines that cannot be given with their reasons. Nothing moves. One key keeps one list."""
    require(by, SEND)
    if not (clean := " ".join(purpose.split())[:100]):
        raise PurposeMissing
    rows = [_line(row, wallet) for row in read.rows]
    good = [row for row in rows if not row.refusal]
    if not good:
        raise NothingToGive
    handout, made = Handout.objects.get_or_create(
        asked_for=accounts.mark(by, key),
        defaults={
            "wallet": wallet, "purpose": clean, "file_name": file_name[:200], "count": len(good),
            "amount": sum(row.amount or 0 for row in good), "made_by": by.label,
        },
    )  # fmt: skip
    if made:
        for row in rows:
            row.handout = handout
        HandoutLine.objects.bulk_create(rows, batch_size=2000)
        audit.record("handout.planned", f"wallet:{wallet.pk}", by=by, handout=handout.pk, amount=handout.amount)
    return handout


@transaction.atomic
def start(*, handout: Handout, by: Actor) -> Handout:
    """From now on it is handed out, by whoever calls `go_on`. Started already, it stays as it is."""
    require(by, SEND)
    held = _locked(handout)
    if held.state != State.PLANNED:
        return held
    available = queries.balance(held.wallet).available
    if available < held.amount:
        raise moves.in_money(HandoutTooLarge(asked=held.amount, available=available), moves.programme_of(held.wallet))
    held.state = State.RUNNING
    held.save(update_fields=["state"])
    audit.record("handout.started", f"wallet:{held.wallet_id}", by=by, handout=held.pk)
    return held


def go_on(number: int) -> None:
    """Hand out what is not handed out yet. Safe to run again and side by side."""
    handout = Handout.objects.select_related("wallet__programme", "wallet__customer").get(pk=number)
    waiting = HandoutLine.objects.filter(handout=handout, arrived_seq=None, refusal="").order_by("line")
    for line in waiting.select_related("wallet__customer").iterator(chunk_size=500):
        _give(handout, line)
    Handout.objects.filter(pk=number, state=State.RUNNING).update(state=State.DONE)


def unfinished() -> list[int]:
    """For the clock: those whose worker may have been killed."""
    return list(Handout.objects.filter(state=State.RUNNING).order_by("pk").values_list("pk", flat=True))


def reverse(*, handout: Handout, reason: str, by: Actor) -> Handout:
    """Bring back what is left of every line. What was spent stays spent. Interrupted, it is simply asked for again."""
    require(by, SEND)
    clean = moves.reason(reason)
    if handout.state not in {State.DONE, State.REVERSED}:
        raise HandoutNotDone
    given = HandoutLine.objects.filter(handout=handout, arrived_seq__isnull=False, back_seq=None).order_by("line")
    for line in given.select_related("wallet"):
        _take_back(handout, line, clean, by)
    with transaction.atomic():
        if Handout.objects.filter(pk=handout.pk, state=State.DONE).update(state=State.REVERSED):
            audit.record("handout.reversed", f"wallet:{handout.wallet_id}", by=by, handout=handout.pk, reason=clean)
    handout.refresh_from_db()
    return handout


def _line(row: Row, source: Wallet) -> HandoutLine:
    no = TransferToItself() if row.wallet is not None and row.wallet.pk == source.pk else row.refusal
    return HandoutLine(line=row.line, given=row.given, wallet=row.wallet, amount=row.amount, **_refusal(no))


def _refusal(no: Refused | None) -> dict[str, Any]:
    return {"refusal": no.code, "refusal_facts": dict(no.facts)} if no else {}


def _give(handout: Handout, line: HandoutLine) -> None:
    if line.wallet is None or line.amount is None:
        return
    programme = moves.programme_of(line.wallet)
    try:
        sent = transfers.move(
            wallet=handout.wallet, to=line.wallet, amount=line.amount, reason=handout.purpose,
            key=f"handout:{handout.pk}:{line.line}", by=_maker(handout), most_held=programme.terms().most_held,
        )  # fmt: skip
        no = sent.refusal
    except Refused as refused:
        no = refused
    if no is not None:
        HandoutLine.objects.filter(pk=line.pk, arrived_seq=None).update(**_refusal(no))
        return
    if HandoutLine.objects.filter(pk=line.pk, arrived_seq=None).update(left_seq=sent.left.seq, arrived_seq=sent.arrived.seq):
        _tell(handout, line)


def _tell(handout: Handout, line: HandoutLine) -> None:
    sender, receiver = handout.wallet.customer, line.wallet.customer if line.wallet else None
    if sender is None or receiver is None or handout.wallet.programme.kind != Programme.Kind.MONEY:
        return
    facts = telling.handed_out(
        amount=line.amount or 0, currency=handout.wallet.programme.asset, sender=sender.name, purpose=handout.purpose
    )
    outbox.tell(
        kind=telling.HANDED_OUT, facts=facts, subject=f"handout:{handout.pk}:{line.line}", by=_maker(handout), customer=receiver
    )


@transaction.atomic
def _take_back(handout: Handout, line: HandoutLine, reason: str, by: Actor) -> None:
    """With both books locked nobody spends between the look and the posting."""
    if line.wallet is None or line.arrived_seq is None:
        return
    posting.lock(*sorted({handout.wallet.book, line.wallet.book}))
    now = timezone.now()
    lots = [lot for lot in journal.lots(line.wallet.book, line.wallet.pk) if lot.made_by == line.arrived_seq]
    left = sum(lot.remaining - lot.held for lot in lots if not lot.has_expired(now))
    if left:
        sent = transfers.move(
            wallet=line.wallet, to=handout.wallet, amount=left, reason=reason, key=f"handout:{handout.pk}:{line.line}:back", by=by,
            lots_of=(line.arrived_seq,),
        )  # fmt: skip
        HandoutLine.objects.filter(pk=line.pk).update(back_seq=sent.left.seq, taken_back=left)


def _maker(handout: Handout) -> Actor:
    """As whom it is kept: who asked for it, however long it takes."""
    kind, number = handout.made_by.split(":")
    return Actor(ActorKind(kind), int(number))


def _locked(handout: Handout) -> Handout:
    return Handout.objects.select_for_update(of=("self",)).select_related("wallet").get(pk=handout.pk)
