"""What customers have besides, as the shop describes it: modules, and their records."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, customers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id
from chuzhi.api.idempotency import WELCOME, key_if_any
from chuzhi.api.pages import Limit
from chuzhi.customers import fields, history, modules, records
from chuzhi.customers.field_models import CustomModule
from chuzhi.customers.record_errors import RecordUnknown
from chuzhi.customers.record_models import Record

router = Router(tags=["Records of customers"])


class ModuleIn(Asked):
    name: str = Field(max_length=modules.LONGEST_NAME, examples=["Pets"])
    place: int = Field(0, ge=0, le=9999)


class ModuleChangeIn(Asked):
    """What is not named stays."""

    name: str | None = Field(None, max_length=modules.LONGEST_NAME, examples=["Pets"])
    place: int | None = Field(None, ge=0, le=9999)


class ModuleOut(Schema):
    id: str = Field(examples=["3"])
    name: str = Field(examples=["Pets"])
    place: int
    is_archived: bool


class ModuleList(Schema):
    items: list[ModuleOut]


class RecordIn(Asked):
    module: Id = Field(examples=["3"])
    values: dict[str, Any] = Field(description="By key: see `GET /customer-fields?module=` for what each takes")

    model_config = ConfigDict(json_schema_extra={"examples": [{"module": "3", "values": {"name": "Mimi"}}]})


class RecordChangeIn(Asked):
    values: dict[str, Any] = Field(description="What is not named stays. null: none", examples=[{"name": "Momo"}])
    version: int | None = Field(None, ge=1, description="As read: a change made in between is then refused", examples=[1])


class RecordRemoveIn(Asked):
    version: int | None = Field(None, ge=1, description="As read: a change made in between is then refused", examples=[1])


class RecordOut(Schema):
    id: str = Field(examples=["12"])
    module: str = Field(examples=["3"])
    customer: str = Field(examples=["30001"])
    values: dict[str, Any] = Field(description="By key; personal ones masked", examples=[{"name": "Mimi"}])
    version: int = Field(description="Grows with every change", examples=[1])
    made_at: str
    changed_at: str


class RecordList(Schema):
    items: list[RecordOut]
    next_cursor: str | None


@router.get(
    "/customer-modules", auth=KeyAuth("customers:read"), response=ModuleList, operation_id="listCustomerModules",
    summary="The shop's own modules",
)  # fmt: skip
def list_modules(request: ApiRequest) -> HttpResponse:
    """In order; archived ones too. Their fields: `GET /customer-fields?module=`."""
    return answers.respond({"items": [_module(one) for one in CustomModule.objects.all()]})


@router.post(
    "/customer-modules", auth=KeyAuth("fields:write"), response={201: ModuleOut}, operation_id="createCustomerModule",
    summary="Make a module",
)  # fmt: skip
def create_module(request: ApiRequest, asked: ModuleIn) -> HttpResponse:
    """Refusals: `module.name_invalid`, `module.name_taken`, `module.too_many`."""
    made = modules.define(name=asked.name, place=asked.place, by=request.auth)
    return answers.respond(_module(made), HTTPStatus.CREATED)


@router.patch(
    "/customer-modules/{module}", auth=KeyAuth("fields:write"), response=ModuleOut, operation_id="changeCustomerModule",
    summary="Give a module another name or place",
)  # fmt: skip
def change_module(request: ApiRequest, module: str, asked: ModuleChangeIn) -> HttpResponse:
    """Refusals: `module.unknown`, `module.name_invalid`, `module.name_taken`."""
    held = modules.named(named.number(module))
    return answers.respond(_module(modules.change(module=held, name=asked.name, place=asked.place, by=request.auth)))


@router.post(
    "/customer-modules/{module}/archive", auth=KeyAuth("fields:write"), response=ModuleOut,
    operation_id="archiveCustomerModule", summary="Offer a module no more",
)  # fmt: skip
def archive_module(request: ApiRequest, module: str) -> HttpResponse:
    """Its records stay and are not told; new ones are refused with `module.archived`. Refusals: `module.unknown`."""
    return answers.respond(_module(modules.archive(module=modules.named(named.number(module)), by=request.auth)))


@router.post(
    "/customer-modules/{module}/restore", auth=KeyAuth("fields:write"), response=ModuleOut,
    operation_id="restoreCustomerModule", summary="Take an archived module up again",
)  # fmt: skip
def restore_module(request: ApiRequest, module: str) -> HttpResponse:
    """Refusals: `module.unknown`, `module.too_many`."""
    return answers.respond(_module(modules.restore(module=modules.named(named.number(module)), by=request.auth)))


@router.get(
    "/customer-records", auth=KeyAuth("customers:read"), response=RecordList, operation_id="listModuleRecords",
    summary="The records of a module",
)  # fmt: skip
def of_module(
    request: ApiRequest, module: str, find: str = "", limit: Limit = pages.USUAL, cursor: str | None = None
) -> HttpResponse:
    """Of all customers, in the order in which they were added; `find`: a text in a field that is not personal.
    Refusals: `module.unknown`.
    """
    held = modules.named(named.number(module))
    rows = records.visible_to(request.auth).filter(module=held)
    if find:
        rows = records.found(rows, find[:100], fields.seen(request.auth, held))
    return _listed(request, rows, limit, cursor)


@router.get(
    "/customers/{customer}/records", auth=KeyAuth("customers:read"), response=RecordList,
    operation_id="listCustomerRecords", summary="What a customer has besides",
)  # fmt: skip
def of_customer(
    request: ApiRequest, customer: str, module: str | None = None, limit: Limit = pages.USUAL, cursor: str | None = None
) -> HttpResponse:
    """In the order in which they were added, of all modules in use or of one. Refusals: `customer.unknown`, `module.unknown`."""
    rows = records.visible_to(request.auth).filter(customer=customers.visible(request, customer))
    if module is not None:
        rows = rows.filter(module=modules.named(named.number(module)))
    return _listed(request, rows, limit, cursor)


@router.post(
    "/customers/{customer}/records", auth=KeyAuth("customers:write"), response={201: RecordOut},
    operation_id="addCustomerRecord", summary="Add a record to a customer", openapi_extra=WELCOME,
)  # fmt: skip
def add(request: ApiRequest, customer: str, asked: RecordIn) -> HttpResponse:
    """With an Idempotency-Key, asking twice adds one, and answers with it as it is by now.

    Refusals: `customer.unknown`, `module.unknown`, `module.archived`, `record.empty`, `record.too_many`,
    `idempotency.key_reused`, and those of fields, each with the field's key: `field.unknown`, `field.archived`,
    `field.required`, `field.not_a_choice` ….
    """
    made = records.add(
        customer=customers.visible(request, customer), module=modules.named(named.number(asked.module)),
        values=asked.values, key=key_if_any(request), by=request.auth,
    )  # fmt: skip
    return answers.respond(_one(request, made), HTTPStatus.CREATED)


@router.patch(
    "/customers/{customer}/records/{record}", auth=KeyAuth("customers:write"), response=RecordOut,
    operation_id="changeCustomerRecord", summary="Change a record of a customer",
)  # fmt: skip
def change(request: ApiRequest, customer: str, record: str, asked: RecordChangeIn) -> HttpResponse:
    """Refusals: `record.unknown`, `record.empty`, those of fields and, with a `version`, `record.changed_meanwhile`."""
    held = _found(request, customer, record)
    return answers.respond(
        _one(request, records.change(record=held, values=asked.values, version=asked.version, by=request.auth))
    )


@router.post(
    "/customers/{customer}/records/{record}/remove", auth=KeyAuth("customers:write"), response={204: None},
    operation_id="removeCustomerRecord", summary="Remove a record of a customer",
)  # fmt: skip
def remove(request: ApiRequest, customer: str, record: str, asked: RecordRemoveIn) -> HttpResponse:
    """It is told no more. Refusals: `record.unknown` and, with a `version`, `record.changed_meanwhile`."""
    records.remove(record=_found(request, customer, record), version=asked.version, by=request.auth)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _found(request: ApiRequest, customer: str, record: str) -> Record:
    person = customers.visible(request, customer)
    found = records.visible_to(request.auth).filter(pk=named.number(record) or 0, customer=person).first()
    if found is None:
        raise RecordUnknown
    return found


def _listed(request: ApiRequest, rows: QuerySet[Record], limit: int, cursor: str | None) -> HttpResponse:
    found = list(rows.order_by("pk").filter(pk__gt=pages.place_of(cursor) or 0)[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    some = found[:limit]
    seen = {module: fields.seen(request.auth, module) for module in {row.module for row in some}}
    return answers.respond({"items": [_told(row, seen[row.module]) for row in some], "next_cursor": following})


def _one(request: ApiRequest, record: Record) -> dict[str, Any]:
    return _told(record, fields.seen(request.auth, record.module))


def _told(record: Record, seen: list[fields.Seen]) -> dict[str, Any]:
    held = record.custom.all
    return {
        "id": str(record.pk), "module": str(record.module_id), "customer": str(record.customer_id),
        "values": {
            one.definition.key: history.MASK if one.definition.is_personal else held[one.definition.key]
            for one in seen if one.definition.key in held
        },
        "version": record.version, "made_at": answers.moment(record.made_at), "changed_at": answers.moment(record.changed_at),
    }  # fmt: skip


def _module(module: CustomModule) -> dict[str, Any]:
    return {
        "id": str(module.pk), "name": module.name, "place": module.place, "is_archived": module.archived_at is not None,
    }  # fmt: skip
