"""A shop with its people and its wallets, as fixtures; made through the real commands."""

import itertools
from collections.abc import Iterator

import make
import pytest

import cast
from chuzhi.core import remembered
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers import profiles
from chuzhi.customers.models import Customer
from chuzhi.ledger.chart import Method
from chuzhi.organization.models import Store, Till
from chuzhi.payments.counter.slips import Slip
from chuzhi.wallets import accounts, funding, programmes, spending
from chuzhi.wallets.models import Programme, Wallet
from chuzhi.wallets.moves import Moved

_numbers = itertools.count(1)


def new_programme(**promised: object) -> Programme:
    values: dict[str, object] = {"code": f"member-{next(_numbers)}", "name": "储值", "asset": "CNY"} | promised
    return programmes.open(by=cast.OWNER, **values)  # type: ignore[arg-type]  # any terms a test asks for


def new_customer() -> Customer:
    return profiles.register(by=cast.OWNER, name="王小明")


def new_wallet(programme: Programme, customer: Customer | None = None) -> Wallet:
    return accounts.open_wallet(programme=programme, customer=customer or new_customer(), key=make.key(), by=cast.OWNER)


def wallet_in_another_book(wallet: Wallet) -> Wallet:
    while (other := new_wallet(wallet.programme)).book == wallet.book:
        pass
    return other


def top_up(wallet: Wallet, amount: int, store: Store, by: Actor = cast.OWNER, **more: object) -> Moved:
    values: dict[str, object] = {"key": make.key(), "method": Method.CASH} | more
    return funding.top_up(wallet=wallet, amount=amount, store=store.pk, by=by, **values)  # type: ignore[arg-type]  # any


def prepaid(amount: int, store: Store) -> Wallet:
    """A wallet with so much paid into it, and no bonus."""
    made = new_wallet(new_programme())
    top_up(made, amount, store)
    return made


def charge(wallet: Wallet, amount: int, store: Store, by: Actor = cast.OWNER, **more: object) -> Moved:
    values: dict[str, object] = {"key": make.key()} | more
    return spending.charge(wallet=wallet, amount=amount, store=store.pk, by=by, **values)  # type: ignore[arg-type]  # any


def slip() -> Slip:
    """What a card terminal printed, each time another."""
    return Slip(terminal="T-01", number=str(next(_numbers)))


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """What one test's database had is gone with it."""
    yield
    remembered.forget_everything()


@pytest.fixture
def cashier(db: None) -> Actor:
    return cast.actor("cashier")


@pytest.fixture
def manager(db: None) -> Actor:
    return cast.actor("manager")


@pytest.fixture
def finance(db: None) -> Actor:
    return cast.actor("finance")


@pytest.fixture
def auditor(db: None) -> Actor:
    return cast.actor("auditor")


@pytest.fixture
def administrator(db: None) -> Actor:
    return cast.actor("administrator")


@pytest.fixture
def member(wallet: Wallet) -> Actor:
    """The customer whose wallet it is."""
    assert wallet.customer_id
    return Actor(ActorKind.CUSTOMER, wallet.customer_id)


@pytest.fixture
def stranger() -> Actor:
    """Signed in somewhere, and nobody here."""
    return Actor(ActorKind.STAFF, 10**9)


@pytest.fixture
def store(db: None) -> Store:
    return cast.store()


@pytest.fixture
def till(store: Store) -> Till:
    return cast.till(store)


@pytest.fixture
def programme(db: None) -> Programme:
    """500 gets 80, 1000 gets 200; bonus for a year."""
    return new_programme(bands=[(500_00, 80_00), (1000_00, 200_00)], bonus_valid_days=365)


@pytest.fixture
def wallet(programme: Programme) -> Wallet:
    return new_wallet(programme)


@pytest.fixture
def funded(wallet: Wallet, store: Store) -> Wallet:
    """500 paid, 80 given."""
    top_up(wallet, 500_00, store)
    return wallet
