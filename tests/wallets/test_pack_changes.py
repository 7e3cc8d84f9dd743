"""Whom another rule pack would concern is known before it is chosen; choosing it is all that changes anything."""

import pytest
from django.utils import timezone

import cast
import rechargecards
import shop
from api.program import Program
from chuzhi.core.packs import reading, rules
from chuzhi.core.packs.errors import PackUnknown
from chuzhi.core.packs.rules import Topic
from chuzhi.organization import stores
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import pack_changes
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.pack_changes import Counts, Preview

pytestmark = pytest.mark.django_db


def preview(store: Store, pack: str = "cn-national", **more: object) -> Preview:
    return pack_changes.preview(store=store, pack=pack, by=cast.OWNER, **more)  # type: ignore[arg-type]  # any


def held(store: Store, amount: int, **terms: object) -> Wallet:
    wallet = shop.new_wallet(shop.new_programme(bands=[], **terms))
    shop.top_up(wallet, amount, store)
    return wallet


def test_what_differs_is_told_once_and_in_order() -> None:
    found = rules.differences(reading.pack("none"), reading.pack("cn-national"), timezone.localdate())

    topics = [each.topic for each in found]
    assert topics == sorted(topics, key=list(Topic).index)
    assert {(each.topic, each.of) for each in found} >= {(Topic.MOST_HELD, "named"), (Topic.MOST_HELD, "bearer")}
    assert rules.differences(reading.pack("cn-national"), reading.pack("cn-national"), timezone.localdate()) == []


def test_limits_expiry_and_refunds_are_counted_each(store: Store) -> None:
    plain = held(store, 100_00)
    over = held(store, 6000_00)
    ending = held(store, 100_00, principal_valid_days=365)
    elsewhere = held(cast.store(), 100_00)
    shop.new_wallet(plain.programme)  # holds nothing

    found = preview(store)

    assert found.counts == Counts(wallets=4, limits=4, is_over=1, expiry=1, refund=3)
    told = {row.wallet: row for row in found.wallets}
    assert (told[over.pk].is_over, told[plain.pk].is_over, told[plain.pk].balance) == (True, False, 100_00)
    assert (told[ending.pk].expiry, told[plain.pk].expiry) == (True, False)
    assert (told[elsewhere.pk].refund, told[plain.pk].refund) == (False, True)


def test_bearer_cards_have_limits_of_their_own(store: Store) -> None:
    rechargecards.sold(shop.new_programme(bands=[]), store, value=1500_00)

    row = preview(store).wallets[0]

    assert (row.is_named, row.is_over) == (False, True)


def test_a_pack_that_says_the_same_concerns_nobody(store: Store) -> None:
    held(store, 100_00)

    assert preview(store, "none").counts == Counts()


def test_a_programme_that_the_store_does_not_take_is_not_concerned(store: Store) -> None:
    other = cast.store()
    held(other, 100_00, stores=[other.pk])

    assert preview(store).counts == Counts()


def test_a_page_at_a_time(store: Store) -> None:
    wallets = [held(store, 100_00).pk for _each in range(3)]

    first = preview(store, limit=2)
    second = preview(store, limit=2, after=first.following)

    assert [row.wallet for row in (*first.wallets, *second.wallets)] == wallets
    assert (first.following, second.following, second.counts.wallets) == (wallets[1], None, 3)


def test_only_who_may_choose_and_only_a_pack_that_is_there(store: Store) -> None:
    with pytest.raises(NotAllowed):
        pack_changes.preview(store=store, pack="none", by=cast.actor("manager"))
    with pytest.raises(PackUnknown):
        preview(store, "atlantis")


def test_the_page_tells_before_it_changes(store: Store) -> None:
    wallet = held(store, 6000_00)
    owner = cast.signed_in(cast.person("administrator"))
    where = f"/console/stores/{store.pk}/pack/"
    assert where in owner.get(f"/console/stores/{store.pk}/").content.decode()

    page = owner.get(f"{where}?pack=cn-national").content.decode()

    assert "A named card may hold at most" in page
    assert f"/console/wallets/{wallet.pk}/" in page
    assert "Above the new ceiling" in page
    store.refresh_from_db()
    assert store.pack == "none"
    assert owner.get(f"{where}?pack=atlantis").status_code == 422
    assert owner.post(where, {"pack": "cn-national"}).status_code == 302
    store.refresh_from_db()
    assert store.pack == "cn-national"
    assert "follows this pack already" in owner.get(f"{where}?pack=cn-national").content.decode()


def test_by_a_program(store: Store) -> None:
    wallets = [held(store, 6000_00).pk for _each in range(2)]
    program = Program("stores:write")

    first = program.get(f"/stores/{store.pk}/pack/preview", pack="cn-national", limit=1).json()
    second = program.get(f"/stores/{store.pk}/pack/preview", pack="cn-national", limit=1, cursor=first["next_cursor"]).json()

    assert [page["items"][0]["wallet"] for page in (first, second)] == [str(wallet) for wallet in wallets]
    assert first["items"][0]["changes"] == ["limits", "is_over", "refund"]
    assert (first["counts"]["wallets"], second["next_cursor"]) == (2, None)
    assert {"topic": "most_held", "of": "named", "before": None, "after": "cn.held.named"} in first["changes"]
    assert program.get(f"/stores/{store.pk}/pack/preview", pack="atlantis").json()["code"] == "pack.unknown"
    assert stores.visible_to(cast.OWNER).get(pk=store.pk).pack == "none"


def test_what_is_reported_and_kept_apart_is_told_beforehand(store: Store) -> None:
    held(store, 1000_00)
    held(cast.store(), 500_00)

    found = preview(store)
    told = Program("stores:write").get(f"/stores/{store.pk}/pack/preview", pack="cn-national").json()["reports"]

    before, after = found.reports
    assert (before.custody.required, before.due) == (0, None)
    assert (after.custody.base, after.custody.required) == (1000_00, 400_00)
    assert (after.last - after.first).days > (before.last - before.first).days
    assert (told["before"]["custody"], told["after"]["unspent"], told["after"]["custody"]) == (0, 1000_00, 400_00)
    assert told["after"]["due_on"] == str(after.due[0] if after.due else None)
