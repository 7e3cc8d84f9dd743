from dataclasses import asdict

from django.db.models import Prefetch
from ninja import Field, Router, Schema

from chuzhi.api import named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.core.packs.rules import Pack
from chuzhi.organization import stores
from chuzhi.organization.models import Store, Till
from chuzhi.wallets import pack_changes
from chuzhi.wallets.pack_changes import Reported

router = Router(tags=["Stores"])


class TillOut(Schema):
    id: str = Field(examples=["3"])
    name: str = Field(examples=["Till 1"])
    is_open: bool

    @staticmethod
    def resolve_id(till: Till) -> str:
        return str(till.pk)


class StoreOut(Schema):
    id: str = Field(examples=["12"])
    code: str = Field(examples=["NJ-01"])
    name: str
    time_zone: str = Field(examples=["Asia/Shanghai"])
    is_open: bool
    pack: str = Field(description="Whose rules hold there: see `GET /packs`", examples=["cn-shanghai"])
    tills: list[TillOut]

    @staticmethod
    def resolve_id(store: Store) -> str:
        return str(store.pk)

    @staticmethod
    def resolve_tills(store: Store) -> list[Till]:
        return list(store.tills.all())


class StoreList(Schema):
    items: list[StoreOut]


class ChangeOut(Schema):
    """What the two packs answer to one question; null: nothing."""

    topic: str = Field(examples=["most_held"])
    of: str = Field(examples=["named"])
    before: str | None = Field(description="The id of the rule now", examples=[None])
    after: str | None = Field(examples=["cn.held.named"])


class CountsOut(Schema):
    wallets: int
    limits: int
    is_over: int = Field(description="Hold more than the new ceiling: they stay, and cannot be topped up here")
    expiry: int
    refund: int


class AffectedOut(Schema):
    wallet: str = Field(examples=["40001"])
    kind: str = Field(description="`named` or `bearer`", examples=["named"])
    balance: int
    changes: list[str] = Field(description="`limits`, `is_over`, `expiry`, `refund`", examples=[["limits"]])


class ReportedOut(Schema):
    """What a pack makes of this store's own part, in the period that is under way."""

    currency: str | None = Field(examples=["CNY"])
    unspent: int = Field(description="What the store sold and customers have not spent; minor units of the pack's currency")
    custody: int = Field(description="The share of it that is kept apart")
    first_on: str = Field(examples=["2026-01-01"])
    last_on: str = Field(examples=["2026-03-31"])
    due_on: str | None = Field(examples=["2026-04-21"])


class ReportsOut(Schema):
    before: ReportedOut
    after: ReportedOut


class PackPreviewOut(Schema):
    before: str = Field(examples=["none"])
    after: str = Field(examples=["cn-national"])
    changes: list[ChangeOut]
    reports: ReportsOut
    counts: CountsOut
    items: list[AffectedOut]
    next_cursor: str | None


class PackChoice(Asked):
    pack: str = Field(max_length=40, examples=["cn-shanghai"])


@router.get(
    "/stores", auth=KeyAuth("stores:read"), response=StoreList, operation_id="listStores", summary="List stores and tills"
)
def list_stores(request: ApiRequest) -> dict[str, object]:
    """The stores that the key works in, by code, each with its tills."""
    found = stores.visible_to(request.auth).prefetch_related(Prefetch("tills", Till.objects.order_by("name")))
    return {"items": found}


@router.get(
    "/stores/{store}/pack/preview",
    auth=KeyAuth("stores:write"),
    response=PackPreviewOut,
    operation_id="previewPack",
    summary="What would change, and for whom, if a store followed another rule pack",
)
def preview_pack(
    request: ApiRequest, store: str, pack: str, limit: Limit = pages.USUAL, cursor: str | None = None
) -> dict[str, object]:
    """Changes nothing. Accounts are those that hold value, by number. Refusals: `pack.unknown`."""
    found = pack_changes.preview(
        store=_found(request, store), pack=pack[:40], by=request.auth, after=pages.place_of(cursor) or 0, limit=limit
    )
    return {
        "before": found.before.id,
        "after": found.after.id,
        "changes": [
            {
                "topic": each.topic.value, "of": each.of, "before": each.before.id if each.before else None,
                "after": each.after.id if each.after else None,
            }
            for each in found.differences
        ],
        "reports": {
            "before": _reported(found.before, found.reports[0]), "after": _reported(found.after, found.reports[1])
        },
        "counts": asdict(found.counts),
        "items": [
            {
                "wallet": str(row.wallet), "kind": "named" if row.is_named else "bearer", "balance": row.balance,
                "changes": [name for name in ("limits", "is_over", "expiry", "refund") if getattr(row, name)],
            }
            for row in found.wallets
        ],
        "next_cursor": pages.cursor(found.following) if found.following else None,
    }  # fmt: skip


@router.post(
    "/stores/{store}/pack",
    auth=KeyAuth("stores:write"),
    response=StoreOut,
    operation_id="choosePack",
    summary="Choose the rule pack of a store",
)
def choose_pack(request: ApiRequest, store: str, asked: PackChoice) -> Store:
    """From now on its limits and refunds follow that pack. Choosing the same again changes nothing. Refusals: `pack.unknown`."""
    return stores.choose_pack(store=_found(request, store), pack=asked.pack, by=request.auth)


def _reported(pack: Pack, told: Reported) -> dict[str, object]:
    return {
        "currency": pack.currency or None, "unspent": told.custody.base, "custody": told.custody.required,
        "first_on": str(told.first), "last_on": str(told.last), "due_on": str(told.due[0]) if told.due else None,
    }  # fmt: skip


def _found(request: ApiRequest, given: str) -> Store:
    number = named.number(given)
    found = None if number is None else stores.visible_to(request.auth).filter(pk=number).first()
    if found is None:
        raise NotFound
    return found
