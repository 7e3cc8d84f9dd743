from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

import shop
from chuzhi.core.actors import Actor
from chuzhi.core.money import OutOfRange
from chuzhi.ledger.assets import UnknownAsset
from chuzhi.organization.errors import NotAllowed
from chuzhi.wallets import moves, programmes
from chuzhi.wallets.errors import ProgrammeCodeTaken, TermsUnusable
from chuzhi.wallets.models import Programme, Wallet


@pytest.mark.parametrize(
    ("asset", "kind"), [("CNY", "money"), ("KWD", "money"), ("POINTS", "points"), ("VISITS:cut", "visits")]
)
def test_a_programme_of_each_kind(asset: str, kind: str, db: None) -> None:
    assert shop.new_programme(asset=asset).kind == kind


@pytest.mark.parametrize("asset", ["XXQ", "cny", "", "VISITS:", "POINTS2"])
def test_what_cannot_be_held_has_no_programme(asset: str, db: None) -> None:
    with pytest.raises(UnknownAsset):
        shop.new_programme(asset=asset)


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": "random"}, {"refund_order": "x"}, {"most_held": 0}, {"most_per_charge": True}, {"bonus_valid_days": -1},
        {"refund_grace_days": -1}, {"stores": [0]}, {"bands": [(1, 1), (1, 2)]},
    ],
)  # fmt: skip
def test_terms_that_cannot_be(wrong: dict[str, object], db: None) -> None:
    with pytest.raises(TermsUnusable):
        shop.new_programme(**wrong)
    assert not Programme.objects.exists()


def test_an_offer_gives_a_sum_of_money(db: None) -> None:
    with pytest.raises(OutOfRange):
        shop.new_programme(bands=[(500_00, 0)])


def test_a_code_is_given_once(programme: Programme) -> None:
    with pytest.raises(ProgrammeCodeTaken):
        shop.new_programme(code=programme.code)


def test_terms_come_into_force_at_their_time(programme: Programme, wallet: Wallet, administrator: Actor) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    programmes.revise(programme=programme, most_per_charge=5_00, accepted_from=tomorrow, by=administrator)
    known = moves.programme_of(wallet)

    assert [terms.version for terms in known.versions] == [1, 2]
    assert known.terms().most_per_charge is None
    assert known.terms(tomorrow).most_per_charge == 5_00


def test_terms_are_not_changed_by_those_who_sell(programme: Programme, cashier: Actor, finance: Actor) -> None:
    for actor in (cashier, finance):
        with pytest.raises(NotAllowed):
            programmes.revise(programme=programme, by=actor)


def test_terms_cannot_be_rewritten_in_the_database(programme: Programme) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('programme_terms', 'UPDATE'), has_table_privilege('offer_band', 'DELETE')")
        assert cursor.fetchone() == (False, False)
