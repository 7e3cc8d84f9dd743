"""A case is given to somebody, spoken of, and closed with what it was. Nobody judges what they did themselves."""

from django.db import transaction
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from chuzhi.core import audit
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.organization.authority import require
from chuzhi.organization.models import ApiKey, Staff
from chuzhi.risk.errors import AboutYou, CaseClosed, WordsMissing
from chuzhi.risk.models import Case, Evidence, Step
from chuzhi.risk.rules import Subject
from chuzhi.wallets.models import Wallet

VIEW = "risk.view"
WORK = "risk.work"
LONGEST_WORDS = 200


@transaction.atomic
def assign(*, case: Case, to: Staff | None, by: Actor) -> Case:
    """Given to a colleague, or (None) to nobody any more."""
    case = opened(case, by)
    if to is not None and _is_about(case, Actor(ActorKind.STAFF, to.pk)):
        raise AboutYou
    case.assigned_to = to
    case.save(update_fields=["assigned_to"])
    write(case, Step.Kind.ASSIGNED, by=by, text=to.name if to else "")
    return case


@transaction.atomic
def note(*, case: Case, text: str, by: Actor) -> Step:
    return write(opened(case, by), Step.Kind.NOTED, by=by, text=words(text))


@transaction.atomic
def close(*, case: Case, verdict: Case.Verdict, remark: str, by: Actor) -> Case:
    """Say what it was, and why. What was frozen or held stays so until somebody lets it go."""
    case, remark = opened(case, by), words(remark)
    case.verdict, case.remark, case.closed_by, case.closed_at = verdict, remark, by.label, timezone.now()
    case.save(update_fields=["verdict", "remark", "closed_by", "closed_at"])
    write(case, Step.Kind.CLOSED, by=by, text=remark)
    audit.record("risk_case.closed", f"risk_case:{case.pk}", by=by, rule=case.rule, verdict=str(verdict))
    return case


def opened(case: Case, by: Actor) -> Case:
    """The open case, locked, for somebody who may work on it. Only in a transaction."""
    case = judged(case, by)
    if not case.is_open:
        raise CaseClosed
    return case


def judged(case: Case, by: Actor) -> Case:
    """The case, open or not, locked, for somebody who may work on it and is not who it is about."""
    require(by, WORK)
    case = Case.objects.select_for_update().get(pk=case.pk)
    if _is_about(case, by):
        raise AboutYou
    return case


def write(
    case: Case, kind: Step.Kind, *, by: Actor, text: str = "", wallet: Wallet | None = None, seq: int | None = None
) -> Step:
    """One line of its story."""
    return Step.objects.create(case=case, kind=kind, text=text[:LONGEST_WORDS], wallet=wallet, seq=seq, by=by.label)


def about(by: Actor) -> Q:
    """Cases about what this person did: by their account, or by a key that they made."""
    made = ApiKey.objects.filter(created_by=by.label).annotate(label=Concat(Value("key:"), Cast("pk", CharField())))
    makers = ApiKey.objects.filter(pk=by.id) if by.kind is ActorKind.KEY else ApiKey.objects.none()
    own = (by.label, made.values("label"), makers.values("created_by"))

    def theirs(label: str) -> Q:
        return Q(**{label: own[0]}) | Q(**{f"{label}__in": own[1]}) | Q(**{f"{label}__in": own[2]})

    served_themselves = Evidence.objects.filter(theirs("noted__staff"), noted__is_own=True)
    return Q(kind=Subject.STAFF.value) & theirs("subject") | Q(pk__in=served_themselves.values("case"))


def _is_about(case: Case, by: Actor) -> bool:
    return Case.objects.filter(about(by), pk=case.pk).exists()


def words(given: str) -> str:
    clean = " ".join("".join(each if each.isprintable() else " " for each in given).split())
    if not 0 < len(clean) <= LONGEST_WORDS:
        raise WordsMissing(most=LONGEST_WORDS)
    return clean
