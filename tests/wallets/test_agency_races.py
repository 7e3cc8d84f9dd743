import threading

import make
import pytest
from django.db import connections

import agents
import shop
from chuzhi.organization.partners import floats
from chuzhi.organization.partners.errors import FloatTooSmall
from chuzhi.wallets import agency
from chuzhi.wallets.models import Wallet


@pytest.mark.real
def test_twenty_at_once_never_overdraw_a_float(committed: None) -> None:
    agent, programme = agents.agent(1000_00), shop.new_programme()
    wallets = [shop.new_wallet(programme) for _each in range(20)]
    person, done = agent.by, list[str]()

    def work(wallet: Wallet) -> None:
        try:
            agency.top_up(wallet=wallet, amount=100_00, key=make.key(), by=person)
            done.append("credited")
        except FloatTooSmall:
            done.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[wallet]) for wallet in wallets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (done.count("credited"), done.count("refused")) == (10, 10)
    assert (floats.left_of(agent.partner), agency.differences()) == (0, [])
