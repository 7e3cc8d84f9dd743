"""Phone and e-mail of a customer: showing that they are theirs."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, customers
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked
from chuzhi.desk import contacts
from chuzhi.desk.contact_models import VerifiedContact
from chuzhi.desk.contacts import How

router = Router(tags=["Customers"])


class ContactProofIn(Asked):
    contact: str = Field(pattern="^(phone|email)$", examples=["email"])
    how: str = Field(
        pattern="^(code|call|document)$",
        description="`code`: they knew what was sent to the e-mail address; `call`: of a phone; `document`: they came in person",
        examples=["code"],
    )
    code: str = Field("", max_length=20, description="With `code`", examples=["482913"])


class ContactProofOut(Schema):
    contact: str = Field(examples=["email"])
    how: str = Field(examples=["code"])
    by: str = Field(examples=["staff:12"])
    at: str


class ContactProofList(Schema):
    items: list[ContactProofOut]


class ContactCodeOut(Schema):
    ends_at: str = Field(description="Until when the code is good")


@router.get(
    "/customers/{customer}/contact-proofs", auth=KeyAuth("customers:read"), response=ContactProofList,
    operation_id="listContactProofs", summary="Which contact details were shown to be the customer’s",
)  # fmt: skip
def list_proofs(request: ApiRequest, customer: str) -> HttpResponse:
    """Those that hold: what changed since has to be shown anew. Refusals: `customer.unknown`."""
    held = contacts.now(customers.visible(request, customer))
    return answers.respond({"items": [_told(one) for one in held.values()]})


@router.post(
    "/customers/{customer}/contact-codes", auth=KeyAuth("customers:write"), response={201: ContactCodeOut},
    operation_id="sendContactCode", summary="Send a code to a customer’s e-mail address",
)  # fmt: skip
def send_code(request: ApiRequest, customer: str) -> HttpResponse:
    """Good for ten minutes and five tries; at most three an hour.

    Refusals: `customer.unknown`, `contact.missing`, `contact.codes_spent`.
    """
    sent = contacts.send_code(customer=customers.visible(request, customer), by=request.auth)
    return answers.respond({"ends_at": answers.moment(sent.ends_at)}, HTTPStatus.CREATED)


@router.post(
    "/customers/{customer}/contact-proofs", auth=KeyAuth("customers:write"), response={201: ContactProofOut},
    operation_id="proveContact", summary="Write down that a contact detail is the customer’s",
)  # fmt: skip
def prove(request: ApiRequest, customer: str, asked: ContactProofIn) -> HttpResponse:
    """It holds until that detail changes.

    Refusals: `customer.unknown`, `contact.missing`, `contact.proof_unusable`, `contact.code_not_sent`, `contact.code_wrong`.
    """
    person = customers.visible(request, customer)
    if (asked.contact, asked.how) == (contacts.Contact.EMAIL, How.CODE):
        proof = contacts.verify_by_code(customer=person, code=asked.code, by=request.auth)
    else:
        proof = contacts.verify(customer=person, contact=asked.contact, how=asked.how, by=request.auth)
    return answers.respond(_told(proof), HTTPStatus.CREATED)


def _told(proof: VerifiedContact) -> dict[str, Any]:
    return {"contact": proof.contact, "how": proof.how, "by": proof.by, "at": answers.moment(proof.at)}
