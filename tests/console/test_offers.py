"""Offers on their pages: made, tried out, changed, stopped; and what the till tells of them."""

import re
from typing import Any

import make
import pytest
from django.test import Client

import cast
import shop
from chuzhi.organization.models import Store, Till
from chuzhi.topups import offers, orders
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer
from chuzhi.topups.offer_rules import Every
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance
from topups import offering
from topups.offering import bonus, level, lot

pytestmark = pytest.mark.django_db
PAGE = "/console/offers/"
ROWS = 2


@pytest.fixture
def boss() -> Client:
    return cast.signed_in(cast.person("administrator"))


def typed(*bands: dict[str, Any], **more: Any) -> dict[str, Any]:
    rows = {"bands-TOTAL_FORMS": ROWS, "bands-INITIAL_FORMS": 0}
    for number, band in enumerate(bands):
        rows |= {f"bands-{number}-{name}": value for name, value in band.items()}
    return rows | {"name_zh": "春季充值", "priority": "0"} | more


def new(programme: Programme, *bands: dict[str, Any], **more: Any) -> dict[str, Any]:
    return typed(*bands, programme=str(programme.pk), **more)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_what_is_typed_is_what_is_offered(boss: Client, programme: Programme, store: Store) -> None:
    points = offering.points()
    rich = {
        "pay": "1,000", "bonus": "300", "parts": "3", "every": "month", "lot_programme": str(points.pk), "lot_amount": "５００",
        "worth": "5", "coupon": "TEA", "coupons": "2", "level": "gold", "level_days": "365",
    }  # fmt: skip

    assert boss.get(f"{PAGE}add/").status_code == 200
    answer = boss.post(
        f"{PAGE}add/",
        new(programme, {"pay": "500", "bonus": "100"}, rich, budget="9000", name_en="Spring", tiers="gold, silver",
            channels=["web", "counter"], stores=[str(store.pk)], is_first_only="on", most_uses="2", priority="5",
            first_day="2026-01-01", last_day="2099-12-31"),
    )  # fmt: skip

    offer = Offer.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}{offer.pk}/")
    terms = offers.terms_of([offer])[offer.pk]
    assert (offer.budget, terms.tiers, terms.channels, terms.stores) == (
        9000_00, ["gold", "silver"], ["counter", "web"], [store.pk],
    )  # fmt: skip
    assert (terms.is_first_only, terms.most_uses, terms.priority) == (True, 2, 5)
    bands = offers.ruled(offer, terms).bands
    said = [[(gift.kind, gift.amount, gift.worth, gift.code, gift.parts) for gift in band.gifts] for band in bands]
    assert said == [
        [("bonus", 100_00, 100_00, "", 1)],
        [("bonus", 300_00, 300_00, "", 3), ("lot", 500, 5_00, "", 1), ("coupon", 2, 0, "TEA", 1), ("level", 1, 0, "gold", 1)],
    ]


def test_the_form_of_a_change_says_what_the_offer_says(boss: Client, programme: Programme) -> None:
    points = offering.points()
    gifts = (bonus(300_00, parts=3, every=Every.WEEK), lot(points, 500, 5_00), level("gold"))
    offer = offering.offer(programme, (500_00, bonus(100_00)), (1000_00, gifts), budget=9000_00)
    shown = boss.get(f"{PAGE}{offer.pk}/change/").content.decode()
    sent = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', shown)) | dict(
        re.findall(r'<select name="([^"]+)".*?<option value="([^"]*)" selected', shown, flags=re.S)
    )
    chosen = {name: value for name, value in sent.items() if name not in {"channels", "stores", "csrfmiddlewaretoken"}}
    chosen.pop("is_first_only", None)

    assert boss.post(f"{PAGE}{offer.pk}/change/", chosen).status_code == 302

    first, second = (offers.ruled(offer, version) for version in offer.versions.order_by("version"))
    assert [(band.pay, [(g.kind, g.amount, g.worth, g.parts, g.every) for g in band.gifts]) for band in first.bands] == [
        (band.pay, [(g.kind, g.amount, g.worth, g.parts, g.every) for g in band.gifts]) for band in second.bands
    ]
    assert (first.starts_at, first.ends_at, first.priority) == (second.starts_at, second.ends_at, second.priority)


@pytest.mark.parametrize(
    ("bands", "more", "said"),
    [
        ([{}], {}, "An offer needs one amount at least."),
        ([{"pay": "500"}], {}, "Say what the customer gets for it."),
        ([{"bonus": "50"}], {}, "Say what the customer pays for it."),
        ([{"pay": "500", "bonus": "5"}] * 2, {}, "Another line has the same amount."),
        ([{"pay": "500", "bonus": "50"}, {"pay": "600", "bonus": "40"}], {}, "Who pays more must not get less"),
        ([{"pay": "500", "bonus": "50", "parts": "3"}], {}, "Say how often a part is due."),
        ([{"pay": "500", "bonus": "50", "every": "day"}], {}, "Say in how many parts."),
        ([{"pay": "500", "bonus": "0.02", "parts": "3", "every": "day"}], {}, "One of the gifts cannot be"),
        ([{"pay": "500", "bonus": "50", "lot_amount": "3"}], {}, "Say of what."),
        ([{"pay": "five", "bonus": "50"}], {}, "is not an amount"),
        ([{"pay": "500", "bonus": "50"}], {"last_day": "2020-01-01"}, "The last day is before the first one."),
        ([{"pay": "500", "bonus": "50"}], {"tiers": "gold!"}, "Codes of levels are letters"),
    ],
)
def test_what_cannot_be_is_said_where_it_stands(
    boss: Client, programme: Programme, bands: list[dict[str, str]], more: dict[str, str], said: str
) -> None:
    answer = boss.post(f"{PAGE}add/", new(programme, *bands, **more))

    assert answer.status_code == 422
    assert said in text(answer)
    assert not Offer.objects.exists()


def test_bands_are_tried_out_while_they_are_typed(boss: Client, programme: Programme, store: Store) -> None:
    wallet = shop.new_wallet(programme)
    for amount in (100_00, 600_00):
        shop.top_up(wallet, amount, store)

    answer = boss.post(f"{PAGE}try/", new(programme, {"pay": "500", "bonus": "80"}, {"pay": "x"}))

    told = text(answer)
    assert "CN¥80.00 bonus" in told
    assert "16%" in told
    assert "Of 2 top-ups in the last 90 days 1 reached a band: CN¥80.00, or 13.33% of what they paid." in told
    assert "CN¥20.01 more brings CN¥80.00 more bonus" in told
    assert not Offer.objects.exists()
    assert "Say what is paid and what it brings." in text(boss.post(f"{PAGE}try/", {"programme": "x"} | typed()))


def test_what_it_has_cost_stands_in_the_list_and_on_its_page(boss: Client, programme: Programme, store: Store) -> None:
    offer = offering.offer(programme, (500_00, bonus(120_00, parts=12, every=Every.MONTH)), budget=1000_00)
    offering.sell(shop.new_wallet(programme), 600_00, store)

    listed, page = text(boss.get(PAGE)), text(boss.get(f"{PAGE}{offer.pk}/"))

    assert "CN¥880.00" in listed
    assert "20%" in listed
    for said in ("20% of CN¥600.00 paid", "CN¥10.00", "CN¥110.00 to come", "of CN¥1,000.00"):
        assert said in page


def test_what_unpaid_orders_hold_stands_beside_what_is_left(boss: Client, wallet: Wallet) -> None:
    offer = offering.offer(wallet.programme, (500_00, bonus(100_00)), budget=250_00)
    orders.place(wallet=wallet, amount=500_00, channel=Channel.LINK, key=make.key(), by=cast.OWNER)

    page, rows = text(boss.get(f"{PAGE}{offer.pk}/")), text(boss.get(PAGE))

    assert "for orders that are not paid yet" in page
    assert "CN¥150.00" in page
    assert "CN¥100.00 reserved" in rows


def test_it_is_stopped_and_goes_on(boss: Client, programme: Programme) -> None:
    offer = offering.offer(programme, (500_00, bonus(100_00)))

    for act, state in (("stop", "Stopped"), ("resume", "Running")):
        assert boss.post(f"{PAGE}{offer.pk}/{act}/").status_code == 302
        assert state in text(boss.get(f"{PAGE}{offer.pk}/"))


def test_an_offer_of_a_program_that_the_form_cannot_say_is_left_alone(boss: Client, programme: Programme) -> None:
    offer = offering.offer(programme, (500_00, (bonus(100_00), bonus(60_00, parts=2, every=Every.DAY))))

    answer = boss.get(f"{PAGE}{offer.pk}/change/", follow=True)

    assert "A program has made this offer" in text(answer)


@pytest.mark.parametrize("role", ["manager", "finance", "auditor"])
def test_some_look_and_change_nothing(programme: Programme, role: str) -> None:
    offer, client = offering.offer(programme, (500_00, bonus(100_00))), cast.signed_in(cast.person(role))

    assert client.get(PAGE).status_code == client.get(f"{PAGE}{offer.pk}/").status_code == 200
    for address in ("add/", "try/", f"{offer.pk}/change/", f"{offer.pk}/stop/", f"{offer.pk}/resume/"):
        assert client.post(f"{PAGE}{address}").status_code == 403
    assert Offer.objects.get().stopped_at is None


def test_a_cashier_does_not_look(programme: Programme) -> None:
    assert cast.signed_in(cast.person("cashier")).get(PAGE).status_code == 403


def last_step(page: str) -> dict[str, str]:
    """What the form that moves money would send."""
    found = re.search(r"<form[^>]* data-money.*?</form>", page, re.DOTALL)
    assert found
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[0]))


class TestTill:
    def test_it_offers_what_is_on_offer_and_foresees_what_comes(self, wallet: Wallet, till: Till) -> None:
        offering.offer(wallet.programme, (500_00, (bonus(100_00, parts=4, every=Every.WEEK), lot(offering.points(), 300))))
        counter, address = cast.signed_in(cast.person("cashier"), at=till), f"/console/till/wallets/{wallet.pk}/top-up/"

        shown = text(counter.get(address))
        key = re.search(r'name="key" value="([^"]+)"', shown)
        assert key
        ahead = text(counter.get(address, {"key": key[1], "amount": "500", "method": "CASH"}))

        assert "CN¥500.00 gets CN¥100.00 + 300 points" in shown
        assert "CN¥1,000.00 gets CN¥200.00" in shown
        assert "Spring" in ahead
        assert "CN¥100.00 bonus in 4 parts, every week" in ahead
        assert "CN¥500.00 more brings CN¥100.00 more bonus" in ahead
        sent = last_step(ahead)
        assert counter.post(address, sent).status_code == 302
        assert queries.balance(wallet) == Balance(500_00, 25_00)

    def test_an_offer_that_ran_out_meanwhile_is_told_before_money_is_taken(self, wallet: Wallet, till: Till) -> None:
        offer = offering.offer(wallet.programme, (500_00, bonus(100_00)))
        counter, address = cast.signed_in(cast.person("cashier"), at=till), f"/console/till/wallets/{wallet.pk}/top-up/"
        key = re.search(r'name="key" value="([^"]+)"', text(counter.get(address)))
        assert key
        ahead = text(counter.get(address, {"key": key[1], "amount": "500", "method": "CASH"}))
        sent = last_step(ahead)
        offers.stop(offer=offer, by=cast.OWNER)

        answer = counter.post(address, sent)

        assert answer.status_code == 422
        assert "The offer has changed: for this amount the bonus is now CN¥80.00." in text(answer)
        assert queries.balance(wallet) == Balance()
