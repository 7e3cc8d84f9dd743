"""Where, when and how much a customer buys: by store, by month, purchase by purchase."""

from datetime import UTC, date, datetime

import make
import pytest

import cast
import shop
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.customers.models import Customer
from chuzhi.insights import trail
from chuzhi.insights.trail import Asked, Sum
from chuzhi.organization.models import Store
from chuzhi.till import sales
from chuzhi.till.tickets import Line
from chuzhi.wallets import spending
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

pytestmark = pytest.mark.django_db
MARCH, MAY = datetime(2026, 3, 10, 4, tzinfo=UTC), datetime(2026, 5, 31, 16, 30, tzinfo=UTC)  # the latter is June in Shanghai


@pytest.fixture
def person(wallet: Wallet) -> Customer:
    assert wallet.customer
    return wallet.customer


@pytest.fixture
def other(db: None) -> Store:
    return cast.store("淮海路店")


@pytest.fixture
def bought(wallet: Wallet, store: Store, other: Store) -> list[Moved]:
    """38 of coffee and 12 of tea in one store in March, 7 of cake in the other in June."""
    shop.top_up(wallet, 500_00, store)
    return [
        buys(wallet, store, ("拿铁", 38_00), MARCH), buys(wallet, store, ("红茶", 12_00), MARCH), buys(wallet, other, ("蛋糕", 7_00), MAY)
    ]  # fmt: skip


def buys(wallet: Wallet, store: Store, one: tuple[str, int], at: datetime) -> Moved:
    name, amount = one
    return sales.complete(
        wallet=wallet, amount=amount, store=store.pk, lines=[Line(name, amount)], key=make.key(), by=cast.OWNER, effective_at=at
    )


def asked(person: Customer, by: Actor = cast.OWNER, **more: object) -> Asked:
    return Asked(person.pk, by, **more)  # type: ignore[arg-type]  # any


def test_by_store_and_by_month_without_a_gap(person: Customer, bought: list[Moved], store: Store, other: Store) -> None:
    (found,) = trail.of(asked(person))

    assert (found.asset, found.all) == ("CNY", Sum(3, 57_00, MAY))
    assert list(found.stores.items()) == [(store.pk, Sum(2, 50_00, MARCH)), (other.pk, Sum(1, 7_00, MAY))]
    months = [(month, one.times, one.amount) for month, one in found.months.items()]
    assert months == [
        (date(2026, 3, 1), 2, 50_00),
        (date(2026, 4, 1), 0, 0),
        (date(2026, 5, 1), 0, 0),
        (date(2026, 6, 1), 1, 7_00),
    ]


def test_what_came_back_was_not_bought(person: Customer, bought: list[Moved], wallet: Wallet) -> None:
    for moved, amount in ((bought[0], 38_00), (bought[1], 2_00)):
        spending.refund(wallet=wallet, charge=moved.seq, amount=amount, reason="cold", key=make.key(), by=cast.OWNER)

    (found,) = trail.of(asked(person))
    purchases, _before = trail.purchases(asked(person), limit=10)

    assert (found.all.times, found.all.amount) == (2, 17_00)
    assert [(one.amount, list(one.goods)) for one in purchases] == [(7_00, ["蛋糕"]), (10_00, ["红茶"])]


def test_of_one_store_and_one_stretch(person: Customer, bought: list[Moved], other: Store) -> None:
    (there,) = trail.of(asked(person, store=other.pk))
    (before,) = trail.of(asked(person, before=MAY))

    assert (there.all.amount, before.all.amount) == (7_00, 50_00)
    assert trail.of(asked(person, since=datetime(2026, 7, 1, tzinfo=UTC))) == []


def test_pages_lose_nothing_and_never_part_one_moment(person: Customer, bought: list[Moved]) -> None:
    first, before = trail.purchases(asked(person), limit=1)
    second, end = trail.purchases(asked(person, before=before), limit=1)

    assert [one.amount for one in first] == [7_00]
    assert sorted(one.amount for one in second) == [12_00, 38_00]
    assert end is None


def test_nothing_of_anybody_else_and_nothing_without_the_right_to_look(
    person: Customer, bought: list[Moved], stranger: Actor
) -> None:
    assert trail.of(asked(shop.new_customer())) == []
    assert trail.of(asked(person, stranger)) == []


class TestPage:
    def test_it_shows_stores_months_and_purchases_and_narrows(
        self, person: Customer, bought: list[Moved], store: Store, other: Store
    ) -> None:
        page = cast.signed_in(cast.person("cashier"))
        where = f"/console/customers/{person.pk}/trail/"

        shown = page.get(where).content.decode()
        there = page.get(where, {"store": other.pk}).content.decode()
        wrong = page.get(where, {"since": "soon"})

        assert all(said in shown for said in ("2026-03", "2026-04", "CN¥57.00", "淮海路店", "拿铁", "2026-06"))
        assert ("蛋糕" in there, "拿铁" in there) == (True, False)
        assert wrong.status_code == 422
        assert f'href="{where}"' in page.get(f"/console/customers/{person.pk}/").content.decode()

    def test_who_bought_nothing_has_an_empty_page(self, person: Customer) -> None:
        page = cast.signed_in(cast.person("cashier"))

        assert "Nothing was bought from a wallet yet" in page.get(f"/console/customers/{person.pk}/trail/").content.decode()


class TestApi:
    def test_a_program_reads_the_trail_and_each_purchase(
        self, person: Customer, bought: list[Moved], store: Store, other: Store
    ) -> None:
        program = Program("wallets:read")
        where = f"/customers/{person.pk}"

        (found,) = program.get(f"{where}/trail").json()["items"]
        first = program.get(f"{where}/purchases", limit=1).json()
        rest = program.get(f"{where}/purchases", limit=1, cursor=first["next_cursor"]).json()
        march = program.get(f"{where}/purchases", since="2026-03-01", until="2026-03-31").json()

        assert (found["currency"], found["times"], found["amount"]) == ("CNY", 3, 57_00)
        assert [(one["store"], one["amount"]) for one in found["stores"]] == [(str(store.pk), 50_00), (str(other.pk), 7_00)]
        assert [one["month"] for one in found["months"]] == ["2026-03", "2026-04", "2026-05", "2026-06"]
        assert [one["goods"] for one in first["items"]] == [["蛋糕"]]
        assert (len(rest["items"]), rest["next_cursor"], len(march["items"])) == (2, None, 2)

    @pytest.mark.parametrize("query", [{"since": "soon"}, {"store": "x"}, {"cursor": "x"}, {"limit": 0}])
    def test_what_cannot_be_read_is_refused(self, person: Customer, wallet: Wallet, query: dict[str, object]) -> None:
        answer = Program("wallets:read").get(f"/customers/{person.pk}/purchases", **query)

        assert answer.status_code in {400, 422}

    def test_nobody_is_not_found(self) -> None:
        assert Program("wallets:read").get("/customers/999999/trail").status_code == 404
