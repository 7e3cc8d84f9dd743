"""Which agent a top-up came in through, as a row that belongs to the same fact: written with it, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from chuzhi.ledger.operations import Fact
from chuzhi.ledger.rows import Exchange, array, texts
from chuzhi.topups.models import AgentCredit

ROWS = """
    INSERT INTO top_up_agent (book, seq, request, agent)
    SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::text[], %s::text[])"""


@dataclass(frozen=True, slots=True)
class AgentNamed:
    """The number of the request, and the agent's label."""

    request: str
    agent: str

    @classmethod
    def write(cls, exchange: Exchange, rows: Sequence[tuple[Fact, Self]]) -> None:
        exchange.ask(
            ROWS,
            [
                array([fact.book for fact, _named in rows]),
                array([fact.seq for fact, _named in rows]),
                texts([named.request for _fact, named in rows]),
                texts([named.agent for _fact, named in rows]),
            ],
        )


def of(book: int, seq: int) -> AgentCredit | None:
    """The agent of a top-up, if it had one."""
    return AgentCredit.objects.filter(book=book, seq=seq).first()
