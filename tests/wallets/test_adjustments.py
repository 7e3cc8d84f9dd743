"""A correction that names what it puts right: alone, by request, and what cannot be named."""

import make
import pytest

import cast
from chuzhi.approvals import requests
from chuzhi.ledger import queries as journal
from chuzhi.ledger.errors import Frozen, KeyReused
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, adjustments, queries
from chuzhi.wallets.errors import NotItsEntry
from chuzhi.wallets.models import Wallet
from shop import charge, new_wallet, top_up

pytestmark = pytest.mark.django_db
WHY = {"amount": 10_00, "reason": "charged twice", "evidence": "receipt"}


def test_it_points_at_the_entry(funded: Wallet, store: Store, finance: cast.Actor) -> None:
    wrong = charge(funded, 10_00, store)

    made = adjustments.give(wallet=funded, corrects=wrong.id, key="1", by=finance, **WHY)

    assert [each.outcome.seq for each in journal.answering(funded.book, funded.pk, wrong.seq)] == [made.seq]


def test_the_same_key_for_another_entry_is_another_request(funded: Wallet, store: Store, finance: cast.Actor) -> None:
    first, second = charge(funded, 10_00, store), charge(funded, 10_00, store)
    adjustments.give(wallet=funded, corrects=first.id, key="1", by=finance, **WHY)

    again = adjustments.give(wallet=funded, corrects=first.id, key="1", by=finance, **WHY)
    with pytest.raises(KeyReused):
        adjustments.give(wallet=funded, corrects=second.id, key="1", by=finance, **WHY)

    assert again.replayed
    assert queries.balance(funded).bonus == 90_00


def test_a_request_keeps_it_until_it_is_signed(funded: Wallet, store: Store, cashier: cast.Actor, finance: cast.Actor) -> None:
    wrong = charge(funded, 10_00, store)
    asked = adjustments.ask(
        wallet=funded, way=adjustments.TAKE, corrects=wrong.id, key=make.key(), by=cashier, store=store.pk, **WHY
    )

    requests.approve(request=asked, by=finance)

    [made] = journal.answering(funded.book, funded.pk, wrong.seq)
    assert made.outcome.amount == 10_00


def test_what_is_no_entry_of_this_wallet_is_refused(funded: Wallet, store: Store, finance: cast.Actor) -> None:
    other = top_up(new_wallet(funded.programme), 5_00, store)
    accounts.freeze(wallet=funded, reason="lost", key="f", by=cast.OWNER)
    with pytest.raises(Frozen):
        charge(funded, 1_00, store)
    refused = queries.entries(funded)[0].outcome

    for number in (other.id, f"{refused.book}-{refused.seq}", "12", "99-99", "0-0"):
        with pytest.raises(NotItsEntry):
            adjustments.give(wallet=funded, corrects=number, key=make.key(), by=finance, **WHY)
        with pytest.raises(NotItsEntry):
            adjustments.ask(wallet=funded, way="give", corrects=number, key=make.key(), by=finance, **WHY)
