from typing import Any, Literal

from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from chuzhi.api import answers, named, pages
from chuzhi.api.auth import ApiRequest, KeyAuth
from chuzhi.api.fields import Asked, Id, Reason
from chuzhi.api.idempotency import NEEDED, key_of
from chuzhi.api.pages import Limit
from chuzhi.core import money
from chuzhi.core.errors import NotFound
from chuzhi.risk import acting, cases, queries, thresholds
from chuzhi.risk.errors import RuleUnusable
from chuzhi.risk.models import Action, Case
from chuzhi.risk.rules import LONGEST_MINUTES, RULES, Thresholds
from chuzhi.risk.thresholds import InForce

router = Router(tags=["Suspicion"])
NOTHING = "none"
"""How no action is said outside."""


class CaseActIn(Asked):
    act: Literal["hold", "freeze", "ask", "let_go"]
    reason: str = Field("", max_length=200, description="Why it is let go")

    model_config = ConfigDict(json_schema_extra={"examples": [{"act": "hold"}]})


class NoteIn(Asked):
    text: Reason = Field(examples=["called the customer"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "called the customer"}]})


class CaseAssignIn(Asked):
    staff: Id | None = Field(description="Null: nobody", examples=["12"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"staff": None}]})


class VerdictIn(Asked):
    verdict: Literal["true", "false"] = Field(description="`false`: a false alarm")
    remark: Reason = Field(examples=["a raffle at the counter"])

    model_config = ConfigDict(json_schema_extra={"examples": [{"verdict": "false", "remark": "a raffle"}]})


class ThresholdsIn(Asked):
    """What the rule does not ask about (`asks`) is left as usual."""

    minutes: int = Field(ge=1, le=LONGEST_MINUTES, examples=[60])
    count: int = Field(0, ge=0, le=100_000, description="0: not counted", examples=[5])
    amount: int = Field(0, ge=0, le=money.LARGEST, description="Minor units; 0: not added up", examples=[1000000])
    currency: str = Field("CNY", pattern="^[A-Z]{3}$", examples=["CNY"])
    from_hour: int = Field(0, ge=0, le=23)
    until_hour: int = Field(0, ge=0, le=24)


class RuleIn(ThresholdsIn):
    is_on: bool = True
    action: Literal["none", "hold", "freeze", "ask"] = "none"

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"minutes": 60, "count": 5, "amount": 1000000, "action": "hold"}]}
    )


class EvidenceOut(Schema):
    operation: str | None = Field(description="Null: it is a line of the audit log", examples=["12-345"])
    what: str = Field(
        description="`top_up`, `voucher`, `charge`, `refund`, `paid_back`, `transfer`, `gift`, `taken`, `look` or `export`"
    )
    wallet: str | None
    customer: str | None
    amount: int
    currency: str
    at: str


class StepOut(Schema):
    at: str
    kind: str = Field(description="`noted`, `assigned`, `frozen`, `held`, `asked`, `not_done`, `let_go` or `closed`")
    text: str
    wallet: str | None
    by: str = Field(examples=["staff:12"])


class RiskCaseOut(Schema):
    id: str = Field(examples=["7"])
    rule: str = Field(examples=["top_ups_of_wallet"])
    version: int = Field(description="Of the rule's thresholds; 0: the usual ones")
    kind: str = Field(description="What the subject is: `wallet`, `customer`, `payer`, `till` or `staff`")
    subject: str
    customer: str | None
    store: str | None
    amount: int
    currency: str
    state: str = Field(description="`open`, `true` or `false`")
    assigned_to: str | None
    remark: str
    raised_at: str
    raised_after_seconds: float = Field(description="From the entry that completed the evidence")
    closed_at: str | None
    evidence: list[EvidenceOut] | None = Field(None, description="Of one case only")
    story: list[StepOut] | None = Field(None, description="Of one case only")


class RiskCaseList(Schema):
    items: list[RiskCaseOut]
    next_cursor: str | None


class RiskRuleOut(Schema):
    rule: str = Field(examples=["top_ups_of_wallet"])
    subject: str
    asks: list[str] = Field(description="The thresholds that mean something to this rule")
    version: int
    is_on: bool
    action: str
    minutes: int
    count: int
    amount: int
    currency: str
    from_hour: int
    until_hour: int
    raised: int = Field(description="Cases in the last 90 days")
    closed: int
    false_percent: int | None = Field(description="Of the closed ones; null: none is closed")


class RuleList(Schema):
    items: list[RiskRuleOut]


class PreviewOut(Schema):
    cases: int = Field(description="What these thresholds would have raised in the last 30 days")


@router.get(
    "/risk-cases",
    auth=KeyAuth("risk:read"),
    response=RiskCaseList,
    operation_id="listRiskCases",
    summary="List cases of suspicion",
)
def list_cases(
    request: ApiRequest,
    state: Literal["open", "true", "false"] = "open",
    rule: str | None = None,
    limit: Limit = pages.USUAL,
    cursor: str | None = None,
) -> HttpResponse:
    """In the order in which they were raised."""
    rows = queries.visible_to(request.auth).filter(verdict="" if state == "open" else state)
    if rule is not None:
        rows = rows.filter(rule=rule)
    found = list(rows.order_by("pk").filter(pk__gt=pages.place_of(cursor) or 0)[: limit + 1])
    following = pages.cursor(found[limit - 1].pk) if len(found) > limit else None
    return answers.respond({"items": [_case(row) for row in found[:limit]], "next_cursor": following})


@router.get(
    "/risk-cases/{case}",
    auth=KeyAuth("risk:read"),
    response=RiskCaseOut,
    operation_id="getRiskCase",
    summary="One, with its evidence",
)
def get_case(request: ApiRequest, case: str) -> HttpResponse:
    return _answer(_named(request, case))


@router.post(
    "/risk-cases/{case}/acts",
    auth=KeyAuth("risk:work"),
    response=RiskCaseOut,
    operation_id="actOnRiskCase",
    summary="Hold the money, freeze the wallets, ask a second person, or let go of all that",
    openapi_extra=NEEDED,
)
def act(request: ApiRequest, case: str, asked: CaseActIn) -> HttpResponse:
    """Refusals: `risk.case_closed`, `risk.about_you`, `risk.nothing_to_act`, `risk.words_missing`."""
    found, key = _named(request, case), key_of(request)
    if asked.act == "let_go":
        acting.let_go(case=found, reason=asked.reason, key=key, by=request.auth)
    else:
        acts = {"hold": acting.hold, "freeze": acting.freeze, "ask": acting.ask}
        acts[asked.act](case=found, key=key, by=request.auth)
    return _answer(found)


@router.post(
    "/risk-cases/{case}/notes",
    auth=KeyAuth("risk:work"),
    response=RiskCaseOut,
    operation_id="noteRiskCase",
    summary="Add a note",
)
def note(request: ApiRequest, case: str, asked: NoteIn) -> HttpResponse:
    """Refusals: `risk.case_closed`, `risk.about_you`, `risk.words_missing`."""
    found = _named(request, case)
    cases.note(case=found, text=asked.text, by=request.auth)
    return _answer(found)


@router.post(
    "/risk-cases/{case}/assign",
    auth=KeyAuth("risk:work"),
    response=RiskCaseOut,
    operation_id="assignRiskCase",
    summary="Give it to a colleague",
)
def assign(request: ApiRequest, case: str, asked: CaseAssignIn) -> HttpResponse:
    """Refusals: `risk.case_closed`, `risk.about_you`."""
    found = _named(request, case)
    colleague = queries.workers().filter(pk=int(asked.staff)).first() if asked.staff else None
    if asked.staff and colleague is None:
        raise NotFound
    return _answer(cases.assign(case=found, to=colleague, by=request.auth))


@router.post(
    "/risk-cases/{case}/close",
    auth=KeyAuth("risk:work"),
    response=RiskCaseOut,
    operation_id="closeRiskCase",
    summary="Say what it was, and why",
)
def close(request: ApiRequest, case: str, asked: VerdictIn) -> HttpResponse:
    """What was frozen or held stays so until it is let go.

    Refusals: `risk.case_closed`, `risk.about_you`, `risk.words_missing`.
    """
    found = _named(request, case)
    verdict = Case.Verdict(asked.verdict)
    return _answer(cases.close(case=found, verdict=verdict, remark=asked.remark, by=request.auth))


@router.get(
    "/risk-rules", auth=KeyAuth("risk:read"), response=RuleList, operation_id="listRiskRules", summary="Every rule as it holds"
)
def list_rules(request: ApiRequest) -> HttpResponse:
    standings = queries.standings()
    return answers.respond({"items": [_rule(each, standings[code]) for code, each in thresholds.in_force().items()]})


@router.post(
    "/risk-rules/{rule}",
    auth=KeyAuth("risk:rules"),
    response=RiskRuleOut,
    operation_id="changeRiskRule",
    summary="A new version of a rule",
)
def change(request: ApiRequest, rule: str, asked: RuleIn) -> HttpResponse:
    """It holds from now on; cases that were raised stay. Refusals: `risk.rule_unusable`, `risk.rule_changed`."""
    code = _code(rule)
    action = Action("" if asked.action == NOTHING else asked.action)
    thresholds.change(code=code, limits=_limits(asked), is_on=asked.is_on, action=action, by=request.auth)
    return answers.respond(_rule(thresholds.in_force()[code], queries.standings()[code]))


@router.post(
    "/risk-rules/{rule}/preview",
    auth=KeyAuth("risk:read"),
    response=PreviewOut,
    operation_id="previewRiskRule",
    summary="What other thresholds would have raised",
)
def preview(request: ApiRequest, rule: str, asked: ThresholdsIn) -> HttpResponse:
    """Laid over the last 30 days; nothing is kept. Refusals: `risk.rule_unusable`."""
    limits = thresholds.asked(_code(rule), _limits(asked))
    if fault := thresholds.fault(limits):
        raise RuleUnusable(field=fault)
    return answers.respond({"cases": thresholds.preview(rule, limits)})


def _named(request: ApiRequest, case: str) -> Case:
    found = queries.visible_to(request.auth).filter(pk=named.number(case) or 0).first()
    if found is None:
        raise NotFound
    return found


def _code(rule: str) -> str:
    if rule not in RULES:
        raise NotFound
    return rule


def _limits(asked: ThresholdsIn) -> Thresholds:
    return Thresholds(
        minutes=asked.minutes, count=asked.count, amount=asked.amount, currency=asked.currency, from_hour=asked.from_hour,
        until_hour=asked.until_hour,
    )  # fmt: skip


def _answer(case: Case) -> HttpResponse:
    evidence = [
        {
            "operation": each.number or None, "what": each.what, "wallet": str(each.wallet_id) if each.wallet_id else None,
            "customer": str(each.customer_id) if each.customer_id else None, "amount": each.amount,
            "currency": each.currency, "at": answers.moment(each.at),
        }
        for each in queries.evidence(case)
    ]  # fmt: skip
    story = [
        {
            "at": answers.moment(step.at), "kind": step.kind, "text": step.text, "by": step.by,
            "wallet": str(step.wallet_id) if step.wallet_id else None,
        }
        for step in queries.story(case)
    ]  # fmt: skip
    return answers.respond(_case(case) | {"evidence": evidence, "story": story})


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": str(case.pk),
        "rule": case.rule,
        "version": case.version,
        "kind": case.kind,
        "subject": case.subject,
        "customer": str(case.customer_id) if case.customer_id else None,
        "store": str(case.store_id) if case.store_id else None,
        "amount": case.amount,
        "currency": case.currency,
        "state": case.verdict or "open",
        "assigned_to": str(case.assigned_to_id) if case.assigned_to_id else None,
        "remark": case.remark,
        "raised_at": answers.moment(case.raised_at),
        "raised_after_seconds": case.raised_after_seconds,
        "closed_at": answers.moment(case.closed_at) if case.closed_at else None,
    }


def _rule(now: InForce, standing: queries.Standing) -> dict[str, Any]:
    rule, limits = RULES[now.code], now.limits
    return {
        "rule": now.code,
        "subject": str(rule.subject),
        "asks": list(rule.asks),
        "version": now.version,
        "is_on": now.is_on,
        "action": str(now.action) or NOTHING,
        "minutes": limits.minutes,
        "count": limits.count,
        "amount": limits.amount,
        "currency": limits.currency,
        "from_hour": limits.from_hour,
        "until_hour": limits.until_hour,
        "raised": standing.raised,
        "closed": standing.closed,
        "false_percent": standing.false_percent,
    }
