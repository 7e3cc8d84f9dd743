from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chuzhi.api import answers, customers, documents, fields, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.documents import DocumentIn
from chuzhi.api.fields import Asked, Id, Moment
from chuzhi.api.pages import Limit
from chuzhi.customers.consent import agreeing, texts
from chuzhi.customers.consent.models import Consent, ConsentText, Purpose

router = Router(tags=["Consent"])
PURPOSES = ", ".join(f"`{purpose}`" for purpose in Purpose.values)


class ConsentIn(Asked):
    purpose: str = Field(max_length=20, description=PURPOSES, examples=["marketing_sms"])
    is_given: bool = Field(examples=[True])
    how: str = Field("program", pattern="^(page|counter|paper|phone|program)$", examples=["page"])
    version: int | None = Field(
        None, gt=0, lt=2**31, description="Of the text that was shown; null: the latest", examples=[None]
    )
    witness: Id | None = Field(None, description="The colleague who heard it; needed by phone", examples=[None])
    scan: DocumentIn | None = Field(None, description="Needed on paper")
    said_at: Moment | None = Field(None, description="When they said it, if it was before now", examples=[None])


class ConsentOut(Schema):
    id: str = Field(examples=["7"])
    purpose: str = Field(examples=["marketing_sms"])
    is_given: bool
    how: str = Field(examples=["page"], description="`merge` where two records were made one and the stricter word holds")
    version: int | None = Field(description="Of the text", examples=[1])
    witness: str | None = Field(examples=[None])
    has_scan: bool
    said_at: str
    by: str = Field(examples=["key:7"])
    at: str


class ConsentsNow(Schema):
    items: list[ConsentOut] = Field(description="The last word on each purpose; a purpose that is not here is no")


class ConsentList(Schema):
    items: list[ConsentOut]
    next_cursor: str | None


class ConsentTextIn(Asked):
    purpose: str = Field(max_length=20, description=PURPOSES, examples=["marketing_sms"])
    zh: str = Field(min_length=1, max_length=texts.LONGEST, examples=["同意接收营销短信。"])
    en: str = Field(min_length=1, max_length=texts.LONGEST, examples=["I agree to marketing by text message."])


class ConsentTextOut(Schema):
    purpose: str
    version: int
    zh: str
    en: str
    made_at: str


class ConsentTextList(Schema):
    items: list[ConsentTextOut]


@router.get(
    "/customers/{customer}/consents", auth=KeyAuth("customers:read"), response=ConsentsNow,
    operation_id="getConsents", summary="What a customer agrees to at present",
)  # fmt: skip
def now(request: ApiRequest, customer: str) -> HttpResponse:
    """Ask before you send or study anything: silence is no."""
    held = agreeing.now(customers.visible(request, customer))
    return answers.respond({"items": [_told(one) for one in held.values()]})


@router.get(
    "/customers/{customer}/consents/history", auth=KeyAuth("customers:read"), response=ConsentList,
    operation_id="listConsents", summary="Everything a customer said about consent",
)  # fmt: skip
def history(request: ApiRequest, customer: str, limit: Limit = pages.USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first; entries are never changed."""
    rows, before = agreeing.history(customers.visible(request, customer), request.auth), pages.place_of(cursor)
    some = list((rows if before is None else rows.filter(pk__lt=before))[: limit + 1])
    following = pages.cursor(some[limit - 1].pk) if len(some) > limit else None
    return answers.respond({"items": [_told(one) for one in some[:limit]], "next_cursor": following})


@router.post(
    "/customers/{customer}/consents", auth=KeyAuth("customers:write"), response={201: ConsentOut},
    operation_id="recordConsent", summary="Write down that a customer agrees, or no longer",
)  # fmt: skip
def say(request: ApiRequest, customer: str, asked: ConsentIn) -> HttpResponse:
    """Refusals: `consent.purpose`, `consent.text_missing`, `consent.unproven`, `consent.future`, `document.type`,
    `document.too_large`, `document.unknown`.
    """
    scans = documents.files([asked.scan] if asked.scan else [])
    made = agreeing.say(
        customer=customers.visible(request, customer), purpose=asked.purpose, is_given=asked.is_given, how=asked.how,
        version=asked.version, witness=fields.number(asked.witness), scan=scans[0] if scans else None,
        said_at=asked.said_at, by=request.auth,
    )  # fmt: skip
    return answers.respond(_told(made), HTTPStatus.CREATED)


@router.get(
    "/consent-texts", auth=KeyAuth("customers:read"), response=ConsentTextList,
    operation_id="listConsentTexts", summary="What customers are shown before they agree",
)  # fmt: skip
def list_texts(request: ApiRequest) -> HttpResponse:
    """The latest of each purpose; one without a text cannot be agreed to."""
    return answers.respond({"items": [_text(one) for one in texts.latest().values()]})


@router.post(
    "/consent-texts", auth=KeyAuth("consent-texts:write"), response={201: ConsentTextOut},
    operation_id="publishConsentText", summary="Write a new version of a text",
)  # fmt: skip
def publish(request: ApiRequest, asked: ConsentTextIn) -> HttpResponse:
    """What was agreed to before stays in its own words. Refusals: `consent.purpose`, `consent.text_empty`."""
    made = texts.publish(purpose=asked.purpose, zh=asked.zh, en=asked.en, by=request.auth)
    return answers.respond(_text(made), HTTPStatus.CREATED)


def _told(one: Consent) -> dict[str, Any]:
    return {
        "id": str(one.pk), "purpose": one.purpose, "is_given": one.is_given, "how": one.how,
        "version": one.text.version if one.text else None, "witness": one.witness or None, "has_scan": bool(one.document),
        "said_at": answers.moment(one.said_at), "by": one.by, "at": answers.moment(one.at),
    }  # fmt: skip


def _text(text: ConsentText) -> dict[str, Any]:
    return {
        "purpose": text.purpose, "version": text.version, "zh": text.zh, "en": text.en, "made_at": answers.moment(text.made_at)
    }  # fmt: skip
