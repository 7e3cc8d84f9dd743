from datetime import date

from ninja import Field, Router, Schema

from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.core.errors import NotFound
from chuzhi.core.packs import reading
from chuzhi.core.packs.errors import Told, Worded
from chuzhi.core.packs.rules import Pack, Rule

router = Router(tags=["Rule packs"])


class RuleOut(Schema):
    id: str = Field(description="Named by refusals and calculations that come from it", examples=["cn.held.named"])
    pack: str = Field(description="The pack that says it: this one, or one that it builds on", examples=["cn-national"])
    topic: str = Field(examples=["most_held"])
    of: str = Field(description="Narrows it: `named`, `bearer`, `person`, `unit`, `customer`, `merchant`", examples=["named"])
    value: int | bool | str = Field(description="An amount in minor units of the pack, days, yes or no, or a word")
    reason: str = Field(description="In the language of Accept-Language")
    source: str
    checked_on: str | None = Field(description="When it was compared with the official gazette; null: not yet")
    first_on: str | None = Field(examples=["2012-11-01"])
    last_on: str | None


class PackOut(Schema):
    id: str = Field(examples=["cn-shanghai"])
    name: str
    builds_on: str | None = Field(examples=["cn-national"])
    currency: str | None = Field(description="What its amounts are in", examples=["CNY"])
    rules: list[RuleOut]


class PackList(Schema):
    items: list[PackOut]


@router.get("/packs", auth=KeyAuth("stores:read"), response=PackList, operation_id="listPacks", summary="List rule packs")
def list_packs(request: ApiRequest) -> dict[str, object]:
    """What law and policy say about stored value, by jurisdiction, with dates and sources."""
    return {"items": [_pack(pack) for pack in reading.packs().values()]}


@router.get("/packs/{pack}", auth=KeyAuth("stores:read"), response=PackOut, operation_id="getPack", summary="One rule pack")
def get_pack(request: ApiRequest, pack: str) -> dict[str, object]:
    """Its own rules first, then those of the pack it builds on: the first that fits a day and a case answers."""
    if pack not in reading.packs():
        raise NotFound
    return _pack(reading.pack(pack))


def _pack(pack: Pack) -> dict[str, object]:
    return {
        "id": pack.id,
        "name": str(Worded(pack.name)),
        "builds_on": pack.builds_on or None,
        "currency": pack.currency or None,
        "rules": [_rule(rule) for rule in pack.rules],
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "pack": rule.pack,
        "topic": rule.topic.value,
        "of": rule.of,
        "value": rule.value,
        "reason": str(Told(rule)),
        "source": str(Worded(rule.source.title)),
        "checked_on": rule.source.checked_on.isoformat() if rule.source.checked_on else None,
        "first_on": rule.first_on.isoformat() if rule.first_on > date.min else None,
        "last_on": rule.last_on.isoformat() if rule.last_on < date.max else None,
    }
