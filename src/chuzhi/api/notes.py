from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.api.pages import Limit
from chuzhi.core.errors import NotFound
from chuzhi.customers import queries
from chuzhi.customers.models import Customer
from chuzhi.workforce import notes
from chuzhi.workforce.models import Note

router = Router(tags=["Customers"])


class CustomerNoteIn(Asked):
    text: str = Field(min_length=1, max_length=notes.LONGEST, description="@ and a colleague's name tells them")
    pinned: bool = Field(default=False, description="Shown at the till")

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Nut allergy", "pinned": True}]})


class CustomerNotePinIn(Asked):
    pinned: bool

    model_config = ConfigDict(json_schema_extra={"examples": [{"pinned": False}]})


class CustomerNoteOut(Schema):
    id: str = Field(examples=["7"])
    text: str
    pinned: bool
    mentioned: list[str] = Field(description="Staff who were told", examples=[["12"]])
    by: str = Field(examples=["staff:12"])
    at: str


class CustomerNoteList(Schema):
    items: list[CustomerNoteOut]
    next_cursor: str | None


@router.get(
    "/customers/{customer}/notes", auth=KeyAuth("customers:read"), response=CustomerNoteList,
    operation_id="listCustomerNotes", summary="What colleagues noted of a customer",
)  # fmt: skip
def list_notes(request: ApiRequest, customer: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """In the order in which they were written."""
    rows = notes.of(_named(request, customer), request.auth).prefetch_related("mentioned")
    found = list(rows.order_by("pk").filter(pk__gt=pages.place_of(cursor) or 0)[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_told(row) for row in found[:limit]], "next_cursor": following})


@router.post(
    "/customers/{customer}/notes", auth=KeyAuth("customers:write"), response={201: CustomerNoteOut},
    operation_id="writeCustomerNote", summary="Note something of a customer",
)  # fmt: skip
def write(request: ApiRequest, customer: str, asked: CustomerNoteIn) -> HttpResponse:
    """It cannot be changed later. Refusals: `note.unusable`, `note.too_many_pinned`."""
    made = notes.write(customer=_named(request, customer), text=asked.text, is_pinned=asked.pinned, by=request.auth)
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.post(
    "/customers/{customer}/notes/{note}/pin", auth=KeyAuth("customers:write"), response=CustomerNoteOut,
    operation_id="pinCustomerNote", summary="Show a note at the till, or no longer",
)  # fmt: skip
def pin(request: ApiRequest, customer: str, note: str, asked: CustomerNotePinIn) -> HttpResponse:
    """Refusals: `note.too_many_pinned`."""
    found = notes.of(_named(request, customer), request.auth).filter(pk=named.number(note) or 0).first()
    if found is None:
        raise NotFound
    return answers.respond(_told(notes.pin(note=found, is_pinned=asked.pinned, by=request.auth)))


def _named(request: ApiRequest, customer: str) -> Customer:
    found = queries.visible_to(request.auth).filter(pk=named.number(customer) or 0).first()
    if found is None:
        raise NotFound
    return found


def _told(note: Note) -> dict[str, Any]:
    return {
        "id": str(note.pk), "text": note.text, "pinned": note.is_pinned,
        "mentioned": [str(each.pk) for each in note.mentioned.all()], "by": note.by, "at": answers.moment(note.at),
    }  # fmt: skip
