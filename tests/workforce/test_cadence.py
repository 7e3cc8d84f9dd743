from datetime import timedelta

import pytest
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.config import schedule
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import many, profiles
from chuzhi.customers.models import Customer
from chuzhi.insights import journal
from chuzhi.limits import shop as limits
from chuzhi.messaging.models import Message
from chuzhi.organization import staff
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Staff, Store
from chuzhi.wallets.models import Programme
from chuzhi.workforce import cadence, tasks
from chuzhi.workforce.errors import CadenceUnusable
from chuzhi.workforce.models import Cadence, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def meimei() -> Staff:
    return cast.person("cashier", name="韩梅梅")


@pytest.fixture
def ann(meimei: Staff) -> Customer:
    return looked_after("Ann", meimei)


def looked_after(name: str, owner: Staff) -> Customer:
    made = profiles.register(name=name, by=cast.OWNER)
    many.set_owner(customer=made.pk, owner=owner, by=cast.OWNER)
    return made


def every(days: int, *, at_least: int = 0, what: str = "Call", **more: str) -> Cadence:
    return cadence.set_rule(currency="CNY", at_least=at_least, every_days=days, what=what, by=cast.OWNER, **more)


def done(task: Task, days_ago: int = 0) -> None:
    tasks.finish(task=task, outcome="Fine", by=cast.OWNER)
    Task.objects.filter(pk=task.pk).update(done_at=timezone.now() - timedelta(days=days_ago))


class TestWrittenDown:
    def test_for_the_owner_and_nobody_is_told_of_each(self, ann: Customer, meimei: Staff) -> None:
        every(1, what="Call and ask how it is")

        schedule.write_down_follow_ups(timestamp=0)

        task = Task.objects.get()
        assert (task.customer, task.assignee, task.what) == (ann, meimei, "Call and ask how it is")
        assert (task.due_on, task.made_by) == (journal.today(), "system:0")
        assert AuditEntry.objects.get(action="customer.task_added").facts["task"] == task.pk
        assert not Message.objects.filter(kind=tasks.GIVEN.name).exists()

    def test_the_more_somebody_holds_the_sooner(self, ann: Customer, meimei: Staff, programme: Programme, store: Store) -> None:
        rich = looked_after("Rich", meimei)
        shop.top_up(shop.new_wallet(programme, rich), 300_00, store)
        shop.top_up(shop.new_wallet(programme, rich), 200_00, store)
        for one in (ann, rich):
            done(tasks.add(customer=one, what="x", due_on=journal.today(), assignee=meimei, by=cast.OWNER), days_ago=10)
        every(90)
        every(14, at_least=500_00)
        every(7, at_least=500_01)

        assert cadence.write_down() == 1

        due_on = journal.today() - timedelta(days=10) + timedelta(days=14)
        assert list(tasks.waiting(cast.OWNER).values_list("customer", "due_on")) == [(rich.pk, due_on)]

    def test_a_tier_has_its_own(self, ann: Customer, meimei: Staff) -> None:
        looked_after("Bob", meimei)
        limits.put_in_tier(customer=ann, code="gold", by=cast.OWNER)
        every(1, tier="gold")

        assert cadence.write_down() == 1
        assert Task.objects.get().customer == ann

    def test_one_at_most_waits_for_a_customer(self, ann: Customer, meimei: Staff) -> None:
        every(1)
        assert [cadence.write_down(), cadence.write_down()] == [1, 0]

        done(Task.objects.get())

        assert cadence.write_down() == 1
        assert tasks.waiting(cast.OWNER).get().due_on == journal.today() + timedelta(days=1)

    def test_not_before_the_week_in_which_it_is_due(self, ann: Customer, meimei: Staff) -> None:
        done(tasks.add(customer=ann, what="x", due_on=journal.today(), assignee=meimei, by=cast.OWNER), days_ago=22)
        every(30)
        assert cadence.write_down() == 0

        every(29, at_least=0, tier="")
        Cadence.objects.update(every_days=29)

        assert cadence.write_down() == 1

    def test_not_for_customers_without_an_owner_nor_whose_owner_has_left(self, ann: Customer, meimei: Staff) -> None:
        profiles.register(name="Nobody’s", by=cast.OWNER)
        staff.deactivate(staff=meimei, by=cast.OWNER)
        every(1)

        assert cadence.write_down() == 0

    def test_it_follows_the_customer_to_a_new_owner_and_what_a_colleague_gave_does_not(
        self, ann: Customer, meimei: Staff
    ) -> None:
        heir, bob = cast.person("cashier", name="小红"), looked_after("Bob", meimei)
        given = tasks.add(customer=bob, what="x", due_on=journal.today(), assignee=meimei, by=cast.OWNER)
        every(1)
        cadence.write_down()
        for one in (ann, bob):
            many.set_owner(customer=one.pk, owner=heir, by=cast.OWNER)

        assert cadence.write_down() == 0

        assert dict(Task.objects.values_list("customer", "assignee")) == {ann.pk: heir.pk, bob.pk: meimei.pk}
        assert AuditEntry.objects.filter(action="customer.task_changed", actor="system:0").count() == 1
        assert given.assignee == meimei


class TestRules:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"currency": "POINTS"}, "currency"),
            ({"at_least": -1}, "at_least"),
            ({"every_days": 0}, "every_days"),
            ({"every_days": 732}, "every_days"),
            ({"what": " "}, "what"),
            ({"what": "x" * 201}, "what"),
            ({"tier": "x" * 21}, "tier"),
        ],
    )
    def test_what_no_rule_could_be_is_refused_by_name(self, wrong: dict[str, object], field: str) -> None:
        usual: dict[str, object] = {"currency": "CNY", "at_least": 0, "every_days": 30, "what": "Call"}

        with pytest.raises(CadenceUnusable) as no:
            cadence.set_rule(by=cast.OWNER, **usual | wrong)  # type: ignore[arg-type]

        assert no.value.facts == {"field": field}

    def test_only_who_may(self) -> None:
        with pytest.raises(NotAllowed):
            cadence.set_rule(currency="CNY", at_least=0, every_days=1, what="x", by=cast.actor("manager"))
        with pytest.raises(NotAllowed):
            cadence.lift(rule=every(1), by=cast.actor("manager"))

    def test_lifted_what_waits_stays(self, ann: Customer) -> None:
        rule = every(1)
        cadence.write_down()

        cadence.lift(rule=rule, by=cast.OWNER)

        assert (Cadence.objects.count(), tasks.waiting(cast.OWNER).count()) == (0, 1)


class TestPage:
    def test_set_and_lifted_in_chinese(self) -> None:
        page = cast.signed_in(cast.person("administrator"))
        asked = {"every_days": "14", "at_least": "５００", "currency": "cny", "tier": "", "what": "打电话问候"}

        answer = page.post("/console/tasks/cadence/", asked, follow=True, headers={"accept-language": "zh-hans"})

        rule = Cadence.objects.get()
        assert (rule.every_days, rule.at_least, rule.currency) == (14, 500_00, "CNY")
        assert "打电话问候" in answer.content.decode()
        page.post(f"/console/tasks/cadence/{rule.pk}/lift/")
        assert not Cadence.objects.exists()

    @pytest.mark.parametrize(("field", "given"), [("every_days", "0"), ("at_least", "-3"), ("currency", "XYZ"), ("what", "")])
    def test_what_is_wrong_is_said_at_its_field(self, field: str, given: str) -> None:
        page = cast.signed_in(cast.person("administrator"))
        asked = {"every_days": "14", "at_least": "", "currency": "CNY", "tier": "", "what": "x"} | {field: given}

        answer = page.post("/console/tasks/cadence/", asked)

        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
        assert not Cadence.objects.exists()

    def test_a_cashier_reads_them_and_changes_none(self) -> None:
        page = cast.signed_in(cast.person("cashier"))
        every(30, what="Call and ask")

        assert "Call and ask" in page.get("/console/tasks/cadence/").content.decode()
        assert page.post("/console/tasks/cadence/", {}).status_code == 403

    def test_what_waits_for_each_colleague_stands_below(self, ann: Customer, meimei: Staff) -> None:
        late = tasks.add(customer=ann, what="x", due_on=journal.today(), assignee=meimei, by=cast.OWNER)
        tasks.add(customer=ann, what="y", due_on=journal.today(), assignee=meimei, by=cast.OWNER)
        Task.objects.filter(pk=late.pk).update(due_on=journal.today() - timedelta(days=1))

        answer = cast.signed_in(cast.person("manager")).get("/console/tasks/")

        assert answer.context["loads"] == [tasks.Load(meimei.pk, "韩梅梅", 1, 2)]


def test_by_the_api_set_listed_and_lifted() -> None:
    program = Program("customers:read", "cadence:write")
    asked = {"currency": "CNY", "at_least": 50000, "every_days": 14, "what": "Call"}

    made = program.post("/cadence", asked).json()

    assert made == asked | {"id": made["id"], "tier": None}
    assert program.post("/cadence", asked | {"every_days": 7}).json()["id"] == made["id"]
    assert [row["every_days"] for row in program.get("/cadence").json()["items"]] == [7]
    assert program.post("/cadence", asked | {"currency": "XYZ"}).json()["code"] == "cadence.unusable"
    assert program.post(f"/cadence/{made['id']}/lift", {}).status_code == 204
    assert program.post(f"/cadence/{made['id']}/lift", {}).json()["code"] == "cadence.unknown"
