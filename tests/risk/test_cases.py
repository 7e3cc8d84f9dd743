from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

import cast
from chuzhi.approvals import requests
from chuzhi.approvals.errors import YourOwn
from chuzhi.approvals.models import Request
from chuzhi.core.audit import AuditEntry
from chuzhi.core.errors import Refused
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Standing
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.risk import acting, cases, queries, watching
from chuzhi.risk.errors import AboutYou, CaseClosed, NothingToAct, WordsMissing
from chuzhi.risk.models import Action, Case
from chuzhi.risk.rules import Thresholds
from chuzhi.wallets import accounts, disputes, withholding
from chuzhi.wallets import queries as wallets
from chuzhi.wallets.errors import HeldForCase
from chuzhi.wallets.models import Wallet
from risk.watched import case_of, only, three_top_ups
from shop import charge, top_up

pytestmark = pytest.mark.django_db
TRUE, FALSE = Case.Verdict.TRUE, Case.Verdict.FALSE


def standing(wallet: Wallet) -> Standing:
    return journal.standing(wallet.book, wallet.pk)


def told(case: Case) -> list[str]:
    return [step.kind for step in queries.story(case)]


class TestWork:
    def test_it_is_given_to_somebody_spoken_of_and_closed(self, wallet: Wallet, store: Store, finance: cast.Actor) -> None:
        case, colleague = case_of(wallet, store), cast.person("finance", name="韩梅")

        cases.assign(case=case, to=colleague, by=finance)
        cases.note(case=case, text="  called,\nno answer ", by=finance)
        cases.close(case=case, verdict=TRUE, remark="stolen phone", by=finance)

        closed = Case.objects.get()
        assert (closed.verdict, closed.remark, closed.closed_by, closed.assigned_to) == (
            TRUE,
            "stolen phone",
            finance.label,
            colleague,
        )
        assert [(step.kind, step.text) for step in queries.story(closed)] == [
            ("assigned", "韩梅"), ("noted", "called, no answer"), ("closed", "stolen phone"),
        ]  # fmt: skip
        assert AuditEntry.objects.get(action="risk_case.closed").facts["verdict"] == "true"

    def test_what_is_closed_stays_closed(self, wallet: Wallet, store: Store, finance: cast.Actor) -> None:
        case = case_of(wallet, store)
        cases.close(case=case, verdict=FALSE, remark="a raffle", by=finance)

        for act in (
            lambda: cases.close(case=case, verdict=TRUE, remark="no", by=finance),
            lambda: cases.note(case=case, text="no", by=finance),
            lambda: cases.assign(case=case, to=None, by=finance),
            lambda: acting.freeze(case=case, key="1", by=cast.OWNER),
        ):
            with pytest.raises(CaseClosed):
                act()
        assert Case.objects.get().verdict == FALSE
        assert standing(wallet) is Standing.OPEN

    @pytest.mark.parametrize("text", ["", "  \n", "x" * 201])
    def test_a_remark_says_something(self, wallet: Wallet, store: Store, finance: cast.Actor, text: str) -> None:
        case = case_of(wallet, store)

        with pytest.raises(WordsMissing):
            cases.close(case=case, verdict=TRUE, remark=text, by=finance)
        assert Case.objects.get().is_open

    def test_nobody_judges_what_they_did_themselves(self, wallet: Wallet, store: Store, manager: cast.Actor) -> None:
        only("top_ups_by_staff")
        three_top_ups(wallet, store, manager)
        watching.follow()
        case, other = Case.objects.get(), cast.actor("manager")

        with pytest.raises(AboutYou):
            cases.close(case=case, verdict=FALSE, remark="it was me", by=manager)
        with pytest.raises(AboutYou):
            cases.assign(case=case, to=cast.Staff.objects.get(pk=manager.id), by=other)
        assert cases.close(case=case, verdict=FALSE, remark="a raffle", by=other).closed_by == other.label

    def test_a_cashier_works_on_none(self, wallet: Wallet, store: Store, cashier: cast.Actor, auditor: cast.Actor) -> None:
        case = case_of(wallet, store)

        assert not queries.visible_to(cashier).exists()
        assert queries.visible_to(auditor).exists()
        for nobody in (cashier, auditor):
            with pytest.raises(NotAllowed):
                cases.note(case=case, text="hm", by=nobody)

    def test_a_store_sees_its_own(self, wallet: Wallet, store: Store) -> None:
        case = case_of(wallet, store)

        assert queries.visible_to(cast.actor("manager", store)).get() == case
        assert not queries.visible_to(cast.actor("manager", cast.store())).exists()

    def test_false_alarms_count_against_their_rule(self, wallet: Wallet, store: Store, finance: cast.Actor) -> None:
        cases.close(case=case_of(wallet, store), verdict=FALSE, remark="a raffle", by=finance)
        cases.close(case=case_of(wallet, store), verdict=TRUE, remark="stolen", by=finance)
        case_of(wallet, store)

        told = queries.standings()["top_ups_of_wallet"]

        assert (told.raised, told.closed, told.false_percent) == (3, 2, 50)
        assert queries.standings()["many_small"].false_percent is None


class TestActs:
    def test_a_rule_freezes_by_itself_once(self, wallet: Wallet, store: Store) -> None:
        case = case_of(wallet, store, Action.FREEZE)

        assert acting.finish_unfinished() == 1
        assert acting.finish_unfinished() == 0

        assert standing(wallet) is Standing.FROZEN
        assert told(case) == ["frozen"]

    def test_killed_after_the_wallet_was_frozen_it_goes_on(self, wallet: Wallet, store: Store) -> None:
        case = case_of(wallet, store, Action.FREEZE)
        acting.finish_unfinished()
        Case.objects.update(acted_at=None)

        acting.finish_unfinished()

        assert told(case) == ["frozen"]
        assert len([each for each in journal.entries(wallet.book, wallet.pk) if each.outcome.kind.name == "STANDING"]) == 1

    def test_only_the_money_of_the_evidence_is_held(self, wallet: Wallet, store: Store) -> None:
        top_up(wallet, 40_00, store, effective_at=timezone.now() - timedelta(days=3))
        case_of(wallet, store, Action.HOLD)
        charge(wallet, 10_00, store)

        acting.finish_unfinished()

        balance = wallets.balance(wallet)
        assert (balance.held, balance.available) == (300_00, 30_00)
        with pytest.raises(HeldForCase):
            charge(wallet, 100_00, store)

    def test_held_again_nothing_more_is_held(self, wallet: Wallet, store: Store, manager: cast.Actor) -> None:
        case = case_of(wallet, store)

        acting.hold(case=case, key="1", by=manager)
        acting.hold(case=case, key="1", by=manager)
        acting.hold(case=case, key="2", by=manager)

        assert wallets.balance(wallet).held == 300_00
        assert told(case) == ["held"] * 3

    def test_a_second_person_freezes(self, wallet: Wallet, store: Store, manager: cast.Actor, finance: cast.Actor) -> None:
        case = case_of(wallet, store, Action.ASK)
        acting.finish_unfinished()
        before = standing(wallet)

        requests.approve(request=Request.objects.get(), by=finance)

        assert (before, standing(wallet)) == (Standing.OPEN, Standing.FROZEN)
        assert told(case) == ["asked", "frozen"]

    def test_who_asks_does_not_sign(self, wallet: Wallet, store: Store, manager: cast.Actor) -> None:
        case = case_of(wallet, store)

        request = acting.ask(case=case, key="1", by=manager)
        again = acting.ask(case=case, key="1", by=manager)

        assert (again, told(case)) == (request, ["asked"])
        with pytest.raises(YourOwn):
            requests.approve(request=request, by=manager)
        assert standing(wallet) is Standing.OPEN

    def test_a_till_and_a_colleague_have_no_wallet_to_freeze(self, wallet: Wallet, store: Store, manager: cast.Actor) -> None:
        only("top_ups_by_staff")
        three_top_ups(wallet, store, cast.actor("cashier"))
        watching.follow()

        with pytest.raises(NothingToAct):
            acting.freeze(case=Case.objects.get(), key="1", by=manager)
        assert standing(wallet) is Standing.OPEN

    def test_let_go_all_is_as_before(self, wallet: Wallet, store: Store, manager: cast.Actor) -> None:
        case = case_of(wallet, store)
        acting.hold(case=case, key="1", by=manager)
        acting.freeze(case=case, key="2", by=manager)
        cases.close(case=case, verdict=FALSE, remark="a raffle", by=manager)

        acting.let_go(case=case, reason="a raffle", key="3", by=manager)
        acting.let_go(case=case, reason="a raffle", key="3", by=manager)

        assert (standing(wallet), wallets.balance(wallet).held) == (Standing.OPEN, 0)
        assert sorted(told(case)) == ["closed", "frozen", "held", "held", "held", *["let_go"] * 4]

    def test_what_somebody_else_froze_since_stays_frozen(self, wallet: Wallet, store: Store, manager: cast.Actor) -> None:
        case = case_of(wallet, store)
        acting.freeze(case=case, key="1", by=manager)
        accounts.unfreeze(wallet=wallet, reason="found", key="2", by=manager)
        accounts.freeze(wallet=wallet, reason="card lost", key="3", by=manager)

        acting.let_go(case=case, reason="a raffle", key="4", by=manager)

        assert standing(wallet) is Standing.FROZEN

    def test_a_dispute_takes_what_a_case_holds(
        self, wallet: Wallet, store: Store, manager: cast.Actor, finance: cast.Actor
    ) -> None:
        case = case_of(wallet, store)
        acting.hold(case=case, key="1", by=manager)
        first = case.evidence.order_by("noted__seq")[0].noted

        disputes.begin(wallet=wallet, top_up=first.seq, key="d", by=finance)

        balance = wallets.balance(wallet)
        assert (balance.principal, balance.held, balance.debt) == (300_00, 300_00, 0)
        assert len(withholding.kept(wallet)) == 2

    @pytest.mark.parametrize("key", ["d", "another"])
    def test_a_dispute_that_is_not_new_lets_nothing_go(
        self, wallet: Wallet, store: Store, manager: cast.Actor, finance: cast.Actor, key: str
    ) -> None:
        case = case_of(wallet, store)
        first = case.evidence.order_by("noted__seq")[0].noted
        opened = disputes.begin(wallet=wallet, top_up=first.seq, key="d", by=finance)
        disputes.end(wallet=wallet, dispute=opened.seq, won=True, key="e", by=finance)
        acting.hold(case=case, key="1", by=manager)
        before = withholding.kept(wallet)

        with suppress(Refused):
            disputes.begin(wallet=wallet, top_up=first.seq, key=key, by=finance)

        assert withholding.kept(wallet) == before
        assert len(before) == 3


def test_thresholds_that_hit_always_or_never_are_refused() -> None:
    for fault in (
        {"minutes": 0}, {"minutes": 10**9}, {"count": 0, "amount": 0}, {"count": -1}, {"amount": -1}, {"currency": "XXY"},
    ):  # fmt: skip
        with pytest.raises(Refused) as no:
            only(limits=Thresholds(**({"minutes": 60, "count": 3} | fault)))  # type: ignore[arg-type]  # faults on purpose
        assert no.value.code == "risk.rule_unusable"
    with pytest.raises(Refused):
        only("top_ups_at_till", action=Action.FREEZE)
