"""One file in two hands at once."""

import threading

import pytest
from django.db import connections
from payments.bank import statements

from chuzhi.payments import reactions
from chuzhi.payments.bank.models import BankLine
from chuzhi.payments.reactions import Reactions


@pytest.mark.real
@pytest.mark.usefixtures("committed")
def test_one_file_brought_by_two_at_once_pays_once() -> None:
    account = statements.account()
    payment = statements.payment(account, 100_00)
    heard: list[str] = []
    reactions.connect(statements.PURPOSE, Reactions(paid=lambda paid: heard.append(paid.number)))
    together = threading.Barrier(2)

    def bring() -> None:
        together.wait()
        statements.take_in(account, statements.row("100.00", statements.reference(payment), bank="S1"))
        connections.close_all()

    people = [threading.Thread(target=bring) for _person in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert heard == [payment.number]
    assert BankLine.objects.count() == 1
