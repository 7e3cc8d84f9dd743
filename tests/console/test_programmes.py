"""Programmes: opened, changed and closed by an administrator, and by nobody else."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

import cast
import shop
from chuzhi.organization.models import Store, Till
from chuzhi.wallets import programmes
from chuzhi.wallets.models import Programme
from chuzhi.wallets.rules import Terms

pytestmark = pytest.mark.django_db
PAGE = "/console/programmes/"
ROWS = 3


@pytest.fixture
def boss() -> Client:
    return cast.signed_in(cast.person("administrator"))


def typed(*offers: tuple[str, str], **more: object) -> dict[str, object]:
    """A form filled in: what is not said is left empty."""
    rows = {"offers-TOTAL_FORMS": ROWS, "offers-INITIAL_FORMS": 0}
    for row in range(ROWS):
        pay, bonus = offers[row] if row < len(offers) else ("", "")
        rows |= {f"offers-{row}-pay": pay, f"offers-{row}-bonus": bonus}  # type: ignore[dict-item]  # as a browser sends them
    terms = {"order": "principal_first", "refund_order": "last_first", "refund_grace_days": "30"}
    return rows | terms | more


def new(*offers: tuple[str, str], **more: object) -> dict[str, object]:
    about = {"name": "会员储值", "code": "member", "kind": "money", "currency": "CNY"}
    return typed(*offers, **(about | more))


def terms_of(code: str = "member") -> Terms:
    return programmes.known(Programme.objects.get(code=code).pk).terms()


def bands(terms: Terms) -> list[tuple[int, int]]:
    return [(band.pay, band.bonus) for band in terms.bands]


class TestOpening:
    def test_what_is_typed_is_what_is_promised(self, boss: Client, store: Store) -> None:
        given = new(
            ("５００", "８０"), ("1,000", "200.50"), order="bonus_first", refund_order="proportional", most_per_charge="2000",
            most_charged_a_day="3000", most_per_top_up="5000", most_topped_up_a_day="6000", most_held="10000.5",
            principal_valid_days="３６５", bonus_valid_days="90", refund_grace_days="7", stores=[str(store.pk)],
        )  # fmt: skip

        assert boss.get(f"{PAGE}add/").status_code == 200
        answer = boss.post(f"{PAGE}add/", given)

        terms = terms_of()
        assert answer["Location"] == f"{PAGE}{Programme.objects.get().pk}/"
        assert bands(terms) == [(500_00, 80_00), (1000_00, 200_50)]
        assert (terms.order, terms.refunds_in_proportion, terms.refund_grace_days) == ("bonus_first", True, 7)
        assert (terms.most_per_charge, terms.most_charged_a_day) == (2000_00, 3000_00)
        assert (terms.most_per_top_up, terms.most_topped_up_a_day, terms.most_held) == (5000_00, 6000_00, 10000_50)
        assert (terms.principal_valid_days, terms.bonus_valid_days, terms.stores) == (365, 90, frozenset({store.pk}))

    @pytest.mark.parametrize(
        ("about", "asset", "pay"),
        [
            ({"kind": "points", "currency": ""}, "POINTS", 500),
            ({"kind": "visits", "service": "haircut"}, "VISITS:haircut", 500),
            ({"currency": "JPY"}, "JPY", 500),
            ({"currency": "KWD"}, "KWD", 500_000),
        ],
    )
    def test_amounts_are_of_what_it_holds(self, boss: Client, about: dict[str, str], asset: str, pay: int) -> None:
        assert boss.post(f"{PAGE}add/", new(("500", "80"), **about)).status_code == 302

        assert Programme.objects.get().asset == asset
        assert terms_of().bands[0].pay == pay

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("name", {"name": ""}),
            ("code", {"code": "a b"}),
            ("code", {"code": "taken"}),
            ("currency", {"currency": ""}),
            ("currency", {"currency": "XQQ"}),
            ("service", {"kind": "visits"}),
            ("service", {"kind": "visits", "service": "Hair Cut"}),
            ("most_held", {"most_held": "-1"}),
            ("most_held", {"most_held": "0"}),
            ("most_per_charge", {"most_per_charge": "0.001"}),
            ("most_per_top_up", {"most_per_top_up": "1e3"}),
            ("most_topped_up_a_day", {"kind": "points", "most_topped_up_a_day": "1.5"}),
            ("bonus_valid_days", {"bonus_valid_days": "0"}),
            ("principal_valid_days", {"principal_valid_days": "99999999999999999999"}),
            ("refund_grace_days", {"refund_grace_days": ""}),
            ("refund_grace_days", {"refund_grace_days": "-1"}),
            ("order", {"order": "mine_first"}),
            ("stores", {"stores": ["0"]}),
            ("offers-0-bonus", {"offers-0-pay": "500"}),
            ("offers-0-pay", {"offers-0-bonus": "80"}),
            ("offers-0-pay", {"offers-0-pay": "NaN", "offers-0-bonus": "1"}),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(
        self, boss: Client, store: Store, field: str, wrong: dict[str, object]
    ) -> None:
        shop.new_programme(code="taken")

        answer = boss.post(f"{PAGE}add/", new(**wrong))

        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in answer.content.decode()
        assert Programme.objects.count() == 1

    def test_two_offers_for_one_payment_are_refused(self, boss: Client) -> None:
        answer = boss.post(f"{PAGE}add/", new(("500", "80"), ("500.00", "90")))

        assert (answer.status_code, Programme.objects.count()) == (422, 0)
        assert 'id="id_offers-1-pay_error"' in answer.content.decode()


class TestChanging:
    def test_the_form_starts_from_the_terms_in_force(self, boss: Client, programme: Programme) -> None:
        programmes.revise(programme=programme, most_held=1234_50, bands=[(500_00, 80_00)], by=cast.OWNER)

        shown = boss.get(f"{PAGE}{programme.pk}/terms/").content.decode()

        for value in ("1234.50", "500.00", "80.00"):
            assert f'value="{value}"' in shown

    def test_new_terms_are_a_new_version(self, boss: Client, programme: Programme) -> None:
        page = f"{PAGE}{programme.pk}/"

        answer = boss.post(f"{page}terms/", typed(("300", "30"), most_per_charge="100"), follow=True)

        terms = terms_of(programme.code)
        assert (terms.version, bands(terms), terms.most_per_charge) == (2, [(300_00, 30_00)], 100_00)
        assert "CN¥300.00 gets CN¥30.00" in answer.content.decode()
        assert "CN¥500.00 gets CN¥80.00" in boss.get(page).content.decode()

    def test_new_terms_can_wait_for_a_day(self, boss: Client, programme: Programme) -> None:
        later = (timezone.now() + timedelta(days=9)).date()

        answer = boss.post(f"{PAGE}{programme.pk}/terms/", typed(first_day=later.isoformat()), follow=True)

        assert terms_of(programme.code).version == 1
        assert "Version 2 takes over" in answer.content.decode()

    @pytest.mark.parametrize("day", ["2020-01-01", "tomorrow"])
    def test_a_day_that_is_over_is_refused(self, boss: Client, programme: Programme, day: str) -> None:
        answer = boss.post(f"{PAGE}{programme.pk}/terms/", typed(first_day=day))

        assert answer.status_code == 422
        assert 'id="id_first_day_error"' in answer.content.decode()
        assert terms_of(programme.code).version == 1


def test_a_closed_programme_says_so(boss: Client, programme: Programme) -> None:
    answer = boss.post(f"{PAGE}{programme.pk}/close/", follow=True)

    programme.refresh_from_db()
    assert not programme.is_open
    assert "Closed to new value" in answer.content.decode()
    assert "Closed to new value" in boss.get(PAGE).content.decode()


def test_the_list_tells_the_terms(boss: Client, programme: Programme) -> None:
    shown = boss.get(PAGE).content.decode()

    assert programme.code in shown
    assert "CN¥1,000.00 gets CN¥200.00" in shown


def test_the_till_leads_to_the_first_programme(till: Till) -> None:
    boss = cast.signed_in(cast.person("administrator"), till)
    cashier = cast.signed_in(cast.person("cashier"), till)

    assert f'href="{PAGE}add/"' in boss.get("/console/till/").content.decode()
    assert "Ask an administrator" in cashier.get("/console/till/").content.decode()
    shop.new_programme()
    assert f'href="{PAGE}add/"' not in boss.get("/console/till/").content.decode()


@pytest.mark.parametrize(
    ("promised", "act", "amount", "said"),
    [
        ({"most_per_top_up": 100_00}, "top-up", "100.01", "over the limit of CN¥100.00 at once"),
        ({"most_topped_up_a_day": 600_00}, "top-up", "100.01", "CN¥600.00 a day, of which CN¥500.00 is used"),
        ({"most_held": 600_00}, "top-up", "150.01", "ceiling of CN¥600.00"),
        ({"most_per_charge": 100_00}, "charge", "100.01", "over the limit of CN¥100.00 at once"),
        ({"most_charged_a_day": 100_00}, "charge", "50.01", "CN¥100.00 a day, of which CN¥50.00 is used"),
    ],
)
def test_the_till_knows_the_limits_before_money_is_taken(
    till: Till, promised: dict[str, int], act: str, amount: str, said: str
) -> None:
    wallet = shop.new_wallet(shop.new_programme(**{name: most for name, most in promised.items() if "day" in name}))
    shop.top_up(wallet, 500_00, till.store)
    shop.charge(wallet, 50_00, till.store)
    programmes.revise(programme=wallet.programme, by=cast.OWNER, **promised)  # type: ignore[arg-type]  # limits by name
    address = f"/console/till/wallets/{wallet.pk}/{act}/"
    counter = cast.signed_in(cast.person("cashier"), till)
    key = re.search(r'name="key" value="([^"]+)"', counter.get(address).content.decode())
    assert key

    asked = counter.get(address, {"amount": amount, "method": "CASH", "key": key[1]})

    assert asked.status_code == 422
    assert said in asked.content.decode()


@pytest.mark.parametrize("page", ["", "add/", "{}/", "{}/terms/", "{}/close/"])
@pytest.mark.parametrize("role", ["cashier", "manager", "finance", "auditor"])
def test_nobody_else_may(programme: Programme, role: str, page: str) -> None:
    client = cast.signed_in(cast.person(role))

    assert client.get(PAGE + page.format(programme.pk)).status_code == 403
    assert client.post(PAGE + page.format(programme.pk), new()).status_code == 403
    assert Programme.objects.count() == 1


@pytest.mark.parametrize("page", ["0/", "0/terms/"])
def test_what_is_not_there_is_not_found(boss: Client, page: str) -> None:
    assert boss.get(PAGE + page).status_code == 404
