"""Records are merged and parted while tills go on: whatever wins, no value appears or vanishes, and the verifier agrees."""

from concurrent.futures import ThreadPoolExecutor

import make
import pytest
from django.db import connections

import cast
import shop
from chuzhi.core.errors import Refused
from chuzhi.customers import merging
from chuzhi.customers.models import Merge
from chuzhi.ledger import verifications
from chuzhi.organization.models import Store
from chuzhi.wallets import counters, queries
from chuzhi.wallets import merging as joining
from chuzhi.wallets.models import Wallet

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("committed")]
THREADS = 12
CHARGES = 60


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Which stores are open is remembered for seconds, and each test has its own."""
    counters.open_stores.forget()


@pytest.fixture
def store() -> Store:
    return cast.store()


@pytest.fixture
def two(store: Store) -> tuple[Wallet, Wallet]:
    programme = shop.new_programme()
    wallets = shop.new_wallet(programme), shop.new_wallet(programme)
    for wallet in wallets:
        shop.top_up(wallet, 1000_00, store)
    return wallets


def done_at_once(*acts: object) -> list[object]:
    def run(act: object) -> object:
        try:
            return act()  # type: ignore[operator]  # a lambda for each
        except Refused as no:
            return no.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, acts))


def test_merged_and_parted_while_both_wallets_are_charged(two: tuple[Wallet, Wallet], store: Store) -> None:
    kept, gone = (wallet.customer for wallet in two)
    assert kept is not None
    assert gone is not None
    charges = [lambda number=number: shop.charge(two[number % 2], 1_00, store).amount for number in range(CHARGES)]  # type: ignore[misc]

    said = done_at_once(
        *charges[:20],
        lambda: merging.merge(kept=kept, gone=gone, taken=[], reason="same", by=cast.OWNER).pk,
        *charges[20:40],
        lambda: merging.merge(kept=kept, gone=gone, taken=[], reason="same", by=cast.OWNER).pk,
        *charges[40:],
    )

    made = Merge.objects.get()
    charged = sum(
        each for each, act in zip(said, range(len(said)), strict=True) if act not in {20, 41} and isinstance(each, int)
    )
    assert {each for each in said if isinstance(each, str)} <= {"wallet.joined", "wallet.not_enough"}
    assert (queries.balance(two[0]).principal, queries.balance(two[1]).principal) == (2000_00 - charged, 0)

    shop.top_up(two[1], 50_00, store)
    done_at_once(joining.bring_over, joining.bring_over, lambda: merging.undo(merge=made, by=cast.OWNER), joining.bring_over)

    assert sum(queries.balance(wallet).principal for wallet in two) == 2050_00 - charged
    assert verifications.make().wrong == 0


def test_of_two_who_merge_both_ways_one_is_first(two: tuple[Wallet, Wallet]) -> None:
    one, other = (wallet.customer for wallet in two)
    assert one is not None
    assert other is not None

    said = done_at_once(
        *(
            lambda: merging.merge(kept=one, gone=other, taken=[], reason=make.key(), by=cast.OWNER).kept_id
            for _each in range(4)
        ),
        *(
            lambda: merging.merge(kept=other, gone=one, taken=[], reason=make.key(), by=cast.OWNER).kept_id
            for _each in range(4)
        ),
    )

    made = Merge.objects.get()
    assert {each for each in said if isinstance(each, int)} == {made.kept_id}
    assert {each for each in said if isinstance(each, str)} == {"customer.unknown"}
    assert sum(queries.balance(wallet).principal for wallet in two) == 2000_00
    assert verifications.make().wrong == 0
