"""A bonus for many: previewed, approved if it is large, given once a line, reversed as a whole."""

import make
import pytest

import cast
import shop
from chuzhi.approvals import requests
from chuzhi.core.actors import Actor
from chuzhi.customers import profiles
from chuzhi.ledger import posting
from chuzhi.ledger.operations import Operation
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Store
from chuzhi.wallets import accounts, bulk_credits, cards, lists, queries
from chuzhi.wallets.errors import BatchDecided, BatchNotGiven, ListTooLong, NothingToGive
from chuzhi.wallets.models import Credit, CreditBatch, Programme, Wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def holders(programme: Programme) -> list[Wallet]:
    """Three customers, known by phone, by outside number and by card."""
    people = [
        profiles.register(by=cast.OWNER, name="王小明", phone="13800138000"),
        profiles.register(by=cast.OWNER, name="李雷", external_id="crm-7"),
        profiles.register(by=cast.OWNER, name="韩梅梅"),
    ]
    return [shop.new_wallet(programme, person) for person in people]


def text(holders: list[Wallet], amount: str = "10") -> str:
    card = cards.issue(wallet=holders[2], key=make.key(), by=cast.OWNER)
    return f"138 0013 8000, {amount}\ncrm-7\t{amount}\n{card.number} {amount}\n"


def plan(programme: Programme, said: str, by: Actor, key: str = "") -> CreditBatch:
    read = lists.pasted(said, programme)
    return bulk_credits.plan(read=read, cause="campaign", ticket="Spring", key=key or make.key(), by=by)


def bonuses(wallets: list[Wallet]) -> list[int]:
    return [queries.balance(wallet).bonus for wallet in wallets]


def test_lines_are_read_as_people_write_them(programme: Programme, holders: list[Wallet]) -> None:
    said = text(holders) + "１３８００１３８０００，５\nnobody 10\ncrm-7 ten\n\ncrm-7\n"

    read = lists.pasted(said, programme)

    assert [row.wallet for row in read.good] == holders
    assert (read.amount, len(read.rows)) == (30_00, 7)
    reasons = {row.line: row.refusal.code for row in read.rows if row.refusal}
    assert reasons == {4: "credit.twice", 5: "credit.nobody", 6: "credit.amount", 8: "credit.amount"}


def test_a_file_is_read_too(programme: Programme, holders: list[Wallet]) -> None:
    content = "手机号,金额\n13800138000,88.00\ncrm-7,12\n".encode("gb18030")

    assert [row.amount for row in lists.uploaded(content, programme).good] == [88_00, 12_00]


def test_whoever_has_no_wallet_here_is_named(holders: list[Wallet]) -> None:
    other = shop.new_programme(asset="POINTS")

    rows = lists.pasted("crm-7 10\ncrm-7 1.5", other).rows

    assert [row.refusal.code for row in rows if row.refusal] == ["credit.no_wallet", "credit.amount"]


def test_a_list_has_an_end(programme: Programme) -> None:
    with pytest.raises(ListTooLong):
        lists.pasted("x 1\n" * (lists.MOST_LINES + 1), programme)


def test_a_small_list_is_given_at_once_and_once(programme: Programme, holders: list[Wallet], finance: Actor) -> None:
    batch = plan(programme, text(holders) + "nobody 5", finance, key="form")
    assert plan(programme, "crm-7 999", finance, key="form") == batch
    assert bonuses(holders) == [0, 0, 0]

    done = bulk_credits.start(batch=batch, by=finance)
    with pytest.raises(BatchDecided):
        bulk_credits.start(batch=batch, by=finance)
    bulk_credits.give(batch=batch)

    assert (done.state, done.count, done.refused, done.amount) == ("done", 3, 1, 30_00)
    assert bonuses(holders) == [10_00, 10_00, 10_00]
    assert queries.balance(holders[0]).principal == 0
    assert [bool(credit.seq) for credit in Credit.objects.filter(batch=batch).order_by("line")] == [True, True, True, False]


def test_a_large_one_waits_for_somebody_else(programme: Programme, holders: list[Wallet], finance: Actor) -> None:
    batch = bulk_credits.start(batch=plan(programme, text(holders, "1000"), finance), by=finance)
    assert (batch.state, bonuses(holders)) == ("waiting", [0, 0, 0])
    assert batch.request is not None

    asked = requests.approve(request=batch.request, by=cast.actor("administrator"))

    batch.refresh_from_db()
    assert (asked.state, asked.result, batch.state) == ("done", f"credits:{batch.pk}", "done")
    assert bonuses(holders) == [1000_00] * 3
    assert f'"approved_by":"{batch.approved_by}"' in queries.entries(holders[0])[0].details


def test_a_line_that_the_ledger_refuses_says_why(programme: Programme, holders: list[Wallet], finance: Actor) -> None:
    batch = plan(programme, text(holders), finance)
    accounts.freeze(wallet=holders[1], reason="lost", key="f", by=cast.OWNER)
    accounts.close(wallet=holders[2], reason="gone", key="c", by=cast.OWNER)

    bulk_credits.start(batch=batch, by=finance)

    refusals = {credit.line: credit.refusal for credit in Credit.objects.filter(batch=batch)}
    assert refusals[3] == "wallet.closed"
    assert bonuses(holders)[0] == 10_00
    assert queries.balance(holders[2]).bonus == 0


def test_interrupted_it_goes_on_where_it_stopped(
    programme: Programme, holders: list[Wallet], finance: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = plan(programme, text(holders), finance)
    monkeypatch.setattr(bulk_credits, "AT_ONCE", 1)
    real, left = posting.post, [1]

    def fails_at_the_second(asked: list[Operation]) -> object:
        if not left:
            raise ZeroDivisionError
        left.pop()
        return real(asked)

    monkeypatch.setattr(posting, "post", fails_at_the_second)
    with pytest.raises(ZeroDivisionError):
        bulk_credits.start(batch=batch, by=finance)
    monkeypatch.setattr(posting, "post", real)
    assert sorted(bonuses(holders)) == [0, 0, 10_00]

    assert [bulk_credits.finish_unfinished(), bulk_credits.finish_unfinished()] == [1, 0]

    assert bonuses(holders) == [10_00] * 3


def test_a_batch_is_taken_back_as_far_as_it_is_left(
    programme: Programme, holders: list[Wallet], finance: Actor, store: Store
) -> None:
    batch = plan(programme, text(holders), finance)
    with pytest.raises(BatchNotGiven):
        bulk_credits.reverse(batch=batch, reason="wrong list", by=finance)
    batch = bulk_credits.start(batch=batch, by=finance)
    shop.charge(holders[0], 4_00, store)
    shop.charge(holders[1], 10_00, store)

    for _twice in range(2):
        batch = bulk_credits.reverse(batch=batch, reason="wrong list", by=finance)

    assert batch.state == "reversed"
    assert bonuses(holders) == [0, 0, 0]
    rows = Credit.objects.filter(batch=batch).order_by("line")
    assert [row.taken_back for row in rows] == [6_00, 0, 10_00]
    back = queries.entries(holders[2])[0]
    assert (back.outcome.ref_seq, back.outcome.amount) == (rows[2].seq, 10_00)


def test_what_cannot_be_given_is_refused(programme: Programme, holders: list[Wallet], manager: Actor, cashier: Actor) -> None:
    with pytest.raises(NothingToGive):
        plan(programme, "nobody 1", manager)
    with pytest.raises(NotAllowed):
        plan(programme, text(holders), cashier)
    batch = plan(programme, text(holders), manager)
    with pytest.raises(BatchDecided):
        bulk_credits.start(batch=batch, by=cast.actor("administrator"))

    assert bulk_credits.start(batch=batch, by=manager).state == "waiting", "a manager gives nothing to many alone"
