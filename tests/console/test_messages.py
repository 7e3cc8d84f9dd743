import pytest
from django.test import Client

import cast
import shop
from chuzhi.messaging import tasks
from chuzhi.messaging.models import Delivery, Message, Wording
from chuzhi.organization.models import Staff, Store
from chuzhi.till import announcing, notices
from chuzhi.till.models import TopUpNotice
from chuzhi.wallets import gifts
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db
LOG, INBOX = "/console/messages/", "/console/messages/inbox/"


@pytest.fixture
def told(wallet: Wallet, store: Store) -> Delivery:
    """The receipt of a top-up, in the customer's inbox."""
    shop.top_up(wallet, 500_00, store)
    announcing.follow()
    delivery = Delivery.objects.get()
    tasks.deliver(number=delivery.pk)
    return delivery


@pytest.fixture
def page() -> Client:
    return cast.signed_in(cast.person("administrator"))


def test_the_log_is_filtered(page: Client, told: Delivery) -> None:
    link = f"{LOG}{told.pk}/"
    for query in ("", "?channel=inbox&state=sent&kind=top_up.receipt", "?find=王小明"):
        assert link in page.get(LOG + query).content.decode(), query
    for query in ("?channel=email", "?state=failed", "?kind=top_up.notice", "?find=nobody"):
        assert link not in page.get(LOG + query).content.decode(), query


def test_one_message_is_read_and_sent_again(page: Client, told: Delivery) -> None:
    assert "¥580.00" in page.get(f"{LOG}{told.pk}/").content.decode()

    assert page.post(f"{LOG}{told.pk}/resend/").status_code == 302
    refused = page.post(f"{LOG}{told.pk}/resend/")

    assert (refused.status_code, "on its way already" in refused.content.decode()) == (422, True)
    assert Delivery.objects.get().state == "waiting"


def test_a_customer_shows_what_they_were_told(page: Client, told: Delivery) -> None:
    shown = page.get(f"/console/customers/{told.message.customer_id}/").content.decode()

    assert f"{LOG}{told.pk}/" in shown


def test_a_colleague_finds_a_notice_counts_it_and_reads_it(wallet: Wallet, store: Store) -> None:
    reader = cast.person("finance")
    notices.add(roles=["finance"], at_least=0, by=cast.OWNER)
    shop.top_up(wallet, 500_00, store)
    announcing.follow()
    for delivery in Delivery.objects.filter(message__staff=reader):
        tasks.deliver(number=delivery.pk)
    page = cast.signed_in(reader)

    shown = page.get(INBOX).content.decode()
    assert "Top-up of CN¥500.00" in shown
    assert "Inbox, 1 new message" in shown
    page.post(f"{INBOX}read/")

    assert "Inbox, 0 new messages" in page.get(INBOX).content.decode()
    assert Message.objects.filter(staff=reader).count() == 1


def test_where_else_it_goes_is_ones_own_choice() -> None:
    me = cast.person("cashier")
    page = cast.signed_in(me)

    assert page.post(INBOX, {"email": "nonsense"}).status_code == 422
    assert page.post(INBOX, {"email": "Li.Lei@Example.com"}).status_code == 302

    assert Staff.objects.get(pk=me.pk).email == "li.lei@example.com"
    page.post(INBOX, {"email": ""})
    assert Staff.objects.get(pk=me.pk).email is None


def test_words_are_written_refused_and_taken_back(page: Client) -> None:
    address = f"{LOG}texts/top_up.receipt/en/"
    assert address in page.get(f"{LOG}texts/").content.decode()

    assert page.post(address, {"title": "x", "body": "{secret}"}).status_code == 422
    assert page.post(address, {"title": "Thanks", "body": "{amount}"}).status_code == 302
    assert Wording.objects.get().title == "Thanks"
    assert "Thanks" in page.get(address).content.decode()
    page.post(address, {"usual": "yes"})

    assert not Wording.objects.exists()
    assert page.get(f"{LOG}texts/nothing/en/").status_code == page.get(f"{LOG}texts/top_up.receipt/fr/").status_code == 404


def test_wishes_are_kept_and_removed(page: Client) -> None:
    address = f"{LOG}notices/"
    assert page.post(address, {"at_least": "1000"}).status_code == 422
    assert page.post(address, {"roles": ["finance"], "at_least": "1000", "method": "terminal"}).status_code == 302
    notice = TopUpNotice.objects.get()
    assert (notice.at_least, notice.roles, notice.is_daily) == (1000_00, ["finance"], False)
    assert "CN¥1,000.00" in page.get(address).content.decode()

    assert page.post(f"{address}{notice.pk}/remove/").status_code == 302
    assert not TopUpNotice.objects.exists()


@pytest.mark.parametrize(("role", "sees", "resends"), [("cashier", 403, 403), ("auditor", 200, 403), ("manager", 200, 302)])
def test_who_may(told: Delivery, role: str, sees: int, resends: int) -> None:
    client = cast.signed_in(cast.person(role))

    assert client.get(f"{LOG}{told.pk}/").status_code == client.get(LOG).status_code == sees
    assert client.post(f"{LOG}{told.pk}/resend/").status_code == resends
    assert client.get(f"{LOG}texts/").status_code == client.get(f"{LOG}notices/").status_code == 403
    assert client.get(INBOX).status_code == 200


def test_a_notice_leads_to_what_it_is_about(wallet: Wallet, store: Store) -> None:
    reader = cast.person("finance")
    asked = gifts.ask(wallet=wallet, amount=1, cause="goodwill", ticket="T-7", key="k", by=cast.actor("cashier"))
    for delivery in Delivery.objects.filter(message__staff=reader):
        tasks.deliver(number=delivery.pk)

    shown = cast.signed_in(reader).get(INBOX).content.decode()

    assert f'href="/console/approvals/{asked.pk}/"' in shown
    assert "Goodwill" in shown
