"""A bonus given by hand: with a cause and a ticket, never as principal, and not by oneself to oneself."""

import make
import pytest

import cast
import shop
from chuzhi.approvals import requests
from chuzhi.approvals.errors import SecondPersonNeeded, YourOwn
from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.ledger.chart import BONUS_COST
from chuzhi.organization import staff
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Staff
from chuzhi.wallets import gifts, queries
from chuzhi.wallets.errors import CauseUnknown, TicketMissing
from chuzhi.wallets.models import Wallet
from chuzhi.wallets.moves import Moved

pytestmark = pytest.mark.django_db


def give(wallet: Wallet, by: Actor, amount: int = 50_00, **more: object) -> Moved:
    values: dict[str, object] = {"cause": "complaint", "ticket": "T-7", "key": make.key()} | more
    return gifts.give(wallet=wallet, amount=amount, by=by, **values)  # type: ignore[arg-type]  # whatever a test asks for


def test_it_is_bonus_at_the_company_s_cost_with_its_cause_ticket_and_end(wallet: Wallet, manager: Actor) -> None:
    given = give(wallet, manager)

    assert (given.principal, given.bonus) == (0, 50_00)
    entry = queries.entries(wallet)[0]
    assert [leg.account for leg in entry.outcome.legs] == [BONUS_COST]
    assert '"reason":"gift:complaint"' in entry.details
    assert '"evidence":"T-7"' in entry.details
    lot = queries.lots(wallet)[0]
    assert lot.expires_at is not None
    assert lot.funding == "gift:T-7"


def test_the_same_key_gives_once(wallet: Wallet, manager: Actor) -> None:
    for _twice in range(2):
        give(wallet, manager, key="once")

    assert queries.balance(wallet).bonus == 50_00


@pytest.mark.parametrize(
    ("wrong", "no"),
    [({"cause": "whim"}, CauseUnknown), ({"ticket": " "}, TicketMissing), ({"amount": 200_01}, SecondPersonNeeded)],
)
def test_a_refusal_changes_nothing(wallet: Wallet, manager: Actor, wrong: dict[str, object], no: type[Exception]) -> None:
    with pytest.raises(no):
        give(wallet, manager, **wrong)  # type: ignore[arg-type]

    assert queries.balance(wallet).bonus == 0


def test_who_may_not_asks(wallet: Wallet, cashier: Actor, manager: Actor) -> None:
    with pytest.raises(NotAllowed):
        give(wallet, cashier)
    asked = gifts.ask(wallet=wallet, amount=300_00, cause="campaign", ticket="Spring", key="k", by=cashier)

    assert requests.approve(request=asked, by=manager).state == "done"

    assert queries.balance(wallet).bonus == 300_00


def test_nobody_gives_to_themselves_alone_nor_signs_what_they_would_gain() -> None:
    me = cast.person("finance")
    Staff.objects.filter(pk=me.pk).update(email="li.lei@example.com")
    by = staff.actor_of(Staff.objects.get(pk=me.pk))
    mine = shop.new_wallet(shop.new_programme(), profiles.register(by=cast.OWNER, name="李雷", email="li.lei@example.com"))

    with pytest.raises(SecondPersonNeeded):
        give(mine, by, 1)
    asked = gifts.ask(wallet=mine, amount=1, cause="goodwill", ticket="x", key="k", by=cast.actor("cashier"))
    with pytest.raises(YourOwn):
        requests.approve(request=asked, by=by)
    with pytest.raises(SecondPersonNeeded):
        give(mine, cast.actor("finance"), 600_00, approved_by=by)

    assert queries.balance(mine).bonus == 0
