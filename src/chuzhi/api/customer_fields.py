from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, named
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id
from chuzhi.customers import fields, history, modules
from chuzhi.customers.field_errors import DefinitionUnknown
from chuzhi.customers.field_models import CustomField
from chuzhi.customers.models import Customer
from chuzhi.customers.rules import Kind

router = Router(tags=["Fields of customers"])


class ChoiceIn(Asked):
    key: str = Field(max_length=40, examples=["l"])
    zh: str = Field(max_length=fields.LONGEST_LABEL, examples=["大"])
    en: str = Field(max_length=fields.LONGEST_LABEL, examples=["Large"])


class FieldShapeIn(Asked):
    """What can be changed at any time; what is not named stays."""

    label_zh: str = Field("", max_length=fields.LONGEST_LABEL, examples=["尺码"])
    label_en: str = Field("", max_length=fields.LONGEST_LABEL, examples=["Size"])
    help_zh: str = Field("", max_length=fields.LONGEST_HELP)
    help_en: str = Field("", max_length=fields.LONGEST_HELP)
    is_required: bool = False
    seen_by: str = Field("", max_length=60, description="A permission; empty: whoever sees customers", examples=["risk.view"])
    place: int = Field(0, ge=0, le=9999)
    options: list[ChoiceIn] = Field([], max_length=fields.MOST_OPTIONS, description="Of choice and choices")


class FieldIn(FieldShapeIn):
    """Key, kind, currency and `is_personal` stay as they are made."""

    module: Id | None = Field(None, description="Of the records of this module; absent: of customers", examples=["3"])
    key: str = Field(max_length=60, examples=["size"])
    kind: str = Field(pattern=f"^({'|'.join(Kind)})$", examples=["choice"])
    currency: str = Field("", max_length=3, description="Of money", examples=["CNY"])
    is_personal: bool = Field(default=False, description="Sealed, told masked, cannot be filtered by")


class ChoiceOut(Schema):
    key: str
    zh: str
    en: str
    is_offered: bool = Field(description="False: taken away, and still held by whoever has it")


class CustomerFieldOut(Schema):
    """`kind` says what a value is: text, long_text, phone, email, link: text; whole, money (minor units): a whole number;
    decimal: text such as "12.5"; day: "2026-05-31"; yes_no: true or false; choice: a key; choices: a list of keys; store, staff:
    an id.
    """

    id: str
    module: str | None = Field(description="Whose records have it; null: customers", examples=[None])
    key: str = Field(examples=["size"])
    kind: str = Field(examples=["choice"])
    label_zh: str
    label_en: str
    help_zh: str
    help_en: str
    is_required: bool
    is_personal: bool
    seen_by: str
    currency: str
    place: int
    options: list[ChoiceOut]
    is_archived: bool


class CustomerFieldList(Schema):
    items: list[CustomerFieldOut]


@router.get(
    "/customer-fields",
    auth=KeyAuth("customers:read"),
    response=CustomerFieldList,
    operation_id="listCustomerFields",
    summary="The shop's own fields of customers",
)
def list_fields(request: ApiRequest, module: str | None = None) -> HttpResponse:
    """Those that this key sees, in order; archived ones too. With `module`, the fields of its records. Refusals: `module.unknown`."""
    of = None if module is None else modules.named(named.number(module))
    return answers.respond({"items": [_told(one) for one in fields.visible_to(request.auth, of)]})


@router.post(
    "/customer-fields",
    auth=KeyAuth("fields:write"),
    response={201: CustomerFieldOut},
    operation_id="createCustomerField",
    summary="Make a field of customers",
)
def create(request: ApiRequest, asked: FieldIn) -> HttpResponse:
    """Refusals: `field.key_invalid`, `field.key_taken`, `field.label_missing`, `field.options_invalid`,
    `field.permission_unknown`, `field.too_many`, `currency.unknown`, `module.unknown`.
    """
    module = None if asked.module is None else modules.named(named.number(asked.module))
    made = fields.define(
        module=module,
        key=asked.key, kind=Kind(asked.kind), is_personal=asked.is_personal, currency=asked.currency, by=request.auth,
        **_shape(asked, FieldShapeIn.model_fields.keys()),
    )  # fmt: skip
    return answers.made(_told(made), replayed=False)


@router.patch(
    "/customer-fields/{field}",
    auth=KeyAuth("fields:write"),
    response=CustomerFieldOut,
    operation_id="changeCustomerField",
    summary="Change a field of customers",
)
def change(request: ApiRequest, field: str, asked: FieldShapeIn) -> HttpResponse:
    """Refusals: `field.definition_unknown`, `field.label_missing`, `field.options_invalid`, `field.permission_unknown`."""
    changed = fields.change(field=_found(field), by=request.auth, **_shape(asked, asked.model_fields_set))
    return answers.respond(_told(changed))


@router.post(
    "/customer-fields/{field}/archive",
    auth=KeyAuth("fields:write"),
    response=CustomerFieldOut,
    operation_id="archiveCustomerField",
    summary="Ask for a field no more",
)
def archive(request: ApiRequest, field: str) -> HttpResponse:
    """Its values stay; giving one is refused with `field.archived`. Refusals: `field.definition_unknown`."""
    fields.archive(field=_found(field), by=request.auth)
    return answers.respond(_told(_found(field)))


@router.post(
    "/customer-fields/{field}/restore",
    auth=KeyAuth("fields:write"),
    response=CustomerFieldOut,
    operation_id="restoreCustomerField",
    summary="Take an archived field up again",
)
def restore(request: ApiRequest, field: str) -> HttpResponse:
    """Refusals: `field.definition_unknown`, `field.too_many`."""
    fields.restore(field=_found(field), by=request.auth)
    return answers.respond(_told(_found(field)))


def values(request: ApiRequest, customer: Customer) -> dict[str, Any]:
    """What the shop's own fields hold of somebody, as far as this key sees it: personal ones masked."""
    held = customer.custom.all
    seen = [one.definition for one in fields.seen(request.auth) if one.definition.key in held]
    return {one.key: history.MASK if one.is_personal else held[one.key] for one in seen}


def _found(given: str) -> CustomField:
    number = named.number(given)
    found = None if number is None else CustomField.objects.filter(pk=number).first()
    if found is None:
        raise DefinitionUnknown
    return found


def _shape(asked: FieldShapeIn, names: Any) -> Any:
    said = {name: getattr(asked, name) for name in names}
    if "options" in said:
        said["options"] = [(one.key, one.zh, one.en) for one in asked.options]
    return said


def _told(field: CustomField) -> dict[str, Any]:
    same = (
        "key",
        "kind",
        "label_zh",
        "label_en",
        "help_zh",
        "help_en",
        "is_required",
        "is_personal",
        "seen_by",
        "currency",
        "place",
    )
    return {
        **{name: getattr(field, name) for name in same},
        "id": str(field.pk),
        "module": None if field.module_id is None else str(field.module_id),
        "options": [{"key": key, "zh": zh, "en": en, "is_offered": offered} for key, zh, en, offered in field.options],
        "is_archived": field.archived_at is not None,
    }
