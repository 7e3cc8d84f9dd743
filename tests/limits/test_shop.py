import pytest

import cast
import shop as props
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.limits import shop
from chuzhi.limits.errors import LimitUnusable
from chuzhi.limits.models import Limit
from chuzhi.limits.rules import Scope
from chuzhi.organization.errors import NotAllowed

pytestmark = pytest.mark.django_db


def test_a_second_limit_for_the_same_takes_the_place_of_the_first(finance: Actor) -> None:
    for amount in (100_00, 200_00):
        shop.set_limit(kind="a_day", asset="CNY", amount=amount, scope=Scope(method="cash"), by=finance)
    shop.set_limit(kind="a_day", asset="CNY", amount=50_00, scope=Scope(), by=finance)

    assert sorted(Limit.objects.values_list("amount", "method")) == [(50_00, ""), (200_00, "cash")]
    assert AuditEntry.objects.filter(action="limit.set").count() == 3


def test_a_lifted_limit_is_gone_and_stays_in_the_log(finance: Actor) -> None:
    limit = shop.set_limit(kind="held", asset="CNY", amount=100_00, scope=Scope(), by=finance)

    shop.lift(limit=limit, by=finance)

    assert not Limit.objects.exists()
    assert AuditEntry.objects.get(action="limit.lifted").facts["amount"] == 100_00


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("kind", {"kind": "a_week"}),
        ("asset", {"asset": ""}),
        ("method", {"scope": Scope(method="shells")}),
        ("channel", {"scope": Scope(channel="pigeon")}),
        ("holder", {"scope": Scope(holder="king")}),
        ("pack", {"scope": Scope(pack="atlantis")}),
        ("customer", {"scope": Scope(customer=10**9)}),
        ("tier", {"scope": Scope(tier="x" * 21)}),
    ],
)
def test_a_limit_that_no_top_up_could_meet_is_refused(finance: Actor, field: str, asked: dict[str, object]) -> None:
    values: dict[str, object] = {"kind": "held", "asset": "CNY", "amount": 1, "scope": Scope()} | asked

    with pytest.raises(LimitUnusable) as no:
        shop.set_limit(by=finance, **values)  # type: ignore[arg-type]  # wrong on purpose

    assert no.value.facts == {"field": field}
    assert not Limit.objects.exists()


def test_a_customer_is_in_one_tier_or_in_none(finance: Actor) -> None:
    customer = props.new_customer()

    for code in ("silver", "gold"):
        shop.put_in_tier(customer=customer, code=code, by=finance)
    assert shop.tier_of(customer.pk) == "gold"

    shop.put_in_tier(customer=customer, code="", by=finance)
    assert shop.tier_of(customer.pk) == ""


def test_who_serves_customers_sets_no_limits(cashier: Actor) -> None:
    with pytest.raises(NotAllowed):
        shop.set_limit(kind="held", asset="CNY", amount=1, scope=Scope(), by=cashier)

    assert not shop.visible_to(Actor(cast.OWNER.kind, 1)).exists()
