from datetime import timedelta
from typing import Any

import make
import pytest
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.organization.models import Store
from chuzhi.topups import orders
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance
from topups import offering

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("offers:read", "offers:write", "topups:write", "refunds:write")


def asked(programme: Programme, **more: object) -> dict[str, Any]:
    gifts = [{"kind": "bonus", "amount": 100_00}]
    return {"programme": str(programme.pk), "name_zh": "春季充值", "bands": [{"pay": 500_00, "gifts": gifts}]} | more


def terms(programme: Programme, **more: object) -> dict[str, Any]:
    return {name: value for name, value in asked(programme, **more).items() if name != "programme"}


def test_an_offer_is_made_previewed_given_and_counted(program: Program, wallet: Wallet, store: Store) -> None:
    made = program.post("/offers", asked(wallet.programme, name_en="Spring", budget=250_00))
    assert (made.status_code, made.json()["state"], made.json()["left"]) == (201, "running", 250_00)

    shown = program.get("/offers/preview", wallet=wallet.pk, amount=500_00, store=store.pk).json()
    assert (shown["offer"], shown["bonus"], shown["mark"]) == (made.json()["id"], 100_00, made.json()["bands"][0]["mark"])
    assert shown["next"] == {
        "add": 500_00, "more": 100_00, "offer": None,
        "gifts": [{"kind": "bonus", "amount": 200_00, "worth": 200_00, "code": "", "parts": 1, "programme": None,
                   "valid_days": None, "every": None, "at_once": 200_00}],
    }  # fmt: skip

    body = {"wallet": str(wallet.pk), "amount": 500_00, "method": "cash", "store": str(store.pk), "offer": shown["mark"]}
    sold = program.post("/topups", body)
    assert (sold.status_code, sold.json()["balance"]["bonus"]) == (201, 100_00)

    found = program.get(f"/offers/{made.json()['id']}").json()
    assert (found["given"], found["reserved"], found["left"], found["uses"]) == (100_00, 0, 150_00, 1)
    assert [each["id"] for each in program.get("/offers").json()["items"]] == [found["id"]]


def test_what_unpaid_orders_hold_is_told_apart(program: Program, wallet: Wallet) -> None:
    made = program.post("/offers", asked(wallet.programme, budget=250_00)).json()
    orders.place(wallet=wallet, amount=500_00, channel=Channel.PROGRAM, key=make.key(), by=cast.OWNER)

    found = program.get(f"/offers/{made['id']}").json()

    assert (found["given"], found["reserved"], found["left"], found["uses"]) == (0, 100_00, 150_00, 0)


def test_everything_that_an_offer_can_say_is_said_back(program: Program, programme: Programme, store: Store) -> None:
    points = offering.points()
    begins, ends = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=9)
    gifts = [
        {"kind": "bonus", "amount": 120_00, "parts": 12, "every": "month", "valid_days": 90},
        {"kind": "lot", "amount": 500, "worth": 5_00, "programme": str(points.pk)},
        {"kind": "coupon", "amount": 2, "worth": 10_00, "code": "TEA"},
        {"kind": "level", "code": "gold", "valid_days": 365},
    ]
    given = asked(
        programme, bands=[{"pay": 1000_00, "gifts": gifts}], priority=3, tiers=["silver"], stores=[str(store.pk)],
        channels=["web", "counter"], first_only=True, most_uses=2, starts_at=begins.isoformat(), ends_at=ends.isoformat(),
    )  # fmt: skip

    made = program.post("/offers", given).json()

    assert made["state"] == "not_yet"
    assert (made["tiers"], made["stores"], made["channels"]) == (["silver"], [str(store.pk)], ["counter", "web"])
    assert (made["priority"], made["first_only"], made["most_uses"]) == (3, True, 2)
    said = [(gift["kind"], gift["amount"], gift["worth"], gift["at_once"]) for gift in made["bands"][0]["gifts"]]
    assert sorted(said) == [
        ("bonus", 120_00, 120_00, 10_00), ("coupon", 2, 10_00, 2), ("level", 1, 0, 1), ("lot", 500, 5_00, 500),
    ]  # fmt: skip


def test_an_offer_is_changed_in_versions_stopped_and_goes_on(program: Program, wallet: Wallet, store: Store) -> None:
    offer = program.post("/offers", asked(wallet.programme)).json()
    offering.sell(wallet, 500_00, store)
    cheaper = [{"pay": 400_00, "gifts": [{"kind": "bonus", "amount": 90_00}]}]

    changed = program.post(f"/offers/{offer['id']}/terms", terms(wallet.programme, bands=cheaper, budget=300_00)).json()
    stopped = [program.post(f"/offers/{offer['id']}/stop", {}).json()["state"] for _twice in range(2)]
    resumed = program.post(f"/offers/{offer['id']}/resume", {}).json()

    assert (changed["version"], changed["given"], changed["left"], changed["bands"][0]["pay"]) == (2, 100_00, 200_00, 400_00)
    assert (stopped, resumed["state"]) == (["stopped", "stopped"], "running")
    shown = program.get("/offers/preview", wallet=wallet.pk, amount=400_00).json()
    assert (shown["bonus"], shown["next"]["add"]) == (90_00, 600_00)


def test_why_an_offer_is_not_given_is_said(program: Program, wallet: Wallet, store: Store) -> None:
    for more in ({"first_only": True}, {"channels": ["web"]}, {"tiers": ["gold"]}, {"stores": [str(store.pk)]}):
        program.post("/offers", asked(wallet.programme, **more))
    shop.top_up(wallet, 1_00, store)

    shown = program.get("/offers/preview", wallet=wallet.pk, amount=500_00).json()

    assert sorted(each["why"] for each in shown["not_given"]) == ["channel", "not_first", "store", "tier"]
    assert (shown["offer"], shown["bonus"]) == (None, 80_00)


@pytest.mark.parametrize(
    "more",
    [
        {"bands": [{"pay": 500_00, "gifts": [{"amount": 90_00}]}, {"pay": 900_00, "gifts": [{"amount": 80_00}]}]},
        {"bands": [{"pay": 500_00, "gifts": [{"amount": 90_00}]}] * 2},
        {"bands": [{"pay": 500_00, "gifts": [{"amount": 90_00, "worth": 1}]}]},
        {"bands": [{"pay": 500_00, "gifts": [{"amount": 90_00, "parts": 3}]}]},
        {"bands": [{"pay": 500_00, "gifts": [{"amount": 2, "parts": 3, "every": "day"}]}]},
        {"bands": [{"pay": 500_00, "gifts": [{"kind": "lot", "amount": 2, "programme": "999999"}]}]},
        {"bands": [{"pay": 500_00, "gifts": [{"kind": "level", "amount": 2, "code": "gold"}]}]},
        {"bands": [{"pay": 500_00, "gifts": [{"kind": "coupon", "amount": 2}]}]},
        {"ends_at": "2020-01-01T00:00:00Z"},
        {"stores": ["999999"]},
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(program: Program, programme: Programme, more: dict[str, object]) -> None:
    answer = program.post("/offers", asked(programme, **more))

    assert (answer.status_code, answer.json()["code"]) == (422, "offer.unusable")
    assert not Offer.objects.exists()


@pytest.mark.parametrize("field", ["bonus", "gift", "gifts", "worth"])
def test_no_top_up_brings_its_own_gift(program: Program, wallet: Wallet, store: Store, field: str) -> None:
    body = {"wallet": str(wallet.pk), "amount": 500_00, "method": "cash", "store": str(store.pk), field: 900_00}

    assert program.post("/topups", body).status_code == 400
    assert queries.balance(wallet) == Balance()


def test_a_mark_that_is_not_given_is_refused(program: Program, wallet: Wallet, store: Store) -> None:
    offer = offering.offer(wallet.programme, (5000_00, offering.bonus(2000_00)))
    mark = program.get(f"/offers/{offer.pk}").json()["bands"][0]["mark"]
    body = {"wallet": str(wallet.pk), "amount": 500_00, "method": "cash", "store": str(store.pk), "offer": mark}

    answer = program.post("/topups", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "offer.changed")
    assert queries.balance(wallet) == Balance()


def test_a_key_of_one_store_makes_offers_of_that_store_only(programme: Programme, store: Store) -> None:
    there = Program("offers:read", "offers:write", at=store)

    everywhere = there.post("/offers", asked(programme))
    own = there.post("/offers", asked(programme, stores=[str(store.pk)]))
    freed = there.post(f"/offers/{own.json()['id']}/terms", terms(programme))

    assert (everywhere.status_code, everywhere.json()["code"]) == (422, "offer.other_stores")
    assert own.status_code == 201
    assert freed.json()["code"] == "offer.other_stores"


def test_who_may_not(programme: Programme, wallet: Wallet) -> None:
    reader, nobody = Program("offers:read"), Program("topups:write")

    assert reader.post("/offers", asked(programme)).status_code == 403
    assert nobody.get("/offers").status_code == 403
    assert nobody.get("/offers/preview", wallet=wallet.pk, amount=1).status_code == 403
    assert reader.get("/offers/999").json()["code"] == "offer.unknown"
