from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

import shop as props
from chuzhi.core import documents
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.limits import bounds, raises
from chuzhi.limits.errors import DocumentMissing, RaiseDecided, RaiseUnusable, SecondPersonNeeded
from chuzhi.limits.models import Raise
from chuzhi.messaging.models import Message
from chuzhi.organization.errors import NotAllowed

pytestmark = pytest.mark.django_db

PDF = ("proof of income.pdf", b"%PDF-1.7 salary 9000")


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def applied(by: Actor, **more: object) -> Raise:
    values: dict[str, object] = {
        "customer": props.new_customer(), "kind": "a_day", "asset": "CNY", "amount": 9000_00,
        "reason": "a wedding", "ends_on": in_days(30), "files": [PDF],
    }  # fmt: skip
    return raises.apply(by=by, **(values | more))  # type: ignore[arg-type]  # any application a test asks for


def granted_to(asked: Raise, asset: str, day: date) -> list[int]:
    """The raises that hold for the customer on a day."""
    standing = bounds.read([asked.customer_id], asset, day)
    return [bound.number for bound in standing.raises.get(asked.customer_id, ())]


def test_an_application_is_kept_with_its_documents(cashier: Actor) -> None:
    asked = applied(cashier)

    assert (asked.status, asked.asked_by) == ("asked", cashier.label)
    document = asked.documents.get()
    assert (document.name, document.media_type, document.size) == ("proof of income.pdf", "application/pdf", len(PDF[1]))
    assert documents.read(document.hash) == PDF[1]
    assert AuditEntry.objects.get(action="raise.asked").facts["documents"] == 1


def test_the_customer_is_told_how_it_ended_and_why(cashier: Actor, manager: Actor) -> None:
    granted, refused = applied(cashier), applied(cashier)

    raises.grant(application=granted, reason="seen the contract", by=manager)
    raises.refuse(application=refused, reason="no income", by=manager)

    told = {message.customer: message.facts for message in Message.objects.filter(kind="limit.decided")}
    assert told[granted.customer]["outcome"]["word"]["en"] == "Granted"
    assert told[granted.customer]["until"] == {"day": granted.ends_on.isoformat()}
    assert told[refused.customer]["outcome"]["word"]["en"] == "Refused"
    assert told[refused.customer]["reason"] == "no income"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"files": []}, DocumentMissing),
        ({"files": [("a.exe", b"MZ")]}, documents.DocumentUnusable),
        ({"files": [PDF] * 6}, documents.DocumentTooLarge),
        ({"reason": "  "}, RaiseUnusable),
        ({"kind": "a_week"}, RaiseUnusable),
        ({"ends_on": in_days(-1)}, RaiseUnusable),
        ({"ends_on": in_days(367)}, RaiseUnusable),
    ],
)
def test_what_is_not_whole_is_refused(cashier: Actor, wrong: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        applied(cashier, **wrong)

    assert not Raise.objects.exists()


def test_somebody_else_grants_it_with_a_reason_until_a_day(cashier: Actor, manager: Actor) -> None:
    asked = applied(cashier)

    granted = raises.grant(application=asked, reason="known for years", ends_on=in_days(10), by=manager)

    assert (granted.status, granted.decided_by, granted.ends_on) == ("granted", manager.label, in_days(10))
    assert granted_to(asked, "CNY", in_days(10)) == [granted.pk]
    assert granted_to(asked, "CNY", in_days(11)) == []
    assert granted_to(asked, "USD", in_days(1)) == []
    assert AuditEntry.objects.get(action="raise.granted").facts["ends_on"] == in_days(10).isoformat()


def test_who_asked_cannot_decide(manager: Actor) -> None:
    asked = applied(manager)

    for decide in (raises.grant, raises.refuse):
        with pytest.raises(SecondPersonNeeded):
            decide(application=asked, reason="me", by=manager)

    asked.refresh_from_db()
    assert asked.is_open


def test_the_table_itself_wants_two_people(manager: Actor) -> None:
    asked = applied(manager)

    with pytest.raises(IntegrityError, match="raise_needs_two_people"):
        Raise.objects.filter(pk=asked.pk).update(status="granted", decided_by=manager.label, decided_at=timezone.now())


def test_it_is_decided_once(cashier: Actor, manager: Actor, finance: Actor) -> None:
    asked = applied(cashier)
    raises.refuse(application=asked, reason="no income", by=manager)

    for act in (raises.grant, raises.refuse):
        with pytest.raises(RaiseDecided):
            act(application=asked, reason="after all", by=finance)
    with pytest.raises(RaiseDecided):
        raises.withdraw(application=asked, by=cashier)


def test_what_was_granted_can_end_early(cashier: Actor, manager: Actor) -> None:
    asked = applied(cashier)
    raises.grant(application=asked, reason="fine", by=manager)

    raises.withdraw(application=asked, by=cashier)

    assert granted_to(asked, "CNY", in_days(1)) == []


def test_a_decision_needs_its_reason_and_its_permission(cashier: Actor, manager: Actor, finance: Actor) -> None:
    asked = applied(cashier)

    with pytest.raises(RaiseUnusable):
        raises.grant(application=asked, reason=" ", by=manager)
    with pytest.raises(NotAllowed):
        raises.grant(application=asked, reason="fine", by=cashier)
    with pytest.raises(NotAllowed):
        applied(finance)
