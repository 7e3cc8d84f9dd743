import make
import pytest
from django.db import connection

import cast
import shop
from chuzhi.core import documents
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.core.documents import DocumentTooLarge, DocumentUnusable
from chuzhi.customers.errors import IdentityNumberInvalid, NameInvalid, PhoneInvalid
from chuzhi.customers.models import Customer
from chuzhi.organization.errors import NotAllowed
from chuzhi.wallets.applications import reviewing
from chuzhi.wallets.applications.errors import AlreadyDecided, OwnApplication
from chuzhi.wallets.applications.models import CardApplication
from chuzhi.wallets.errors import ReasonMissing
from chuzhi.wallets.models import Programme, Wallet

pytestmark = pytest.mark.django_db

PDF, PNG = b"%PDF-1.7 passport of Wang", b"\x89PNG\r\n\x1a\n picture"
PHONE = "13812345678"


def filed(programme: Programme, by: Actor = cast.OWNER, **more: object) -> CardApplication:
    values: dict[str, object] = {"name": "王小明", "phone": PHONE, "key": make.key()} | more
    return reviewing.file(programme=programme, by=by, **values)  # type: ignore[arg-type]  # any


def test_approval_makes_a_customer_a_wallet_and_a_named_card(programme: Programme, manager: Actor) -> None:
    application = filed(programme, identity_number="11010519491231002X", documents=[("../passport.exe", PDF)])

    card = reviewing.approve(application=application, by=manager)

    customer = Customer.objects.get()
    assert (customer.name, customer.phone, customer.identity_number) == ("王小明", "+8613812345678", "11010519491231002X")
    assert (card.kind, card.wallet.customer, card.wallet.programme) == ("named", customer, programme)
    application.refresh_from_db()
    assert (application.state, application.card, application.decided_by) == ("approved", card, manager.label)
    with pytest.raises(AlreadyDecided):
        reviewing.approve(application=application, by=manager)


def test_a_customer_who_is_known_by_the_phone_keeps_their_wallet(programme: Programme, manager: Actor) -> None:
    first = reviewing.approve(application=filed(programme), by=manager)

    again = reviewing.approve(application=filed(programme), by=manager)

    assert (again.wallet, again.number != first.number) == (first.wallet, True)
    assert (Customer.objects.count(), Wallet.objects.count()) == (1, 1)


def test_the_same_key_files_one(programme: Programme) -> None:
    assert filed(programme, key="a") == filed(programme, key="a")


def test_nobody_decides_what_they_took_in(programme: Programme, manager: Actor) -> None:
    application = filed(programme, by=manager)

    for decide in (reviewing.approve, reviewing.reject):
        more = {"reason": "x"} if decide is reviewing.reject else {}
        with pytest.raises(OwnApplication):
            decide(application=application, by=manager, **more)  # type: ignore[operator]  # either of the two
    assert not Customer.objects.exists()


def test_a_rejection_has_its_reason(programme: Programme, manager: Actor) -> None:
    application = filed(programme)
    with pytest.raises(ReasonMissing):
        reviewing.reject(application=application, reason=" ", by=manager)

    reviewing.reject(application=application, reason="picture unreadable", by=manager)

    application.refresh_from_db()
    assert (application.state, application.reason, application.card) == ("rejected", "picture unreadable", None)


@pytest.mark.parametrize(
    ("given", "no"),
    [
        ({"phone": "12"}, PhoneInvalid),
        ({"identity_number": "1"}, IdentityNumberInvalid),
        ({"name": " "}, NameInvalid),
        ({"documents": [("a.pdf", b"MZ evil")]}, DocumentUnusable),
        ({"documents": [("a.pdf", PDF + bytes(documents.MOST_BYTES))]}, DocumentTooLarge),
        ({"documents": [("a.pdf", PDF)] * 6}, DocumentTooLarge),
    ],
)
def test_what_cannot_be_taken_in_is_refused_and_nothing_kept(
    programme: Programme, given: dict[str, object], no: type[Exception]
) -> None:
    with pytest.raises(no):
        filed(programme, **given)

    assert not CardApplication.objects.exists()


def test_nothing_personal_is_readable_in_the_database_and_each_look_is_kept(programme: Programme, manager: Actor) -> None:
    application = filed(programme, email="wang@example.com", documents=[("a.pdf", PDF)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, email FROM card_application")
        row = cursor.fetchone()
        cursor.execute("SELECT content FROM application_document")
        row += cursor.fetchone()
    dump = b" ".join(bytes(value) for value in row)
    assert all(told not in dump for told in ("王小明".encode(), b"12345678", b"example.com", b"passport", b"JVBERi"))

    document = application.documents.get()
    assert reviewing.opened(document=document, by=manager) == PDF
    assert AuditEntry.objects.get(action="application.document_opened").actor == manager.label
    with pytest.raises(NotAllowed):
        reviewing.opened(document=document, by=cast.actor("cashier"))


def test_an_auditor_sees_no_application(programme: Programme) -> None:
    filed(shop.new_programme())

    assert not reviewing.visible_to(cast.actor("auditor")).exists()
