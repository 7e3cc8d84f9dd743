import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuzhi.limits.rules import Bound, Channel, Kind, Origin, Scope, Situation, after_raises, strictest

GOLD = Situation(asset="CNY", customer=7, tier="gold", channel=Channel.COUNTER, method="cash", holder="named", pack="none")


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), True),
        (Scope(tier="gold"), True),
        (Scope(tier="gold", method="cash"), True),
        (Scope(tier="gold", method="wechat"), False),
        (Scope(customer=7), True),
        (Scope(customer=8), False),
        (Scope(channel=Channel.PROGRAM), False),
        (Scope(holder="bearer"), False),
        (Scope(pack="cn-beijing"), False),
    ],
)
def test_a_limit_covers_what_none_of_its_fields_excludes(scope: Scope, *, expected: bool) -> None:
    assert scope.covers(GOLD) is expected


def test_the_strictest_decides_and_of_equal_ones_the_law() -> None:
    law, shop, terms = (Bound(Kind.HELD, amount, origin) for amount, origin in ((5, "law"), (5, "shop"), (9, "terms")))

    assert strictest([terms, Bound(Kind.HELD, 5, Origin.SHOP), Bound(Kind.HELD, 5, Origin.LAW)], Kind.HELD) == Bound(
        Kind.HELD, 5, Origin.LAW
    )
    assert strictest([law, shop, terms], Kind.A_DAY) is None


def test_a_raise_lifts_the_shop_s_limit_and_says_from_where() -> None:
    shop, granted = Bound(Kind.A_DAY, 100, Origin.SHOP, 3, Scope(method="cash")), Bound(Kind.A_DAY, 500, Origin.RAISE, 9)

    (lifted,) = after_raises([shop], [granted])

    assert (lifted.amount, lifted.origin, lifted.number, lifted.raised_from) == (500, Origin.RAISE, 9, shop)
    assert lifted.scope == shop.scope, "what is counted against it stays the same"
    assert lifted.is_total


def test_a_raise_of_another_kind_changes_nothing() -> None:
    shop = Bound(Kind.A_DAY, 100, Origin.SHOP)

    assert after_raises([shop], [Bound(Kind.HELD, 500, Origin.RAISE)]) == [shop]


amounts = st.integers(1, 10**9)
kinds = st.sampled_from(list(Kind))
bounds = st.lists(st.builds(Bound, kinds, amounts, st.sampled_from([Origin.LAW, Origin.TERMS, Origin.SHOP])))
raises = st.lists(st.builds(Bound, kinds, amounts, st.just(Origin.RAISE)))


@given(bounds=bounds, granted=raises)
def test_a_raise_never_beats_the_law_and_never_lowers(bounds: list[Bound], granted: list[Bound]) -> None:
    for kind in Kind:
        before, after = strictest(bounds, kind), strictest(after_raises(bounds, granted), kind)
        law = [bound.amount for bound in bounds if bound.kind is kind and bound.origin is Origin.LAW]

        assert (before is None) == (after is None)
        if before and after:
            assert after.amount >= before.amount
            assert after.amount <= min(law, default=after.amount)
