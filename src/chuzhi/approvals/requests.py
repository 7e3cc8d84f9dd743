"""A request is made, decided, withdrawn; an approved one is carried out exactly once, whatever is killed in between."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from chuzhi.approvals import authority, kinds, people, reactions
from chuzhi.approvals.errors import BeyondYou, Decided, NotYours, WordsMissing, YourOwn
from chuzhi.approvals.kinds import Kind
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import is_one_person
from chuzhi.core import audit, money
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.organization.authority import require

log = logging.getLogger(__name__)

ASK = "approvals.ask"
LASTS = timedelta(days=7)
LONGEST_WORDS = 200
LEFT_ALONE_FOR = timedelta(minutes=1)
"""An approved request younger than this is probably being carried out by whoever signed it."""


@transaction.atomic
def ask(
    *,
    kind: Kind,
    arguments: Mapping[str, Any],
    amount: int,
    asset: str,
    subject: str,
    reason: str,
    evidence: str,
    key: str,
    by: Actor,
    store: int | None = None,
    benefits: str | None = None,
    lasts: timedelta = LASTS,
) -> Request:
    """Keep a command for somebody else to sign. Asking twice with one key asks once.

    `benefits` is the e-mail of whoever would gain by it: an account with that address cannot sign.
    """
    require(by, ASK)
    asked_for = hashlib.sha256(f"{by.label}\0{key}".encode()).digest()[:16]
    request, made = Request.objects.get_or_create(
        asked_for=asked_for,
        defaults={
            "kind": kind.name, "arguments": dict(arguments), "amount": money.check(amount), "asset": asset, "subject": subject,
            "store": store, "reason": _words(reason), "evidence": _words(evidence), "benefits": benefits, "asked_by": by.label,
            "expires_at": timezone.now() + lasts,
        },
    )  # fmt: skip
    if made:
        audit.record("approval.asked", _subject(request), by=by, kind=kind.name, amount=amount, about=subject)
        reactions.announce(request)
    return request


def approve(*, request: Request, by: Actor) -> Request:
    """Sign it, and carry it out. The signature is kept first: a crash in between is made good by `finish_unfinished`."""
    return carry_out(_signed(request, by))


@transaction.atomic(durable=True)
def _signed(request: Request, by: Actor) -> Request:
    request = _for_decision(request, by)
    _decide(request, Request.State.APPROVED, by, "")
    return request


@transaction.atomic(durable=True)
def refuse(*, request: Request, reason: str, by: Actor) -> Request:
    request = _for_decision(request, by)
    _decide(request, Request.State.REFUSED, by, _words(reason))
    return request


@transaction.atomic(durable=True)
def withdraw(*, request: Request, by: Actor) -> Request:
    """Only by whoever asked, and only while nobody has decided."""
    request = _waiting(request)
    if not is_one_person(people.marks(request.asked_by), people.marks(by.label)):
        raise NotYours
    request.state = Request.State.WITHDRAWN
    request.save(update_fields=["state"])
    audit.record("approval.withdrawn", _subject(request), by=by)
    return request


def carry_out(request: Request) -> Request:
    """Run the command of a signed request under the request's own key, and write down what came of it."""
    maker, signer = people.recalled(request.asked_by), people.recalled(request.decided_by)
    values = {"state": Request.State.DONE, "result": "", "refusal": "", "refusal_said": ""}
    try:
        command = kinds.command_of(request.kind)
        values["result"] = command(asked=request.arguments, key=f"approval:{request.key}", by=maker, approved_by=signer)
    except Refused as no:
        values |= {"state": Request.State.FAILED, "refusal": no.code, "refusal_said": str(no)}
    with transaction.atomic():
        is_first = Request.objects.filter(pk=request.pk, state=Request.State.APPROVED).update(**values)
        request.refresh_from_db()
        if is_first:
            audit.record(f"approval.{request.state}", _subject(request), by=signer, result=request.result)
            reactions.announce(request)
    return request


def finish_unfinished() -> int:
    """For the clock: carry out what was signed and not finished. Answers how many."""
    long_ago = timezone.now() - LEFT_ALONE_FOR
    signed = list(Request.objects.filter(state=Request.State.APPROVED, decided_at__lt=long_ago).order_by("pk"))
    for request in signed:
        carry_out(request)
    return len(signed)


def expire_overdue() -> int:
    """For the clock: what nobody decided in time is closed. Its time decides, not this: nobody can sign it after that."""
    overdue = list(Request.objects.filter(state=Request.State.WAITING, expires_at__lte=timezone.now()).order_by("pk"))
    for request in overdue:
        with transaction.atomic():
            if Request.objects.filter(pk=request.pk, state=Request.State.WAITING).update(state=Request.State.EXPIRED):
                request.refresh_from_db()
                reactions.announce(request)
    return len(overdue)


def _waiting(request: Request) -> Request:
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not request.is_waiting:
        raise Decided
    return request


def _for_decision(request: Request, by: Actor) -> Request:
    require(by, authority.DECIDE)
    request = _waiting(request)
    mine = people.marks(by.label)
    if is_one_person(people.marks(request.asked_by), mine) or people.is_theirs(request.benefits, mine):
        raise YourOwn
    if not authority.is_for(kinds.named(request.kind), request.amount, by=by):
        raise BeyondYou
    return request


def _decide(request: Request, state: Request.State, by: Actor, answer: str) -> None:
    request.state, request.decided_by, request.decided_at, request.answer = state, by.label, timezone.now(), answer
    request.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    audit.record(f"approval.{state}", _subject(request), by=by, kind=request.kind, amount=request.amount)
    reactions.announce(request)


def _words(given: str) -> str:
    clean = "".join(each for each in given if each.isprintable()).strip()
    if not 0 < len(clean) <= LONGEST_WORDS:
        raise WordsMissing(most=LONGEST_WORDS)
    return clean


def _subject(request: Request) -> str:
    return f"approval:{request.pk}"
