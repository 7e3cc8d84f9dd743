"""What was left on a bearer card when its time was over comes back for whoever brings it: once, as paid value, and in its lots."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import make
import pytest
from django.db import connection, connections
from django.utils import timezone

import cast
import shop
from api.program import Program
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.core.packs.errors import PackRefused
from chuzhi.ledger.chart import BREAKAGE, Kind
from chuzhi.ledger.errors import KeyReused
from chuzhi.ledger.models import SystemTotal
from chuzhi.ledger.proof import verification
from chuzhi.organization import stores
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store, Till
from chuzhi.wallets import accounts, expiry, queries, reactivating
from chuzhi.wallets.errors import CardNotShown, NothingExpired, WalletNamed
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Balance, Moved

LONG_AGO = timedelta(days=30)


@pytest.fixture
def short(db: None) -> Programme:
    return shop.new_programme(bands=[(500_00, 80_00)], bonus_valid_days=10, principal_valid_days=20)


@pytest.fixture
def expired(short: Programme, store: Store) -> Wallet:
    """A bearer's: 500 and 100 were paid and 80 came with them, all of it gone by now and not swept yet."""
    wallet = accounts.open_wallet(programme=short, key=make.key(), by=cast.OWNER)
    for amount in (500_00, 100_00):
        shop.top_up(wallet, amount, store, effective_at=timezone.now() - LONG_AGO)
    return wallet


def again(wallet: Wallet, by: Actor, **more: object) -> Moved:
    values: dict[str, object] = {"shown": "9156 0000 0000 0018", "key": make.key()} | more
    return reactivating.reactivate(wallet=wallet, by=by, **values)  # type: ignore[arg-type]  # whatever a test asks for


def breakage(wallet: Wallet) -> int:
    return sum(SystemTotal.objects.filter(account=BREAKAGE, book=wallet.book).values_list("total", flat=True))


def test_what_was_paid_comes_back_by_lot_out_of_breakage_with_a_new_time(expired: Wallet, manager: Actor) -> None:
    before = {lot.granted_at: lot.funding for lot in queries.lots(expired, only_open=False) if lot.bucket == 1}
    assert (queries.balance(expired), reactivating.left(expired)) == (Balance(), 600_00)

    moved = again(expired, manager)

    assert (moved.principal, moved.bonus, queries.balance(expired).available) == (600_00, 0, 600_00)
    lots = queries.lots(expired)
    assert [lot.amount for lot in lots] == [500_00, 100_00]
    assert {lot.granted_at: lot.funding for lot in lots} == before
    assert all(lot.expires_at and 20 <= (lot.expires_at - timezone.now()).days <= 21 for lot in lots)
    entry = queries.entries(expired)[0]
    assert '"evidence":"9156 0000 0000 0018"' in entry.details
    assert [queries.operation(expired, seq).outcome.kind for seq in [entry.outcome.ref_seq]] == [Kind.EXPIRY]  # type: ignore[union-attr,arg-type]


def test_nothing_comes_back_twice_but_what_expires_again_does(expired: Wallet, store: Store, manager: Actor) -> None:
    expiry.sweep()
    assert breakage(expired) == 600_00

    first, replayed = again(expired, manager, key="once"), again(expired, manager, key="once")
    assert (replayed.id, replayed.replayed) == (first.id, True)
    with pytest.raises(NothingExpired):
        again(expired, manager)
    assert (breakage(expired), reactivating.left(expired)) == (0, 0)

    shop.top_up(expired, 30_00, store, effective_at=timezone.now() - LONG_AGO)
    assert (reactivating.left(expired), again(expired, manager).amount) == (30_00, 30_00)
    assert verification.verify(connection.connection, deep=True).findings == []


def test_a_key_of_something_else_is_refused(expired: Wallet, store: Store, manager: Actor) -> None:
    shop.top_up(expired, 10_00, store, by=manager, key="mine")

    with pytest.raises(KeyReused):
        again(expired, manager, key="mine")


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_without_a_key_of_its_own_nothing_is_done(expired: Wallet, manager: Actor, key: str) -> None:
    with pytest.raises(Refused) as no:
        again(expired, manager, key=key)

    assert (no.value.code, reactivating.left(expired)) == ("idempotency.key_missing", 600_00)


def test_a_named_wallet_has_other_ways(short: Programme, store: Store, manager: Actor) -> None:
    named = shop.new_wallet(short)
    shop.top_up(named, 500_00, store, effective_at=timezone.now() - LONG_AGO)

    with pytest.raises(WalletNamed):
        again(named, manager)
    assert reactivating.left(named) == 0


def test_who_may_not_and_whoever_saw_no_card_are_refused(
    expired: Wallet, cashier: Actor, finance: Actor, manager: Actor
) -> None:
    for somebody in (cashier, finance):
        with pytest.raises(NotAllowed):
            again(expired, somebody)
    with pytest.raises(CardNotShown):
        again(expired, manager, shown=" ")

    assert queries.balance(expired) == Balance()


def test_a_frozen_wallet_gets_it_and_stays_frozen(expired: Wallet, manager: Actor) -> None:
    accounts.freeze(wallet=expired, reason="stolen", key=make.key(), by=manager)
    again(expired, manager)
    assert queries.balance(expired).available == 600_00

    with pytest.raises(Refused) as no:
        shop.charge(expired, 1_00, cast.store())
    assert no.value.code == "wallet.frozen"


def test_law_holds_for_how_long_and_how_much(expired: Wallet, store: Store, manager: Actor) -> None:
    stores.choose_pack(store=store, pack="cn-shanghai", by=cast.OWNER)

    with pytest.raises(PackRefused):
        again(expired, manager, store=store.pk)

    assert reactivating.left(expired) == 600_00


@pytest.mark.real
def test_two_at_once_bring_it_back_once(committed: None) -> None:
    short = shop.new_programme(principal_valid_days=20)
    wallet, store = accounts.open_wallet(programme=short, key=make.key(), by=cast.OWNER), cast.store()
    shop.top_up(wallet, 500_00, store, effective_at=timezone.now() - LONG_AGO)
    people = [cast.actor("manager") for _each in range(4)]

    def tried(by: Actor) -> bool:
        try:
            return bool(again(wallet, by))
        except NothingExpired:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(tried, people))

    assert (done.count(True), queries.balance(wallet).available) == (1, 500_00)


def test_the_page_says_what_is_left_and_brings_it_back(expired: Wallet, till: Till) -> None:
    page, act = f"/console/wallets/{expired.pk}/", f"/console/wallets/{expired.pk}/reactivate/"
    cashier, manager = (cast.signed_in(cast.person(role), at=till) for role in ("cashier", "manager"))
    told = cashier.get(page).content.decode()
    assert "CN¥600.00 was left when its time was over" in told
    assert act not in told

    shown = manager.get(page)
    key = shown.context["again_key"]
    assert manager.post(act, {"key": key, "shown": ""}).status_code == 422
    for _twice in range(2):
        assert manager.post(act, {"key": key, "shown": "0018"})["Location"] == page
    assert manager.post(act, {"shown": "0018"}).status_code == 422

    told = manager.get(page).content.decode()
    assert "Activated again" in told
    assert "was left when" not in told
    assert queries.balance(expired).available == 600_00


def test_a_program_brings_it_back_once(expired: Wallet) -> None:
    program, address = Program("wallets:reactivate"), f"/wallets/{expired.pk}/reactivations"
    done = [program.post(address, {"shown": "0018"}, key="once") for _twice in range(2)]

    assert [each.status_code for each in done] == [201, 200]
    assert done[0].json()["balance"]["principal"] == 600_00
    refused = program.post(address, {"shown": "0018"}, key="twice")
    assert (refused.status_code, refused.json()["code"]) == (422, "wallet.nothing_expired")
    assert program.post(address, {"shown": "0018", "store": "999"}, key="three").json()["code"] == "store.unusable"
