"""Ceilings of top-ups: what applies to a wallet and why, and what the shop set."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Id
from chuzhi.ledger.chart import Method
from chuzhi.limits import shop
from chuzhi.limits.errors import LimitUnknown
from chuzhi.limits.models import Limit
from chuzhi.limits.rules import Bound, Kind, Scope
from chuzhi.wallets import ceilings, queries
from chuzhi.wallets.ceilings import Ceilings
from chuzhi.wallets.errors import WalletUnknown

router = Router(tags=["Limits"])

KIND = "^(at_once|a_day|rolling|held)$"
METHOD = "^(cash|terminal|bank|wechat|alipay|stripe|crypto)?$"
CHANNEL = "^(counter|web|phone|link|agent|partner|auto|kiosk|program)?$"


class ScopeOut(Schema):
    """For whom it holds; null narrows nothing."""

    customer: str | None
    tier: str | None
    channel: str | None
    method: str | None
    holder: str | None
    pack: str | None


class LimitIn(Asked):
    kind: str = Field(pattern=KIND, description="`at_once`, `a_day` (calendar), `rolling` (24 hours), `held` (balance)")
    currency: str = Field(min_length=1, max_length=40, examples=["CNY"])
    amount: Amount = Field(examples=[500000])
    customer: Id | None = None
    tier: str = Field("", max_length=20)
    channel: str = Field("", pattern=CHANNEL)
    method: str = Field("", pattern=METHOD)
    holder: str = Field("", pattern="^(named|bearer)?$")
    pack: str = Field("", max_length=40)


class LimitOut(Schema):
    id: str = Field(examples=["4"])
    kind: str = Field(examples=["a_day"])
    currency: str = Field(examples=["CNY"])
    amount: int = Field(examples=[500000])
    scope: ScopeOut


class LimitList(Schema):
    items: list[LimitOut]


class BoundOut(Schema):
    amount: int = Field(examples=[500000])
    origin: str = Field(description="`law`, `terms`, `shop` or `raise`", examples=["law"])
    rule: str | None = Field(description="The rule of the pack", examples=["cn.held.named"])
    reference: str | None = Field(description="The limit, the application, or the version of the terms", examples=["4"])
    raised_from: int | None = Field(description="What it would be without the raise")
    scope: ScopeOut
    used: int | None = Field(description="What counts against it so far, where it adds up")
    applies: bool = Field(description="true: the strictest of its kind")


class KindOut(Schema):
    kind: str = Field(examples=["held"])
    limit: int | None = Field(description="The effective limit; null: none", examples=[500000])
    bounds: list[BoundOut] = Field(description="All there are, strictest first")


class EffectiveOut(Schema):
    wallet: str = Field(examples=["40001"])
    currency: str = Field(examples=["CNY"])
    pack: str = Field(examples=["cn-shanghai"])
    tier: str | None
    limits: list[KindOut]


class Way(Schema):
    """How the money would come; what is left out stands for all ways together."""

    store: str | None = Field(None, pattern="^[1-9][0-9]{0,8}$")
    method: str = Field("", pattern=METHOD)
    channel: str = Field("", pattern=CHANNEL)


@router.get(
    "/wallets/{wallet}/limits",
    auth=KeyAuth("limits:read"),
    response=EffectiveOut,
    operation_id="getWalletLimits",
    summary="The effective limits of a wallet, and where they come from",
)
def wallet_limits(request: ApiRequest, wallet: str, way: Query[Way]) -> HttpResponse:
    """The law's, the programme's and the shop's ceilings in a store, by a method, through a channel; raises included."""
    number = named.number(wallet)
    found = None if number is None else queries.visible_to(request.auth).filter(pk=number).first()
    if found is None:
        raise WalletUnknown
    method = Method[way.method.upper()] if way.method else None
    store = int(way.store) if way.store else None
    return answers.respond(_effective(ceilings.of(found, store=store, method=method, channel=way.channel)))


@router.get(
    "/limits", auth=KeyAuth("limits:read"), response=LimitList, operation_id="listLimits", summary="List the shop's limits"
)
def list_limits(request: ApiRequest) -> dict[str, object]:
    """What the shop set itself; programmes and packs have theirs."""
    return {"items": [_limit(row) for row in shop.visible_to(request.auth)]}


@router.post("/limits", auth=KeyAuth("limits:write"), response={200: LimitOut}, operation_id="setLimit", summary="Set a limit")
def set_limit(request: ApiRequest, asked: LimitIn) -> HttpResponse:
    """A second one for the same scope takes the place of the first; sent twice, it is set once. Refusals: `limit.unusable`."""
    scope = Scope(
        customer=int(asked.customer) if asked.customer else None,
        tier=asked.tier,
        channel=asked.channel,
        method=asked.method,
        holder=asked.holder,
        pack=asked.pack,
    )
    made = shop.set_limit(kind=asked.kind, asset=asked.currency, amount=asked.amount, scope=scope, by=request.auth)
    return answers.respond(_limit(made))


@router.post(
    "/limits/{limit}/lift", auth=KeyAuth("limits:write"), response={204: None}, operation_id="liftLimit", summary="Lift a limit"
)
def lift_limit(request: ApiRequest, limit: str) -> HttpResponse:
    """What else there is applies from now on. Refusals: `limit.unknown`."""
    number = named.number(limit)
    found = None if number is None else Limit.objects.filter(pk=number).first()
    if found is None:
        raise LimitUnknown
    shop.lift(limit=found, by=request.auth)
    return HttpResponse(status=204)


def _effective(found: Ceilings) -> dict[str, Any]:
    return {
        "wallet": str(found.wallet.pk),
        "currency": found.programme.asset_code,
        "pack": found.situation.pack,
        "tier": found.situation.tier or None,
        "limits": [_kind(found, kind) for kind in Kind],
    }


def _kind(found: Ceilings, kind: Kind) -> dict[str, Any]:
    decisive = found.decisive(kind)
    mine = sorted((bound for bound in found.bounds if bound.kind is kind), key=lambda bound: bound.amount)
    return {
        "kind": str(kind),
        "limit": decisive.amount if decisive else None,
        "bounds": [_bound(found, bound) | {"applies": bound is decisive} for bound in mine],
    }


def _bound(found: Ceilings, bound: Bound) -> dict[str, Any]:
    return {
        "amount": bound.amount,
        "origin": str(bound.origin),
        "rule": bound.rule.id if bound.rule else None,
        "reference": str(bound.number) if bound.number else None,
        "raised_from": bound.raised_from.amount if bound.raised_from else None,
        "scope": _scope(bound.scope, bound.scope.customer),
        "used": ceilings.used_of(found, bound, timezone.now()) if bound.is_total else None,
    }


def _limit(row: Limit) -> dict[str, Any]:
    scope = _scope(row, row.customer_id)
    return {"id": str(row.pk), "kind": row.kind, "currency": row.asset, "amount": row.amount, "scope": scope}


def _scope(of: Scope | Limit, customer: int | None) -> dict[str, Any]:
    plain = {name: str(getattr(of, name)) or None for name in ("tier", "channel", "method", "holder", "pack")}
    return plain | {"customer": str(customer) if customer else None}
