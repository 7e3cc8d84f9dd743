"""Acts on many wallets: planned with a count, done by the worker where they are many, told row by row.

A freeze is a move of the ledger: it is not undone, but answered by its opposite.
"""

from http import HTTPStatus
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field, ValidationError

from chuzhi.api import answers, customer_acts, named, pages, programmes
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.customer_acts import SAMPLE, STATES
from chuzhi.api.fields import Asked, Day, Id, Reason
from chuzhi.api.pages import Limit
from chuzhi.api.programmes import ProgrammeUnknown
from chuzhi.organization.lists import acting, keeping
from chuzhi.organization.lists.errors import ChooseOneWay, ViewUnknown, ViewUnusable
from chuzhi.organization.lists.models import BulkAct
from chuzhi.wallets import acts, choosing, moves, queries, tasks
from chuzhi.wallets.acts import WALLETS
from chuzhi.wallets.choosing import Wanted

router = Router(tags=["Wallets"])


class WalletFilters(Asked):
    """Wallets of which all of it is so; what is not named asks for nothing. The words are those of the list's address."""

    programme: Id | None = Field(default=None, examples=["1"])
    holder: Literal["named", "bearer"] | None = None
    opened_since: Day | None = None
    opened_until: Day | None = None


class WalletActIn(Asked):
    """Which it is about, in one of three ways. What is opened later is not among them."""

    wallets: list[Id] | None = Field(default=None, max_length=acting.MOST_ROWS, examples=[["40001", "40002"]])
    filters: WalletFilters | None = Field(default=None, description="All of which this is so; `{}`: all wallets")
    view: Id | None = Field(
        default=None, description="All that a view of the console's list shows: `view` of its address", examples=["7"]
    )


class WalletActStartIn(Asked):
    do: Literal["freeze", "unfreeze"]
    reason: Reason = Field(examples=["court order 7"])


class SampledWallet(Schema):
    id: str = Field(examples=["40001"])
    customer: str | None = Field(description="null: a bearer's", examples=["30001"])
    programme: str = Field(examples=["1"])


class WalletActCounts(Schema):
    waiting: int = Field(examples=[0])
    done: int = Field(examples=[118])
    refused: int = Field(description="See `/refused`", examples=[0])


class WalletActOut(Schema):
    id: str = Field(examples=["9"])
    state: str = Field(description="`planned`, `running`, `done`", examples=["planned"])
    do: str | None = Field(description="null while it is planned", examples=[None])
    reason: str | None
    count: int = Field(description="How many wallets it is about", examples=[118])
    counts: WalletActCounts
    sample: list[SampledWallet] = Field(description="The first of them")
    planned_at: str


class RefusedWallet(Schema):
    wallet: str = Field(examples=["40001"])
    code: str = Field(examples=["wallet.closed"])
    detail: str


class RefusedWalletList(Schema):
    items: list[RefusedWallet]
    next_cursor: str | None


@router.post(
    "/wallet-acts", auth=KeyAuth("wallets:bulk"), response={201: WalletActOut},
    operation_id="planWalletAct", summary="Choose wallets for an act on many",
)  # fmt: skip
def plan(request: ApiRequest, asked: WalletActIn) -> HttpResponse:
    """A preview: how many, and the first of them. Nothing is done yet; a plan that is not started is forgotten after a day.

    Refusals: `bulk.choose_one_way`, `bulk.nothing_chosen`, `list.too_long` (more than 20,000), `programme.unknown`,
    `saved_view.unknown`, and `saved_view.unusable`: a view that asks for something gone.
    """
    act = acting.plan(list_name=WALLETS, subjects=_chosen(request, asked), store=None, by=request.auth)
    return answers.respond(_told(request, act), HTTPStatus.CREATED)


@router.get(
    "/wallet-acts/{act}", auth=KeyAuth("wallets:bulk"), response=WalletActOut,
    operation_id="getWalletAct", summary="How far an act on many wallets is",
)  # fmt: skip
def get_act(request: ApiRequest, act: str) -> HttpResponse:
    """What this program planned. Refusals: `bulk.unknown`."""
    return answers.respond(_told(request, customer_acts.planned(request, act, WALLETS)))


@router.post(
    "/wallet-acts/{act}/start", auth=KeyAuth("wallets:bulk"), response=WalletActOut,
    operation_id="startWalletAct", summary="Freeze all of them, or unfreeze them",
)  # fmt: skip
def start(request: ApiRequest, act: str, asked: WalletActStartIn) -> HttpResponse:
    """Up to 200 are done when this answers; of more, the worker does them and `state` says `running`. One that is refused does
    not stop the others. Asked twice, the second is refused and nothing is done twice. Nothing here is undone: a freeze is
    answered by another act that unfreezes.

    Refusals: `bulk.unknown`, `bulk.decided`, `reason.missing`.
    """
    found = customer_acts.planned(request, act, WALLETS)
    acting.start(act=found, kind=asked.do, arguments={"reason": moves.reason(asked.reason)}, by=request.auth)
    tasks.carry_out(found)
    return answers.respond(_told(request, customer_acts.planned(request, act, WALLETS)))


@router.get(
    "/wallet-acts/{act}/refused", auth=KeyAuth("wallets:bulk"), response=RefusedWalletList,
    operation_id="listRefusedByWalletAct", summary="Wallets that an act on many was not done to",
)  # fmt: skip
def list_refused(request: ApiRequest, act: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Each with its reason. Refusals: `bulk.unknown`."""
    found = customer_acts.planned(request, act, WALLETS)
    return answers.respond(customer_acts.refused(found, "wallet", limit, cursor))


def _chosen(request: ApiRequest, asked: WalletActIn) -> list[int]:
    if sum(said is not None for said in (asked.wallets, asked.filters, asked.view)) != 1:
        raise ChooseOneWay
    if asked.wallets is not None:
        return acts.visible(WALLETS, [int(one) for one in asked.wallets], request.auth)
    wanted = _wanted(asked.filters or WalletFilters()) if asked.view is None else _wanted_of_view(request, asked.view)
    found = choosing.found(wanted, by=request.auth).order_by("pk").values_list("pk", flat=True)
    return list(found[: acting.MOST_ROWS + 1])


def _wanted(asked: WalletFilters) -> Wanted:
    programme = programmes.named(asked.programme).pk if asked.programme else None
    return Wanted(programme, asked.holder or "", asked.opened_since, asked.opened_until)


def _wanted_of_view(request: ApiRequest, given: str) -> Wanted:
    view = keeping.visible_to(request.auth, WALLETS).filter(pk=named.number(given) or 0).first()
    if view is None:
        raise ViewUnknown
    try:
        return _wanted(WalletFilters.model_validate(view.filters))
    except (ValidationError, ProgrammeUnknown):
        raise ViewUnusable from None


def _told(request: ApiRequest, act: BulkAct) -> dict[str, Any]:
    tally = acting.tally(act)
    some = act.rows.order_by("pk").values_list("subject", flat=True)[:SAMPLE]
    seen = {wallet.pk: wallet for wallet in queries.visible_to(request.auth).filter(pk__in=list(some))}
    return {
        "id": str(act.pk), "state": act.state, "do": act.kind or None, "reason": act.arguments.get("reason"),
        "count": sum(tally.values()),
        "counts": {state.value: tally.get(state.value, 0) for state in (STATES.WAITING, STATES.DONE, STATES.REFUSED)},
        "sample": [
            {"id": str(pk), "customer": str(held.customer_id) if held.customer_id else None, "programme": str(held.programme_id)}
            for pk, held in sorted(seen.items())
        ],
        "planned_at": answers.moment(act.planned_at),
    }  # fmt: skip
