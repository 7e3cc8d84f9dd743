"""Programs that tell of one account at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

import cast
from chuzhi.customers.identities import recognising
from chuzhi.customers.identities.models import Identity
from chuzhi.customers.models import Customer


@pytest.mark.usefixtures("committed")
def test_of_four_who_tell_at_once_one_adds_somebody() -> None:
    def tell(_number: int) -> str:
        try:
            return recognising.recognise(channel="web-shop", number="u-1", name="Bob", by=cast.OWNER).confidence
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(tell, range(4)))

    assert sorted(answers) == ["known", "known", "known", "new"]
    assert (Identity.objects.count(), Customer.objects.count()) == (1, 1)
