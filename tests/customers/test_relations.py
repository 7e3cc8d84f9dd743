"""Who is what to whom, read from both sides; ended, never deleted; it follows a merged record."""

import pytest

import cast
import shop
from chuzhi.core.actors import Actor
from chuzhi.customers import merging
from chuzhi.customers.models import Customer
from chuzhi.customers.relations import errors, relating, rules
from chuzhi.customers.relations.rules import BACK, Role
from chuzhi.organization.errors import NotAllowed

pytestmark = pytest.mark.django_db


def seen(customer: Customer) -> list[tuple[int, str, bool]]:
    return [(one.other.pk, str(one.role), one.is_over) for one in relating.of(customer, cast.OWNER)]


@pytest.mark.parametrize("role", list(Role))
def test_it_is_read_from_both_sides(role: Role) -> None:
    one, other = shop.new_customer(), shop.new_customer()

    relating.relate(customer=one, other=other, role=role, by=cast.OWNER)

    assert seen(one) == [(other.pk, role, False)]
    assert seen(other) == [(one.pk, BACK[role], False)]


@pytest.mark.parametrize("role", list(Role))
def test_it_is_kept_the_same_whoever_says_it(role: Role) -> None:
    assert rules.kept(1, 2, role) == rules.kept(2, 1, BACK[role])


def test_nobody_twice_nor_themselves_nor_the_other_way_round() -> None:
    parent, child = shop.new_customer(), shop.new_customer()
    relating.relate(customer=parent, other=child, role=Role.CHILD, by=cast.OWNER)

    for one, other, role, no in (
        (parent, parent, Role.FRIEND, errors.RelatedToThemselves),
        (child, parent, Role.PARENT, errors.RelatedAlready),
        (parent, child, Role.PARENT, errors.RelationImpossible),
    ):
        with pytest.raises(no):
            relating.relate(customer=one, other=other, role=role, by=cast.OWNER)


def test_ended_it_is_kept_and_can_begin_again() -> None:
    company, worker = shop.new_customer(), shop.new_customer()
    made = relating.relate(customer=worker, other=company, role=Role.EMPLOYER, by=cast.OWNER)

    relating.end(relation=made, by=cast.OWNER)
    relating.end(relation=made, by=cast.OWNER)
    relating.relate(customer=worker, other=company, role=Role.EMPLOYER, by=cast.OWNER)

    assert seen(company) == [(worker.pk, Role.EMPLOYEE, False), (worker.pk, Role.EMPLOYEE, True)]


def test_needs_the_permission(auditor: Actor) -> None:
    with pytest.raises(NotAllowed):
        relating.relate(customer=shop.new_customer(), other=shop.new_customer(), role=Role.FRIEND, by=auditor)


class TestMerging:
    def test_it_follows_and_comes_back(self) -> None:
        parent, child, kept = (shop.new_customer() for _each in range(3))
        relating.relate(customer=parent, other=child, role=Role.CHILD, by=cast.OWNER)

        made = merging.merge(kept=kept, gone=child, taken=(), reason="Same person", by=cast.OWNER)
        joined = seen(parent)
        merging.undo(merge=made, by=cast.OWNER)

        assert joined == [(kept.pk, Role.CHILD, False)]
        assert seen(parent) == [(child.pk, Role.CHILD, False)]

    def test_what_is_known_of_both_is_known_once_and_nobody_is_related_to_themselves(self) -> None:
        friend, kept, gone = (shop.new_customer() for _each in range(3))
        for one in (kept, gone):
            relating.relate(customer=one, other=friend, role=Role.FRIEND, by=cast.OWNER)
        relating.relate(customer=kept, other=gone, role=Role.SPOUSE, by=cast.OWNER)

        made = merging.merge(kept=kept, gone=gone, taken=(), reason="Same person", by=cast.OWNER)
        merging.undo(merge=made, by=cast.OWNER)

        assert {other for other, _role, _over in seen(friend)} == {kept.pk, gone.pk}
