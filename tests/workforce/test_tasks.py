from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

import cast
from api.program import Program
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import merging, profiles
from chuzhi.customers.models import Customer
from chuzhi.insights import journal
from chuzhi.messaging import tasks as letters
from chuzhi.messaging.models import Delivery, Message
from chuzhi.organization import staff
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Staff
from chuzhi.workforce import tasks
from chuzhi.workforce.errors import AssigneeUnusable, DayUnusable, NoteUnusable, TaskDone, TaskUnknown, TaskUnusable
from chuzhi.workforce.models import Note, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Customer:
    return profiles.register(name="Ann", by=cast.OWNER)


@pytest.fixture
def meimei() -> Staff:
    return cast.person("cashier", name="韩梅梅")


@pytest.fixture
def page(meimei: Staff) -> Client:
    return cast.signed_in(meimei)


def given(customer: Customer, assignee: Staff, what: str = "Call Ann", days: int = 0) -> Task:
    due_on = journal.today() + timedelta(days=days)
    return tasks.add(customer=customer, what=what, due_on=due_on, assignee=assignee, by=cast.OWNER)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


class TestGiven:
    def test_a_colleague_is_told_and_whoever_gives_it_to_themselves_is_not(self, ann: Customer, meimei: Staff) -> None:
        task = given(ann, meimei)
        tasks.add(customer=ann, what="mine", due_on=journal.today(), assignee=meimei, by=staff.actor_of(meimei))

        told = Message.objects.get(kind=tasks.GIVEN.name)
        assert (told.staff, told.facts["customer"]) == (meimei, str(ann.pk))
        assert AuditEntry.objects.filter(action="customer.task_added", facts__task=task.pk).exists()

    def test_whoever_is_mentioned_is_told_and_whoever_gets_it_is_told_of_that_only(self, ann: Customer, meimei: Staff) -> None:
        meant, _partner = cast.person("auditor", name="李明"), cast.person("partner", name="赵四")

        task = given(ann, meimei, what="@李明 @赵四 @韩梅梅 一起去")

        assert set(Message.objects.values_list("kind", "staff")) == {
            (tasks.GIVEN.name, meimei.pk),
            (tasks.MENTIONED.name, meant.pk),
        }
        assert list(task.mentioned.all()) == [meant]
        assert AuditEntry.objects.get(action="customer.task_added").facts["mentioned"] == [meant.pk]
        assert "一起" not in str(Message.objects.values_list("facts"))

    def test_a_dump_shows_none_of_it(self, ann: Customer, meimei: Staff) -> None:
        given(ann, meimei, what="对花生过敏")

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT to_jsonb(t)::text || coalesce((SELECT string_agg(facts::text, '') FROM audit_trail), '') FROM customer_task t"
            )
            assert "花生" not in str(cursor.fetchall())

    @pytest.mark.parametrize("what", [" ", "x" * 201])
    def test_it_says_what_is_to_be_done(self, ann: Customer, meimei: Staff, what: str) -> None:
        with pytest.raises(TaskUnusable):
            given(ann, meimei, what=what)

    @pytest.mark.parametrize("days", [-1, 732])
    def test_yesterday_and_the_far_future_are_refused(self, ann: Customer, meimei: Staff, days: int) -> None:
        with pytest.raises(DayUnusable):
            given(ann, meimei, days=days)

    def test_nobody_who_has_left_gets_one(self, ann: Customer, meimei: Staff) -> None:
        with pytest.raises(AssigneeUnusable):
            given(ann, staff.deactivate(staff=meimei, by=cast.OWNER))

    def test_whoever_may_not_edit_customers_gives_none(self, ann: Customer, meimei: Staff) -> None:
        with pytest.raises(NotAllowed):
            tasks.add(customer=ann, what="x", due_on=journal.today(), assignee=meimei, by=cast.actor("auditor"))


class TestDone:
    def test_what_came_of_it_is_a_note_on_the_customer(self, ann: Customer, meimei: Staff) -> None:
        task = given(ann, meimei)

        done = tasks.finish(task=task, outcome="Comes on Saturday", by=staff.actor_of(meimei))

        note = Note.objects.get(customer=ann)
        assert (done.note, note.text, note.by) == (note, "Comes on Saturday", f"staff:{meimei.pk}")
        assert list(tasks.waiting(cast.OWNER)) == []

    def test_once_only(self, ann: Customer, meimei: Staff) -> None:
        task = given(ann, meimei)
        tasks.finish(task=task, outcome="one", by=cast.OWNER)

        with pytest.raises(TaskDone):
            tasks.finish(task=task, outcome="two", by=cast.OWNER)
        with pytest.raises(TaskDone):
            tasks.change(task=task, due_on=journal.today(), by=cast.OWNER)
        assert Note.objects.count() == 1

    def test_without_a_word_it_is_not_done(self, ann: Customer, meimei: Staff) -> None:
        task = given(ann, meimei)

        with pytest.raises(NoteUnusable):
            tasks.finish(task=task, outcome=" ", by=cast.OWNER)

        assert list(tasks.waiting(cast.OWNER)) == [task]


class TestChanged:
    def test_handed_over_and_back_each_is_told_each_time(self, ann: Customer, meimei: Staff) -> None:
        heir, task = cast.person("cashier", name="小红"), given(ann, meimei)

        for colleague in (heir, meimei, heir, heir):
            tasks.change(task=task, assignee=colleague, by=cast.OWNER)

        assert Task.objects.get().assignee == heir
        assert list(Message.objects.order_by("pk").values_list("staff__name", flat=True)) == [
            "韩梅梅",
            "小红",
            "韩梅梅",
            "小红",
        ]

    def test_moved_to_another_day_nobody_is_told(self, ann: Customer, meimei: Staff) -> None:
        task, later = given(ann, meimei), journal.today() + timedelta(days=3)

        tasks.change(task=task, due_on=later, by=cast.OWNER)

        assert Task.objects.get().due_on == later
        assert Message.objects.count() == 1

    def test_all_that_waits_for_somebody_is_handed_over_at_once_and_told_once(self, ann: Customer, meimei: Staff) -> None:
        heir, done = cast.person("cashier", name="小红"), given(ann, meimei)
        tasks.finish(task=done, outcome="x", by=cast.OWNER)
        mine = [given(ann, meimei), given(ann, meimei)]
        staff.deactivate(staff=meimei, by=cast.OWNER)

        assert tasks.hand_over(whose=meimei, to=heir, by=cast.OWNER) == 2

        assert set(tasks.waiting(cast.OWNER).filter(assignee=heir)) == set(mine)
        assert Task.objects.get(pk=done.pk).assignee == meimei
        told = Message.objects.get(kind=tasks.HANDED.name)
        assert (told.staff, told.facts["count"], told.facts["whose"]) == (heir, "2", "韩梅梅")
        assert AuditEntry.objects.filter(action="customer.task_changed").count() == 2
        with pytest.raises(AssigneeUnusable):
            tasks.hand_over(whose=heir, to=meimei, by=cast.OWNER)
        with pytest.raises(NotAllowed):
            tasks.hand_over(whose=heir, to=cast.person("cashier"), by=cast.actor("auditor"))

    def test_handed_over_on_the_page_and_by_the_api(self, ann: Customer, meimei: Staff, page: Client) -> None:
        heir = cast.person("cashier", name="小红")
        given(ann, meimei)

        answer = page.post("/console/tasks/hand-over/", {"whose": meimei.pk, "to": heir.pk}, follow=True)
        assert "1 task is handed over." in text(answer)
        told = Program("customers:read", "customers:write").post(
            "/tasks/hand-over", {"whose": str(heir.pk), "to": str(meimei.pk)}
        )
        assert told.json() == {"count": 1}

        refused = page.post("/console/tasks/hand-over/", {"whose": meimei.pk, "to": meimei.pk}, follow=True)
        assert "A task is given to a colleague who works here now." in text(refused)
        assert Task.objects.get().assignee == meimei

    def test_it_follows_a_merged_record_and_goes_back(self, ann: Customer, meimei: Staff) -> None:
        twin = profiles.register(name="Ann Lee", by=cast.OWNER)
        task = given(twin, meimei)

        made = merging.merge(kept=ann, gone=twin, taken=[], reason="twice", by=cast.OWNER)
        assert Task.objects.get().customer == ann

        merging.undo(merge=made, by=cast.OWNER)
        assert Task.objects.get(pk=task.pk).customer == twin

    def test_nothing_is_done_for_somebody_who_was_forgotten(self, ann: Customer, meimei: Staff) -> None:
        task = given(ann, meimei)
        profiles.withdraw(Customer.objects.filter(pk=ann.pk), by=cast.OWNER)

        with pytest.raises(TaskUnknown):
            tasks.change(task=task, due_on=journal.today(), by=cast.OWNER)
        assert not tasks.waiting(cast.OWNER).exists()


class TestPages:
    def test_mine_by_urgency_and_nobody_elses(self, page: Client, ann: Customer, meimei: Staff) -> None:
        for what, days in (("later", 3), ("now", 0)):
            given(ann, meimei, what=what, days=days)
        late = given(ann, meimei, what="late")
        Task.objects.filter(pk=late.pk).update(due_on=journal.today() - timedelta(days=1))
        given(ann, cast.person("cashier", name="小红"), what="hers")

        shown = text(page.get("/console/tasks/"))

        places = [shown.index(said) for said in (">Overdue<", ">late<", ">Due today<", ">now<", ">Later<", ">later<")]
        assert places == sorted(places)
        assert ">hers<" not in shown

    def test_what_somebody_leaves_is_seen_and_handed_over(self, page: Client, ann: Customer) -> None:
        left, heir = cast.person("cashier", name="赵四"), cast.person("cashier", name="小红")
        task = given(ann, left)
        staff.deactivate(staff=left, by=cast.OWNER)
        assert f"?whose={left.pk}" in text(cast.signed_in(cast.person("administrator")).get(f"/console/team/{left.pk}/"))
        assert "Call Ann" in text(page.get("/console/tasks/", {"whose": left.pk}))

        page.post(f"/console/tasks/{task.pk}/", {"due_on": journal.today(), "assignee": heir.pk})

        assert Task.objects.get().assignee == heir

    def test_added_on_the_customers_page_and_done(self, page: Client, ann: Customer, meimei: Staff) -> None:
        address = f"/console/customers/{ann.pk}/tasks/"
        page.post(address, {"what": "<b>Call</b>", "due_on": journal.today(), "assignee": meimei.pk})
        assert "&lt;b&gt;Call" in text(page.get(f"/console/customers/{ann.pk}/"))

        page.post(f"/console/tasks/{Task.objects.get().pk}/", {"outcome": "Will come"})

        assert "Will come" in text(page.get(address))
        assert Note.objects.get().text == "Will come"

    def test_a_colleague_is_mentioned_and_finds_it_in_the_inbox(self, page: Client, ann: Customer, meimei: Staff) -> None:
        meant, address = cast.person("auditor", name="李明"), f"/console/customers/{ann.pk}/tasks/"

        added = page.post(address, {"what": "@李明 x", "due_on": journal.today(), "assignee": meimei.pk}, follow=True)
        here = f"/console/tasks/{Task.objects.get().pk}/"
        done = page.post(here, {"outcome": "as @李明 said"}, follow=True)
        for delivery in Delivery.objects.filter(message__staff=meant):
            letters.deliver(number=delivery.pk)
        inbox = text(cast.signed_in(meant).get("/console/messages/inbox/"))

        assert "Written down, and told 李明." in text(added)
        assert "Noted on the customer, and told 李明." in text(done)
        assert f"韩梅梅 mentions you in a follow-up of customer {ann.pk}" in inbox
        assert f"韩梅梅 mentions you in a note on customer {ann.pk}" in inbox
        assert f'href="{here}"' in inbox

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_the_day_stands_in_its_field_in_every_language(self, ann: Customer, language: str) -> None:
        reader = cast.person("cashier", name="小红", language=language)
        task, page = given(ann, reader, days=2), cast.signed_in(reader)

        assert f'value="{task.due_on.isoformat()}"' in text(page.get(f"/console/tasks/{task.pk}/"))
        assert f'value="{journal.today().isoformat()}"' in text(page.get(f"/console/customers/{ann.pk}/tasks/"))

    def test_wrong_ones_are_said_so(self, page: Client, ann: Customer, meimei: Staff) -> None:
        task = given(ann, meimei)
        address, yesterday = f"/console/tasks/{task.pk}/", journal.today() - timedelta(days=1)

        answers = [
            page.post(address, {"outcome": ""}),
            page.post(address, {"due_on": yesterday, "assignee": meimei.pk}),
            page.post(f"/console/customers/{ann.pk}/tasks/", {"what": "x", "due_on": yesterday, "assignee": meimei.pk}),
        ]

        assert [answer.status_code for answer in answers] == [422, 422, 422]
        assert "Choose today or a later day" in text(answers[1])
        assert page.get("/console/tasks/?whose=nobody").status_code == 404


class TestApi:
    def test_a_colleague_is_mentioned(self, ann: Customer, meimei: Staff) -> None:
        program, meant = Program("customers:read", "customers:write"), cast.person("manager", name="李明")
        asked = {"what": "with @李明", "due_on": journal.today().isoformat(), "assignee": str(meimei.pk)}

        made = program.post(f"/customers/{ann.pk}/tasks", asked).json()
        done = program.post(f"/tasks/{made['id']}/done", {"outcome": "@李明 comes"}).json()

        assert made["mentioned"] == done["mentioned"] == [str(meant.pk)]
        assert program.get("/tasks", done="true").json()["items"] == [done]
        assert Note.objects.get().mentioned.get() == meant

    def test_given_moved_handed_over_done_and_listed(self, ann: Customer, meimei: Staff) -> None:
        program, heir = Program("customers:read", "customers:write"), cast.person("cashier", name="小红")
        today, asked = (
            journal.today().isoformat(),
            {"what": "Call", "due_on": journal.today().isoformat(), "assignee": str(meimei.pk)},
        )

        made = program.post(f"/customers/{ann.pk}/tasks", asked).json()
        moved = program.patch(f"/tasks/{made['id']}", {"assignee": str(heir.pk)}).json()
        waiting = program.get("/tasks", assignee=str(heir.pk)).json()["items"]
        done = program.post(f"/tasks/{made['id']}/done", {"outcome": "Comes"}).json()

        assert (made["assignee"], moved["assignee"], moved["due_on"]) == (str(meimei.pk), str(heir.pk), today)
        assert [one["id"] for one in waiting] == [made["id"]]
        assert done["note"] == str(Note.objects.get().pk)
        assert program.get("/tasks").json()["items"] == []
        assert [one["id"] for one in program.get("/tasks", done="true", customer=str(ann.pk)).json()["items"]] == [made["id"]]

    def test_refusals_are_named(self, ann: Customer, meimei: Staff) -> None:
        program, task = Program("customers:read", "customers:write"), given(ann, meimei)
        address = f"/tasks/{task.pk}"

        codes = [
            program.patch("/tasks/999", {"due_on": "2999-01-01"}).json()["code"],
            program.patch(address, {"due_on": "2020-01-01"}).json()["code"],
            program.patch(address, {"assignee": "999999"}).json()["code"],
            program.post(f"{address}/done", {"outcome": " "}).json()["code"],
        ]

        assert codes == ["task.unknown", "task.day_unusable", "task.assignee_unusable", "note.unusable"]
