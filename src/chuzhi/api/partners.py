"""A partner's own program tops up; the merchant's programs read partners, book their payments and suspend them."""

from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from chuzhi.api import answers, pages
from chuzhi.api import named as ids
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Amount, Asked, Day, Reason, Reference
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import USUAL, Limit
from chuzhi.organization.partners import contracts, floats, logins, statements
from chuzhi.organization.partners.errors import PartnerUnknown, StatementUnknown
from chuzhi.organization.partners.models import Partner, PartnerEntry, PartnerStatement
from chuzhi.topups.selling import top_up_by_partner
from chuzhi.wallets import agency
from chuzhi.wallets.agency import Payee
from chuzhi.wallets.errors import PayeeUnknown
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import operation_id

router = Router(tags=["Partners"])
Number = Annotated[str, Field(min_length=1, max_length=40, examples=["13812345678"])]


class PartnerTopUpIn(Asked):
    """The customer is named by a whole phone or card number. A customer with several wallets: say which `wallet`."""

    to: Number = Field(description="A whole phone number or card number")
    amount: Amount = Field(examples=[50000])
    wallet: str | None = Field(None, pattern="^[1-9][0-9]{0,17}$", max_length=18, examples=["40001"])
    reference: Reference = ""


class PayeeOut(Schema):
    wallet: str = Field(examples=["40001"])
    name: str = Field(description="Masked; empty for a bearer card", examples=["王**"])
    programme: str
    currency: str = Field(examples=["CNY"])


class PayeeList(Schema):
    items: list[PayeeOut]


class PartnerTopUpOut(Schema):
    """What a partner may know of a top-up: not what the customer holds."""

    id: str = Field(examples=["12-345"])
    to: PayeeOut
    amount: int = Field(examples=[50000])
    bonus: int = Field(examples=[8000])
    left: int = Field(description="Of the partner's float", examples=[450000])
    at: str
    replayed: bool


class StandingOut(Schema):
    partner: str = Field(examples=["3"])
    name: str
    status: str = Field(description="`active`, `suspended` or `ended`", examples=["active"])
    currency: str = Field(examples=["CNY"])
    left: int = Field(description="In the float, minor units; below zero: credit in use", examples=[450000])
    may_credit: int = Field(examples=[450000])
    left_today: int | None = Field(description="null: no daily limit")


class PartnerList(Schema):
    items: list[StandingOut]


class PartnerPaymentIn(Asked):
    amount: Amount
    reference: Reason = Field(examples=["bank line 7"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": 100000, "reference": "bank line 7"}]})


class PartnerEntryOut(Schema):
    number: int = Field(examples=[7])
    kind: str = Field(description="`paid_in`, `paid_out`, `top_up`, `reversal` or `commission`", examples=["top_up"])
    amount: int = Field(description="+ more may be credited, - less", examples=[-50000])
    left: int = Field(examples=[450000])
    earned: int = Field(description="Commission that it brings, due when the statement is signed", examples=[1000])
    operation: str | None = Field(examples=["12-345"])
    reference: str
    at: str


class EntryPage(Schema):
    items: list[PartnerEntryOut]
    next_cursor: str | None


class PartnerStatementIn(Asked):
    until_on: Day = Field(description="The last day that it covers; it must be over")


class PartnerStatementOut(Schema):
    number: int
    until_on: str
    opening: int
    paid_in: int
    paid_out: int
    topped_up: int
    reversed: int
    commission: int
    closing: int
    earned: int
    state: str = Field(description="`issued`, `signed` or `objected`", examples=["issued"])
    remark: str


class PartnerStatementList(Schema):
    items: list[PartnerStatementOut]


class Nothing(Asked):
    """Nothing more is to be said."""


class ObjectionIn(Asked):
    remark: Reason


class SuspensionIn(Asked):
    reason: Reason


@router.get(
    "/partner/payees",
    auth=KeyAuth("partner:topup"),
    response=PayeeList,
    operation_id="findPayees",
    summary="Whom a number would top up",
)
def payees(request: ApiRequest, to: Annotated[str, Query(min_length=1, max_length=40)]) -> HttpResponse:
    """Whole phone and card numbers only, and masked names. Too many numbers that nobody has, and it is over for an hour.

    Refusals: `wallet.payee_unknown`, `partner.not_one`, `partner.too_many_lookups`.
    """
    return answers.respond({"items": [_payee(one) for one in agency.find(typed=to, by=request.auth)]})


@router.post(
    "/partner/topups",
    auth=KeyAuth("partner:topup"),
    response={201: PartnerTopUpOut, 200: PartnerTopUpOut},
    operation_id="createPartnerTopUp",
    summary="Top up out of the partner's float",
    openapi_extra=NEEDED,
)
def top_up(request: ApiRequest, asked: PartnerTopUpIn) -> HttpResponse:
    """For the key of a partner, which can do nothing else.

    Refusals: `partner.suspended`, `partner.contract_over`, `partner.float`, `partner.day`, `partner.per_top_up`,
    `partner.not_one`, `partner.other_currency`, `wallet.payee_unknown`, `limit.per_transaction`, `limit.per_day`,
    `limit.balance`, `wallet.frozen`, `wallet.closed`, `programme.closed`, `idempotency.key_reused`.
    """
    key = key_of(request)
    wallet = _wallet(request, asked)
    done = top_up_by_partner(wallet=wallet, amount=asked.amount, key=key, reference=asked.reference, by=request.auth)
    moved = done.moved
    body = {
        "id": moved.id,
        "to": _payee(done.payee),
        "amount": moved.amount,
        "bonus": moved.bonus,
        "left": done.left,
        "at": answers.moment(moved.at),
        "replayed": moved.replayed,
    }
    return answers.made(body, replayed=moved.replayed)


@router.get(
    "/partner",
    auth=KeyAuth("partner:topup"),
    response=StandingOut,
    operation_id="getOwnFloat",
    summary="The partner's own float",
)
def own_float(request: ApiRequest) -> HttpResponse:
    """What may still be credited, in all and today."""
    return answers.respond(_standing(logins.partner_of(request.auth)))


@router.get(
    "/partner/statements",
    auth=KeyAuth("partner:topup"),
    response=PartnerStatementList,
    operation_id="listOwnStatements",
    summary="The partner's own statements",
)
def own_statements(request: ApiRequest) -> HttpResponse:
    """Newest first."""
    found = statements.of(logins.partner_of(request.auth))[: pages.MOST]
    return answers.respond({"items": [_statement(one) for one in found]})


@router.post(
    "/partner/statements/{number}/sign",
    auth=KeyAuth("partner:topup"),
    response=PartnerStatementOut,
    operation_id="signStatement",
    summary="Sign a statement off",
)
def sign(request: ApiRequest, number: str, asked: Nothing) -> HttpResponse:
    """The commission of the period is paid into the float. Refusals: `partner.statement_answered`."""
    return answers.respond(_statement(statements.sign(number=_number(number), by=request.auth)))


@router.post(
    "/partner/statements/{number}/object",
    auth=KeyAuth("partner:topup"),
    response=PartnerStatementOut,
    operation_id="objectToStatement",
    summary="Say what is not right about a statement",
)
def object_to(request: ApiRequest, number: str, asked: ObjectionIn) -> HttpResponse:
    """It can be signed later. Refusals: `partner.statement_answered`."""
    made = statements.object_to(number=_number(number), remark=asked.remark, by=request.auth)
    return answers.respond(_statement(made))


@router.get(
    "/partners",
    auth=KeyAuth("partners:read"),
    response=PartnerList,
    operation_id="listPartners",
    summary="List partners and their floats",
)
def list_partners(request: ApiRequest) -> HttpResponse:
    """By code."""
    return answers.respond({"items": [_standing(one) for one in contracts.visible_to(request.auth)]})


@router.get(
    "/partners/{partner}/entries",
    auth=KeyAuth("partners:read"),
    response=EntryPage,
    operation_id="listPartnerEntries",
    summary="Every change of a partner's float",
)
def list_entries(request: ApiRequest, partner: str, limit: Limit = USUAL, cursor: str | None = None) -> HttpResponse:
    """Newest first."""
    before = pages.place_of(cursor)
    found = _partner(request, partner).entries.order_by("-number")
    rows = list((found if before is None else found.filter(number__lt=before))[: limit + 1])
    more = pages.cursor(rows[limit - 1].number) if len(rows) > limit else None
    return answers.respond({"items": [_entry(one) for one in rows[:limit]], "next_cursor": more})


@router.post(
    "/partners/{partner}/payments",
    auth=KeyAuth("partners:write"),
    response={201: PartnerEntryOut},
    operation_id="bookPartnerPayment",
    summary="Book what a partner has paid us",
    openapi_extra=NEEDED,
)
def pay_in(request: ApiRequest, partner: str, asked: PartnerPaymentIn) -> HttpResponse:
    """It may credit so much more. The same key books once."""
    key, found = key_of(request), _partner(request, partner)
    entry = floats.pay_in(partner=found, amount=asked.amount, reference=asked.reference, key=key, by=request.auth)
    return answers.respond(_entry(entry), HTTPStatus.CREATED)


@router.post(
    "/partners/{partner}/statements",
    auth=KeyAuth("partners:write"),
    response={201: PartnerStatementOut},
    operation_id="issueStatement",
    summary="Issue a statement for the partner to sign",
)
def issue(request: ApiRequest, partner: str, asked: PartnerStatementIn) -> HttpResponse:
    """Everything since the one before. Refusals: `partner.nothing_to_state`, `partner.day_not_over`."""
    made = statements.issue(partner=_partner(request, partner), until_on=asked.until_on, by=request.auth)
    return answers.respond(_statement(made), HTTPStatus.CREATED)


@router.post(
    "/partners/{partner}/suspend",
    auth=KeyAuth("partners:write"),
    response=StandingOut,
    operation_id="suspendPartner",
    summary="Suspend a partner at once",
)
def suspend(request: ApiRequest, partner: str, asked: SuspensionIn) -> HttpResponse:
    """From this moment nobody of it credits anybody. Refusals: `partner.ended`."""
    made = contracts.suspend(partner=_partner(request, partner), reason=asked.reason, by=request.auth)
    return answers.respond(_standing(made))


@router.post(
    "/partners/{partner}/resume",
    auth=KeyAuth("partners:write"),
    response=StandingOut,
    operation_id="resumePartner",
    summary="Let a partner top up again",
)
def resume(request: ApiRequest, partner: str, asked: Nothing) -> HttpResponse:
    """Refusals: `partner.ended`."""
    return answers.respond(_standing(contracts.resume(partner=_partner(request, partner), by=request.auth)))


def _wallet(request: ApiRequest, asked: PartnerTopUpIn) -> Wallet:
    """The wallet that the number finds; of several, the one that is named."""
    found = {str(one.wallet.pk): one.wallet for one in agency.find(typed=asked.to, by=request.auth)}
    if asked.wallet is None and len(found) == 1:
        return next(iter(found.values()))
    if asked.wallet not in found:
        raise PayeeUnknown
    return found[asked.wallet]


def _partner(request: ApiRequest, given: str) -> Partner:
    number = ids.number(given)
    found = None if number is None else Partner.objects.filter(pk=number).first()
    if found is None:
        raise PartnerUnknown
    return found


def _number(given: str) -> int:
    number = ids.number(given)
    if number is None or number > 2**31 - 1:
        raise StatementUnknown
    return number


def _payee(one: Payee) -> dict[str, str]:
    return {"wallet": str(one.wallet.pk), "name": one.name, "programme": one.programme, "currency": one.currency}


def _standing(partner: Partner) -> dict[str, Any]:
    now = floats.standing(partner)
    return {
        "partner": str(partner.pk),
        "name": partner.name,
        "status": partner.status,
        "currency": partner.currency,
        "left": now.left,
        "may_credit": now.may_credit,
        "left_today": now.left_today,
    }


def _entry(entry: PartnerEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "kind": entry.kind,
        "amount": entry.amount,
        "left": entry.left,
        "earned": entry.earned,
        "operation": operation_id(entry.book, entry.seq) if entry.book is not None and entry.seq is not None else None,
        "reference": entry.reference,
        "at": answers.moment(entry.at),
    }


def _statement(one: PartnerStatement) -> dict[str, Any]:
    figures = ("opening", "paid_in", "paid_out", "topped_up", "reversed", "commission", "closing", "earned")
    said = {"number": one.number, "until_on": one.until_on.isoformat(), "state": one.state, "remark": one.remark}
    return said | {name: getattr(one, name) for name in figures}
