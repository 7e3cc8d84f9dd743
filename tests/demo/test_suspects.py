import pytest

import shop
from chuzhi.customers.models import Customer
from chuzhi.demo import suspects
from chuzhi.organization.models import Till
from chuzhi.risk import watching
from chuzhi.risk.models import Case
from chuzhi.wallets import queries
from chuzhi.wallets.models import Programme

pytestmark = pytest.mark.django_db


def test_what_went_on_today_raises_cases_and_is_done_once(programme: Programme, till: Till) -> None:
    wallets = [shop.new_wallet(programme) for _each in range(2)]
    Customer.objects.update(is_made_up=True)

    suspects.act()
    suspects.act()
    watching.follow()

    assert set(Case.objects.values_list("rule", flat=True)) >= {"top_ups_of_wallet", "spent_and_back"}
    assert [queries.balance(wallet).principal for wallet in wallets] == [600_00, 2400_00]
