"""A statement taken in pays what it names, once, whatever way it comes; the rest is a case."""

from datetime import timedelta

import pytest
from django.utils import timezone
from payments.bank import statements

import cast
from chuzhi.core.actors import Actor
from chuzhi.core.errors import Refused
from chuzhi.payments import intents, reactions, refunds
from chuzhi.payments.bank import intake, matching, queries
from chuzhi.payments.bank.models import StatementFile
from chuzhi.payments.gateways.bank import references
from chuzhi.payments.models import Account, Payment, Refund
from chuzhi.payments.reactions import Reactions

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return statements.account()


def told(payment: Payment) -> str:
    return f"充值 {statements.reference(payment)}"


def test_a_line_with_the_reference_pays_and_tells_whoever_the_payment_was_for(account: Account) -> None:
    payment = statements.payment(account, 100_00)
    heard: list[str] = []
    reactions.connect(statements.PURPOSE, Reactions(paid=lambda paid: heard.append(paid.number)))

    statements.take_in(account, statements.row("100.00", told(payment), "王小明", "S1"))

    payment.refresh_from_db()
    assert (payment.stage, payment.provider_id, payment.payer) == ("paid", "S1", "王小明")
    assert heard == [payment.number]
    [line] = statements.lines(account)
    assert (line.state, line.payment, line.pays) == ("done", payment, 100_00)


def test_the_payer_is_shown_where_to_transfer_and_what_to_write(account: Account) -> None:
    payment = statements.payment(account, 100_00)

    assert payment.started["facts"]["number"] == statements.NUMBER
    assert payment.started["facts"]["reference"] == references.of(payment.number)


def test_the_same_file_and_the_same_line_count_once(account: Account) -> None:
    payment = statements.payment(account, 100_00)
    rows = [statements.row("100.00", told(payment), bank="S1"), statements.row("5.00", "interest", bank="S2")]
    first = statements.take_in(account, *rows[:1])

    again, is_new = intake.take_in(account=account, content=statements.content(*rows[:1]), file_name="again.csv", by=cast.OWNER)
    longer = statements.take_in(account, *rows)

    assert (again, is_new) == (first, False)
    assert (longer.lines_read, longer.lines_known) == (2, 1)
    assert [line.verdict for line in statements.lines(account)] == ["pays", "unmatched"]


def test_two_parts_pay_together_and_the_first_waits_for_the_second(account: Account) -> None:
    payment = statements.payment(account, 100_00)

    statements.take_in(account, statements.row("30.00", told(payment), bank="S1"))
    payment.refresh_from_db()
    waiting = [(line.state, line.fix) for line in statements.lines(account)]
    statements.take_in(account, statements.row("70.00", told(payment), bank="S2"))

    assert (payment.stage, waiting) == ("sent", [("case", "wait")])
    payment.refresh_from_db()
    assert payment.stage == "paid"
    assert [(line.state, line.pays) for line in statements.lines(account)] == [("done", 30_00), ("done", 70_00)]


def test_too_much_pays_and_leaves_the_rest_to_a_person(account: Account) -> None:
    payment = statements.payment(account, 100_00)

    statements.take_in(account, statements.row("130.00", told(payment)))

    payment.refresh_from_db()
    [line] = statements.lines(account)
    assert payment.stage == "paid"
    assert (line.state, line.pays, line.over, line.fix) == ("case", 100_00, 30_00, "give_back")


def test_a_second_transfer_for_one_payment_is_a_case_and_pays_nothing(account: Account) -> None:
    payment = statements.payment(account, 100_00)

    statements.take_in(
        account, statements.row("100.00", told(payment), bank="S1"), statements.row("100.00", told(payment), bank="S2")
    )

    second = statements.lines(account)[1]
    assert (second.state, second.verdict, second.pays, second.over) == ("case", "duplicate", 0, 100_00)


def test_amount_and_name_together_pay_without_a_reference(account: Account) -> None:
    payment = statements.payment(account, 88_00, payer="王小明")
    statements.payment(account, 88_00, payer="李雷")

    statements.take_in(account, statements.row("88.00", "充值", "王 小明"))

    assert statements.lines(account)[0].payment == payment


def test_a_transfer_that_comes_after_we_gave_up_still_pays(account: Account) -> None:
    payment = statements.payment(account, 100_00)
    Payment.objects.filter(pk=payment.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    payment.refresh_from_db()
    assert intents.ask(payment).stage == "closed"

    statements.take_in(account, statements.row("100.00", told(payment)))

    payment.refresh_from_db()
    assert (payment.stage, payment.is_late) == ("paid", True)


def test_money_that_came_before_its_payment_was_made_is_found_later(account: Account) -> None:
    statements.take_in(account, statements.row("88.00", "充值", "王小明"))
    payment = statements.payment(account, 88_00, payer="王小明")

    statements.take_in(account, statements.row("1.00", "interest"))

    assert statements.lines(account)[0].payment == payment


def test_lines_that_a_crash_left_are_matched_by_the_clock(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = statements.payment(account, 100_00)
    with monkeypatch.context() as dying:
        dying.setattr(matching, "match_waiting", die)
        with pytest.raises(SystemExit):
            statements.take_in(account, statements.row("100.00", told(payment)))
    assert [line.state for line in statements.lines(account)] == ["new"]

    assert matching.match_left_over() == 1

    payment.refresh_from_db()
    assert payment.stage == "paid"


def test_what_the_time_does_not_suffice_for_is_matched_by_the_clock(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = statements.payment(account, 100_00)
    monkeypatch.setattr(intake, "PATIENCE_SECONDS", -1.0)
    kept = statements.take_in(account, statements.row("100.00", told(payment)))
    assert queries.counts(kept).waiting == 1

    matching.match_left_over()

    assert queries.counts(kept).paid == 1


def die(**_asked: object) -> int:
    raise SystemExit


def test_a_refund_that_somebody_transferred_is_done_when_its_line_comes(account: Account) -> None:
    payment = statements.payment(account, 100_00)
    statements.take_in(account, statements.row("100.00", told(payment)))
    payment.refresh_from_db()
    refund = refunds.send(refunds.intend(payment=payment, amount=40_00, why="returned", key="k", by=cast.OWNER))
    assert refund.stage == Refund.Stage.PROCESSING

    statements.take_in(account, statements.row("-40.00", f"退款 {references.of(refund.number)}", "王小明"))

    refund.refresh_from_db()
    assert refund.stage == Refund.Stage.DONE
    assert statements.lines(account)[1].refund == refund


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (statements.content(statements.row("1.00"), preamble="账号：6222020200998877665"), "statement.other_account"),
        (statements.content("合计,0,,,"), "statement.empty"),
        (b"\xff\xff\x80\x81", "import.encoding_unknown"),
        (b"hello\nworld\n", "statement.no_columns"),
    ],
)
def test_a_file_that_is_not_of_this_account_changes_nothing(account: Account, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        intake.take_in(account=account, content=content, file_name="x.csv", by=cast.OWNER)

    assert refused.value.code == code
    assert not StatementFile.objects.exists()


def test_only_those_who_may_take_statements_in(account: Account, cashier: Actor) -> None:
    with pytest.raises(Refused) as refused:
        intake.take_in(account=account, content=statements.content(statements.row("1.00")), file_name="x.csv", by=cashier)

    assert refused.value.code == "permission.missing"
