"""What customers agreed to, with its proof; two records of one person keep the stricter word."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

import cast
import shop
from chuzhi.core import documents
from chuzhi.core.actors import Actor
from chuzhi.core.audit import AuditEntry
from chuzhi.core.errors import Refused
from chuzhi.customers import merging
from chuzhi.customers.consent import agreeing, texts
from chuzhi.customers.consent.models import Consent, ConsentText, Purpose
from chuzhi.customers.models import Customer
from chuzhi.organization.errors import NotAllowed

pytestmark = pytest.mark.django_db
SCAN = ("consent.pdf", b"%PDF-1.7 signed")


@pytest.fixture
def text(db: None) -> ConsentText:
    return texts.publish(purpose=Purpose.SMS, zh="同意接收营销短信。", en="I agree to text messages.", by=cast.OWNER)


def say(customer: Customer, *, is_given: bool, **more: Any) -> Consent:
    values = {"purpose": Purpose.SMS, "how": "counter", "by": cast.OWNER} | more
    return agreeing.say(customer=customer, is_given=is_given, **values)


def agrees(customer: Customer) -> bool:
    return agreeing.agreed([customer.pk], Purpose.SMS) == {customer.pk}


@pytest.mark.usefixtures("text")
class TestSaying:
    def test_the_last_word_holds_and_silence_is_no(self) -> None:
        customer, silent = shop.new_customer(), shop.new_customer()

        said = [agrees(customer)]
        for is_given in (True, False, True):
            say(customer, is_given=is_given)
            said.append(agrees(customer))

        assert said == [False, True, False, True]
        assert agreeing.agreed([customer.pk, silent.pk], Purpose.SMS) == {customer.pk}
        assert [one.is_given for one in agreeing.history(customer, cast.OWNER)] == [True, False, True]

    def test_it_names_the_text_that_was_shown(self) -> None:
        customer = shop.new_customer()
        say(customer, is_given=True)
        texts.publish(purpose=Purpose.SMS, zh="新", en="new", by=cast.OWNER)

        say(customer, is_given=True)
        say(customer, is_given=True, version=1)

        assert [one.text and one.text.version for one in agreeing.history(customer, cast.OWNER)] == [1, 2, 1]

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"purpose": "other"}, "consent.purpose"),
            ({"purpose": Purpose.EMAIL}, "consent.text_missing"),
            ({"version": 9}, "consent.text_missing"),
            ({"how": "merge"}, "consent.unproven"),
            ({"how": "paper"}, "consent.unproven"),
            ({"how": "phone"}, "consent.unproven"),
            ({"how": "phone", "witness": 10**9}, "consent.unproven"),
            ({"how": "paper", "scan": ("x.exe", b"MZ")}, "document.type"),
            ({"said_at": timezone.now() + timedelta(days=1)}, "consent.future"),
        ],
    )
    def test_what_is_not_proven_is_refused(self, more: dict[str, Any], code: str) -> None:
        with pytest.raises(Refused) as no:
            say(shop.new_customer(), is_given=True, **more)

        assert no.value.code == code
        assert not Consent.objects.exists()

    def test_no_can_be_said_without_a_text(self) -> None:
        assert not say(shop.new_customer(), is_given=False, purpose=Purpose.PROFILING).is_given

    def test_paper_keeps_its_scan_and_a_call_its_witness(self) -> None:
        customer, colleague = shop.new_customer(), cast.person("cashier")

        paper = say(customer, is_given=True, how="paper", scan=SCAN)
        call = say(customer, is_given=False, how="phone", witness=colleague.pk)

        assert documents.read(paper.document) == SCAN[1]
        assert call.witness == f"staff:{colleague.pk}"
        acts = AuditEntry.objects.filter(subject=f"customer:{customer.pk}", action__startswith="consent.").order_by("id")
        assert list(acts.values_list("action", flat=True)) == ["consent.given", "consent.withdrawn"]

    def test_needs_the_permission(self, auditor: Actor) -> None:
        with pytest.raises(NotAllowed):
            say(shop.new_customer(), is_given=True, by=auditor)
        with pytest.raises(NotAllowed):
            texts.publish(purpose=Purpose.SMS, zh="新", en="new", by=auditor)

    def test_paper_without_a_scan_cannot_be_stored(self) -> None:
        now = timezone.now()
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(
                customer=shop.new_customer(), purpose=Purpose.SMS, is_given=False, how="paper", said_at=now, by="x"
            )


@pytest.mark.usefixtures("text")
class TestMerging:
    @pytest.mark.parametrize(
        ("kept_says", "gone_says", "holds"),
        [
            (True, True, True),
            (True, False, False),
            (False, True, False),
            (None, True, True),
            (None, False, False),
            (True, None, True),
            (None, None, False),
        ],
    )
    def test_the_stricter_word_holds_and_undoing_restores(
        self, *, kept_says: bool | None, gone_says: bool | None, holds: bool
    ) -> None:
        kept, gone = shop.new_customer(), shop.new_customer()
        for customer, says in ((kept, kept_says), (gone, gone_says)):
            if says is not None:
                say(customer, is_given=says)

        made = merging.merge(kept=kept, gone=gone, taken=(), reason="Same person", by=cast.OWNER)
        joined = agrees(kept)
        merging.undo(merge=made, by=cast.OWNER)

        assert joined is holds
        assert (agrees(kept), agrees(gone)) == (bool(kept_says), bool(gone_says))

    def test_what_was_said_after_the_merge_stays(self) -> None:
        kept, gone = shop.new_customer(), shop.new_customer()
        say(kept, is_given=True)
        say(gone, is_given=False)
        made = merging.merge(kept=kept, gone=gone, taken=(), reason="Same person", by=cast.OWNER)
        say(kept, is_given=False, how="page")

        merging.undo(merge=made, by=cast.OWNER)

        assert not agrees(kept)
