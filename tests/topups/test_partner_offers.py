"""What offers give to those who pay a partner: under the partner's lock, once, and never beyond the budget."""

import pytest

import agents
from chuzhi.organization.partners.errors import FloatTooSmall
from chuzhi.topups.channels import Channel
from chuzhi.topups.models import Offer, OfferUse
from chuzhi.topups.selling import top_up_by_partner
from chuzhi.wallets import agency, queries
from chuzhi.wallets.models import Programme, Wallet
from topups import offering

pytestmark = pytest.mark.django_db


def test_an_offer_for_partners_is_given_once_instead_of_the_terms_band(programme: Programme, wallet: Wallet) -> None:
    offer, agent = offering.offer(programme, (500_00, offering.bonus(120_00))), agents.agent()

    done = top_up_by_partner(wallet=wallet, amount=500_00, key="1", by=agent.by)
    again = top_up_by_partner(wallet=wallet, amount=500_00, key="1", by=agent.by)

    assert (done.moved.bonus, again.moved.replayed, again.left) == (120_00, True, 500_00)
    assert queries.balance(wallet).bonus == 120_00
    use = OfferUse.objects.get()
    assert (use.offer, use.channel, use.paid) == (offer, Channel.PARTNER, 500_00)
    assert Offer.objects.get().given == 120_00
    assert agency.differences() == []


def test_an_offer_of_another_channel_is_not_for_partners(programme: Programme, wallet: Wallet) -> None:
    offering.offer(programme, (500_00, offering.bonus(120_00)), channels=[Channel.COUNTER])

    done = top_up_by_partner(wallet=wallet, amount=500_00, key="1", by=agents.agent().by)

    assert done.moved.bonus == 80_00
    assert not OfferUse.objects.exists()


def test_a_budget_that_is_spent_leaves_the_band_of_the_terms(programme: Programme, wallet: Wallet) -> None:
    offering.offer(programme, (500_00, offering.bonus(120_00)), budget=120_00)
    agent = agents.agent(paid_in=2000_00)

    given = [top_up_by_partner(wallet=wallet, amount=500_00, key=key, by=agent.by).moved.bonus for key in ("1", "2")]

    assert given == [120_00, 80_00]
    assert OfferUse.objects.count() == 1


def test_what_the_float_does_not_cover_uses_no_offer(programme: Programme, wallet: Wallet) -> None:
    offering.offer(programme, (500_00, offering.bonus(120_00)))

    with pytest.raises(FloatTooSmall):
        top_up_by_partner(wallet=wallet, amount=500_00, key="1", by=agents.agent(paid_in=100_00).by)

    assert not OfferUse.objects.exists()
    assert queries.balance(wallet).principal == 0


def test_points_of_an_offer_come_with_a_partner_s_top_up_too(programme: Programme, wallet: Wallet) -> None:
    points = offering.points()
    offering.offer(programme, (500_00, (offering.bonus(100_00), offering.lot(points, 50))))

    top_up_by_partner(wallet=wallet, amount=500_00, key="1", by=agents.agent().by)

    other = wallet.customer.wallets.get(programme=points) if wallet.customer else wallet
    assert queries.balance(other).bonus == 50
