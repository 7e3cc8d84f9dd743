"""A provider calls: is it the provider, did we hear this before, and what follows from it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from chuzhi.core.gathering import Gathering, Pending, Running
from chuzhi.payments import arrivals, believing
from chuzhi.payments.accounts import gateway_of
from chuzhi.payments.arrivals import Word
from chuzhi.payments.gateways import contract
from chuzhi.payments.gateways.contract import Content, ForgedError, NotSentError, OutcomeUnknownError, Reply
from chuzhi.payments.models import Account, Notice

log = logging.getLogger(__name__)

LONGEST_BODY = 256 * 1024
ANSWER_WITHIN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Heard:
    """An authentic notice that waits to be kept and believed."""

    account: Account
    said: contract.Notice
    body: bytes

    @property
    def event(self) -> tuple[int, str]:
        """What it is of, once and for all."""
        return self.account.pk, self.said.event


def receive(*, account: Account, headers: Mapping[str, str], body: bytes) -> Reply:
    """Verify, keep, believe, and say what the provider wants to hear. Kept and believed together, so a crash between is none.

    Those that come at the same moment share a transaction. A fault of ours rises: the provider hears nothing good, and sends
    it again.
    """
    gateway = gateway_of(account)
    try:
        said = gateway.read(headers, body, now=timezone.now())
    except ForgedError as why:
        log.warning("notice to %s refused: %s", account.code, why)
        Notice.objects.create(account=account, verdict=Notice.Verdict.FORGED, remark=str(why)[:200], body=_text(body)[:2000])
        return gateway.reply(accepted=False)
    except (NotSentError, OutcomeUnknownError) as fault:
        log.warning("notice to %s cannot be looked into now and comes again: %s", account.code, fault)
        return gateway.reply(accepted=False)
    heard = Heard(account, said, body)
    if connection.in_atomic_block:
        _keep([heard])
    else:
        waiting: Pending[Heard, bool] = Pending(heard)
        _lane()[0].queue.put(waiting)
        waiting.result(ANSWER_WITHIN_SECONDS)
    return gateway.reply(accepted=True)


class Lane(Gathering[Heard, bool]):
    """The one thread of a process that keeps and believes."""

    largest = 64

    def work(self, asked: Sequence[Heard]) -> list[bool]:
        close_old_connections()
        _keep(asked)
        return [True] * len(asked)


@transaction.atomic
def _keep(heard: Sequence[Heard]) -> None:
    """What was heard before changes nothing. Should another process hear it at this moment, believing it twice does not either."""
    fresh = _unheard(heard)
    verdicts = believing.contents([(each.account, each.said.content) for each in fresh])
    arrivals.keep([_word(each, verdict) for each, verdict in zip(fresh, verdicts, strict=True)])


def _unheard(heard: Sequence[Heard]) -> list[Heard]:
    known = arrivals.known([each.event for each in heard])
    fresh = []
    for each in heard:
        if each.event not in known:
            fresh.append(each)
        if each.said.event:
            known.add(each.event)
    return fresh


def _word(heard: Heard, verdict: Notice.Verdict) -> Word:
    said = heard.said
    return Word(heard.account.pk, said.event, said.kind[:80], _number(said.content), verdict, _text(heard.body))


def _number(content: Content | None) -> str:
    return content.number[:32] if content else ""


def _text(body: bytes) -> str:
    return body.decode(errors="backslashreplace").replace("\0", "\\x00")


_lane = Running(lambda: [Lane("notices")])
