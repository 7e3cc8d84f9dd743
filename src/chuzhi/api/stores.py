from django.db.models import Prefetch
from ninja import Field, Router, Schema

from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.organization import stores
from chuzhi.organization.models import Store, Till

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
    tills: list[TillOut]

    @staticmethod
    def resolve_id(store: Store) -> str:
        return str(store.pk)

    @staticmethod
    def resolve_tills(store: Store) -> list[Till]:
        return list(store.tills.all())


class StoreList(Schema):
    items: list[StoreOut]


@router.get(
    "/stores", auth=KeyAuth("stores:read"), response=StoreList, operation_id="listStores", summary="List stores and tills"
)
def list_stores(request: ApiRequest) -> dict[str, object]:
    """The stores that the key works in, by code, each with its tills."""
    found = stores.visible_to(request.auth).prefetch_related(Prefetch("tills", Till.objects.order_by("name")))
    return {"items": found}
