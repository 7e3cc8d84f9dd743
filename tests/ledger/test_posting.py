import make
import pytest
from django.utils import translation

from chuzhi.ledger import errors, posting
from chuzhi.ledger.chart import Bucket

pytestmark = pytest.mark.django_db


def test_a_charge_takes_principal_first() -> None:
    make.post_one(make.top_up_asked(1, 500_00, 80_00))

    outcome = make.post_one(make.charge_asked(1, 123_45))

    assert outcome.moved(Bucket.PRINCIPAL) == -123_45
    assert outcome.balance(make.cny(), Bucket.PRINCIPAL) == 376_55
    assert outcome.balance(make.cny(), Bucket.BONUS) == 80_00


def test_the_same_key_charges_once_and_answers_the_same() -> None:
    make.post_one(make.top_up_asked(1, 500_00))
    asked = make.charge_asked(1, 100_00)

    first, again = make.post_one(asked), make.post_one(asked)

    assert (again.seq, again.legs, again.balances, again.amount) == (first.seq, first.legs, first.balances, first.amount)
    assert again.replayed


def test_a_refusal_is_remembered_even_when_funds_come() -> None:
    asked = make.charge_asked(1, 100_00)
    refused = make.post(asked)[0]
    make.post_one(make.top_up_asked(1, 500_00))

    again = make.post(asked)[0]

    assert isinstance(refused.refusal, errors.NotEnough)
    assert isinstance(again.refusal, errors.NotEnough)
    assert again.refusal.facts == refused.refusal.facts
    assert again.replayed


def test_a_key_with_another_body_is_refused_and_not_recorded() -> None:
    make.post_one(make.top_up_asked(1, 500_00))
    make.post_one(make.charge_asked(1, 100_00, key="sale-1"))

    with pytest.raises(errors.KeyReused):
        posting.post_one(make.charge_asked(1, 200_00, key="sale-1"))


def test_a_refusal_says_its_amounts_as_money() -> None:
    make.post_one(make.top_up_asked(1, 500_00))

    with translation.override("en"), pytest.raises(errors.NotEnough, match=r"CN¥500.00 available, CN¥1,000.00 asked"):
        posting.post_one(make.charge_asked(1, 1000_00))
