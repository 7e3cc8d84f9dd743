"""What is done about a case: its money held, its wallets frozen, a second person asked; by a rule itself or by somebody. And undone.

Every act has a key of its own, so that one that is tried again after a crash is done once.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuzhi.approvals import requests
from chuzhi.approvals.kinds import Kind
from chuzhi.approvals.models import Request
from chuzhi.approvals.rules import Limits
from chuzhi.core import actors
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Kind as Did
from chuzhi.ledger.chart import Standing
from chuzhi.organization.authority import require
from chuzhi.risk import cases
from chuzhi.risk.errors import NothingToAct
from chuzhi.risk.models import Action, Case, Noted, Step
from chuzhi.risk.rules import MONEY_IN, RULES
from chuzhi.wallets import accounts, moves, withholding
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.withholding import Cause

FREEZING = Kind(
    "risk_freeze",
    _("Freezing of suspicious wallets"),
    accounts.FREEZE,
    {role: Limits(alone=None, a_day=None, approves=None) for role in ("manager", "finance", "administrator")},
)
HELD_FOR = timedelta(days=90)
"""As long as it may take to find out; then it is the customer's again."""
US = actors.system("risk")


def finish_unfinished() -> int:
    """For the clock: do what rules want done about their cases. Answers how many cases."""
    waiting = list(Case.objects.filter(acted_at=None).exclude(action="").order_by("pk"))
    acts = {Action.HOLD: hold, Action.FREEZE: freeze, Action.ASK: ask}
    for case in waiting:
        try:
            acts[Action(case.action)](case=case, key=f"risk:{case.pk}", by=US)
        except Refused as no:
            cases.write(case, Step.Kind.NOT_DONE, by=US, text=str(no))
        Case.objects.filter(pk=case.pk).update(acted_at=timezone.now())
    return len(waiting)


def freeze(*, case: Case, key: str, by: Actor) -> Case:
    """Nothing goes into or out of the wallets of the evidence any more."""
    require(by, accounts.FREEZE)
    for wallet in _wallets(case, by):
        if journal.standing(wallet.book, wallet.pk) is Standing.OPEN:
            with transaction.atomic():
                done = accounts.freeze(wallet=wallet, reason=f"risk_case:{case.pk}", key=f"{key}:{wallet.pk}", by=by)
                _write_once(case, Step.Kind.FROZEN, wallet, done.seq, by)
    return case


def hold(*, case: Case, key: str, by: Actor) -> Case:
    """What is left of the money that came in with the evidence cannot be spent; the rest of the wallet can."""
    require(by, withholding.PERMISSIONS[Cause.CASE])
    _wallets(case, by)
    for noted in _money_in(case):
        if noted.wallet is None or noted.seq is None:
            continue
        with transaction.atomic():
            kept = withholding.keep(
                wallet=noted.wallet, top_up=noted.seq, cause=Cause.CASE, until=timezone.now() + HELD_FOR,
                reference=f"risk_case:{case.pk}", key=f"{key}:{noted.book}-{noted.seq}", by=by,
            )  # fmt: skip
            if kept is not None:
                _write_once(case, Step.Kind.HELD, noted.wallet, kept.seq, by)
    return case


@transaction.atomic
def ask(*, case: Case, key: str, by: Actor) -> Request:
    """A second person decides whether the wallets are frozen."""
    wallets = _wallets(case, by)
    request = requests.ask(
        kind=FREEZING, arguments={"case": case.pk}, amount=max(1, case.amount), asset=case.currency,
        subject=f"wallet:{wallets[0].pk}", store=case.store_id, reason=f"risk_case:{case.pk}", evidence=case.rule, key=key, by=by,
    )  # fmt: skip
    if not case.steps.filter(kind=Step.Kind.ASKED, text=request.number).exists():
        cases.write(case, Step.Kind.ASKED, by=by, text=request.number)
    return request


def carry_out(*, asked: Mapping[str, Any], key: str, by: Actor, approved_by: Actor) -> str:
    """What `ask` asked for, once it is signed: done by the one who signed."""
    case = Case.objects.get(pk=asked["case"])
    for wallet in wallets_of(case):
        if journal.standing(wallet.book, wallet.pk) is Standing.OPEN:
            with transaction.atomic():
                may_freeze = Actor(approved_by.kind, approved_by.id, permissions=frozenset({accounts.FREEZE}))
                done = accounts.freeze(wallet=wallet, reason=f"risk_case:{case.pk}", key=f"{key}:{wallet.pk}", by=may_freeze)
                _write_once(case, Step.Kind.FROZEN, wallet, done.seq, approved_by)
    return f"risk_case:{case.pk}"


def let_go(*, case: Case, reason: str, key: str, by: Actor) -> Case:
    """Everything that this case froze or held is as before, if it still stands as the case left it."""
    require(by, accounts.FREEZE)
    reason = cases.words(reason)
    with transaction.atomic():
        case = cases.judged(case, by)
    for step in standing(case):
        wallet = step.wallet
        if wallet is None or step.seq is None:
            continue
        with transaction.atomic():
            own = f"{key}:{step.pk}"
            if step.kind == Step.Kind.FROZEN:
                done = accounts.unfreeze(wallet=wallet, reason=reason, key=own, by=by)
            else:
                done = withholding.let_go(wallet=wallet, hold=step.seq, key=own, by=by)
            _write_once(case, Step.Kind.LET_GO, wallet, done.seq, by)
    return case


def standing(case: Case) -> list[Step]:
    """What this case froze or held and is so still."""
    steps = case.steps.filter(kind__in=[Step.Kind.FROZEN, Step.Kind.HELD]).select_related("wallet").order_by("pk")
    return [step for step in steps if step.wallet is not None and _stands(step, step.wallet)]


def wallets_of(case: Case) -> list[Wallet]:
    """Those that the evidence is about, where it is a wallet that a rule warns of; of a till or a colleague, none."""
    if not RULES[case.rule].is_of_a_holder:
        return []
    return list(Wallet.objects.filter(pk__in=case.evidence.values("noted__wallet")).order_by("pk"))


def _stands(step: Step, wallet: Wallet) -> bool:
    if step.kind == Step.Kind.HELD:
        return any(each.hold == step.seq for each in withholding.kept(wallet))
    latest = journal.latest(wallet.book, wallet.pk, Did.STANDING)
    return latest is not None and latest.outcome.seq == step.seq


def _wallets(case: Case, by: Actor) -> list[Wallet]:
    with transaction.atomic():
        cases.opened(case, by)
    found = wallets_of(case)
    if not found:
        raise NothingToAct
    return found


def _money_in(case: Case) -> list[Noted]:
    own = Noted.objects.filter(evidence_of__case=case, what__in=[each.value for each in MONEY_IN])
    return list(own.select_related("wallet").order_by("at", "pk"))


def _write_once(case: Case, kind: Step.Kind, wallet: Wallet, seq: int, by: Actor) -> None:
    if not case.steps.filter(wallet=wallet, seq=seq).exists():
        cases.write(case, kind, by=by, wallet=wallet, seq=seq, text=moves.operation_id(wallet.book, seq))
