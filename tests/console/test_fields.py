import re

import pytest
from django.test import Client

import cast
from chuzhi.core.audit import AuditEntry
from chuzhi.customers import fields, profiles
from chuzhi.customers.field_models import CustomField
from chuzhi.customers.models import Customer
from chuzhi.customers.rules import Kind

pytestmark = pytest.mark.django_db
FIELDS = "/console/fields/"
CUSTOMERS = "/console/customers/"
GIVEN = {"key": "size", "kind": "choice", "label_zh": "尺码", "label_en": "Size", "options": "m | 中号 | Medium\nl | 大号 | Large", "place": "0"}  # fmt: skip  # noqa: E501


@pytest.fixture
def owner_page() -> Client:
    return cast.signed_in(cast.person("administrator"))


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


@pytest.fixture
def size() -> CustomField:
    options = [("m", "中号", "Medium"), ("l", "大号", "Large")]
    return fields.define(key="size", kind=Kind.CHOICE, label_zh="尺码", label_en="Size", options=options, by=cast.OWNER)


class TestAdministrator:
    def test_makes_a_field_without_code(self, owner_page: Client) -> None:
        assert "No field of your own yet" in said(owner_page.get(FIELDS))

        assert owner_page.post(f"{FIELDS}add/", GIVEN).status_code == 302

        made = CustomField.objects.get()
        assert made.options == [["m", "中号", "Medium", True], ["l", "大号", "Large", True]]
        assert "Size" in said(owner_page.get(FIELDS))
        assert 'name="custom_size"' in said(owner_page.get(f"{CUSTOMERS}add/"))

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"key": "Größe"}, "key"),
            ({"label_zh": ""}, "label_zh"),
            ({"options": "m, 中号"}, "options"),
            ({"options": ""}, "options"),
            ({"kind": "colour"}, "kind"),
            ({"kind": "money", "options": "", "currency": "XXQ"}, "currency"),
            ({"place": "-1"}, "place"),
        ],
    )
    def test_a_refusal_stands_at_its_field(self, owner_page: Client, wrong: dict[str, str], field: str) -> None:
        answer = owner_page.post(f"{FIELDS}add/", GIVEN | wrong)

        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in said(answer)
        assert not CustomField.objects.exists()

    def test_changes_archives_and_takes_up_again(self, owner_page: Client, size: CustomField) -> None:
        page = f"{FIELDS}{size.pk}/"
        assert "m | 中号 | Medium" in said(owner_page.get(page))

        owner_page.post(page, GIVEN | {"label_en": "Fit", "options": "l | 大号 | Large"})
        owner_page.post(f"{page}archive/")

        size.refresh_from_db()
        assert (size.label_en, size.options[1], size.archived_at is None) == ("Fit", ["m", "中号", "Medium", False], False)
        assert 'name="custom_size"' not in said(owner_page.get(f"{CUSTOMERS}add/"))
        owner_page.post(f"{page}restore/")
        assert 'name="custom_size"' in said(owner_page.get(f"{CUSTOMERS}add/"))


class TestCustomer:
    def test_every_kind_is_typed_kept_shown_and_stays_when_the_form_is_sent_again(
        self, owner_page: Client, size: CustomField
    ) -> None:
        for kind in set(Kind) - {Kind.CHOICE, Kind.CHOICES, Kind.STORE, Kind.STAFF}:
            money = {"currency": "CNY"} if kind is Kind.MONEY else {}
            fields.define(key=f"a_{kind}", kind=kind, label_zh=kind, label_en=kind, by=cast.OWNER, **money)
        typed = {
            "custom_size": "l", "custom_a_text": "左撇子", "custom_a_long_text": "a\nb", "custom_a_whole": "12", "custom_a_decimal": "1.5",
            "custom_a_money": "99.90", "custom_a_day": "2026-03-01", "custom_a_yes_no": "no", "custom_a_phone": "13800138000",
            "custom_a_email": "a@b.example", "custom_a_link": "https://a.example/",
        }  # fmt: skip
        owner_page.post(f"{CUSTOMERS}add/", {"name": "王小明"} | typed)
        person = Customer.objects.get()

        page = said(owner_page.get(f"{CUSTOMERS}{person.pk}/edit/"))
        owner_page.post(f"{CUSTOMERS}{person.pk}/edit/", {"name": "王小明", "version": "1"} | typed)

        assert person.custom_open == {
            "size": "l", "a_text": "左撇子", "a_long_text": "a\nb", "a_whole": 12, "a_decimal": "1.5", "a_money": 9990,
            "a_day": "2026-03-01", "a_yes_no": False, "a_phone": "+8613800138000", "a_email": "a@b.example",
            "a_link": "https://a.example/",
        }  # fmt: skip
        assert 'value="99.90"' in page
        person.refresh_from_db()
        assert person.version == 2 or person.custom_open["a_phone"] == "+8613800138000"
        shown = said(owner_page.get(f"{CUSTOMERS}{person.pk}/"))
        assert all(text in shown for text in ("Large", "左撇子", "¥99.90", "https://a.example/"))

    @pytest.mark.parametrize(
        ("kind", "wrong"),
        [
            (Kind.WHOLE, "x"),
            (Kind.MONEY, "-1"),
            (Kind.DAY, "31.12."),
            (Kind.LINK, "javascript:alert(1)"),
            (Kind.YES_NO, "maybe"),
        ],
    )
    def test_a_wrong_value_is_refused_at_its_field(self, owner_page: Client, kind: Kind, wrong: str) -> None:
        money = {"currency": "CNY"} if kind is Kind.MONEY else {}
        fields.define(key="what", kind=kind, label_zh="什么", label_en="What", by=cast.OWNER, **money)

        answer = owner_page.post(f"{CUSTOMERS}add/", {"name": "王小明", "custom_what": wrong})

        assert answer.status_code == 422
        assert 'id="id_custom_what_error"' in said(answer)
        assert not Customer.objects.exists()

    def test_a_choice_that_is_gone_stays_in_the_form_of_who_has_it(self, owner_page: Client, size: CustomField) -> None:
        person = profiles.register(name="王小明", custom={"size": "m"}, by=cast.OWNER)
        fields.change(field=size, options=[("l", "大号", "Large")], by=cast.OWNER)

        owner_page.post(f"{CUSTOMERS}{person.pk}/edit/", {"name": "王明", "custom_size": "m", "version": "1"})

        person.refresh_from_db()
        assert (person.name, person.custom_open) == ("王明", {"size": "m"})

    def test_a_personal_value_is_masked_stays_when_left_empty_and_each_look_is_kept(self, owner_page: Client) -> None:
        fields.define(
            key="plate", kind=Kind.TEXT, label_zh="车牌", label_en="Plate", is_personal=True, is_required=True, by=cast.OWNER
        )
        person = profiles.register(name="王小明", custom={"plate": "A12345"}, by=cast.OWNER)
        where = f"{CUSTOMERS}{person.pk}/"

        assert "A12345" not in said(owner_page.get(where)) + said(owner_page.get(f"{where}edit/"))
        owner_page.post(f"{where}edit/", {"name": "王明", "custom_plate": "", "version": "1"})

        person.refresh_from_db()
        assert (person.name, person.custom.sealed) == ("王明", {"plate": "A12345"})
        assert "A12345" in said(owner_page.post(f"{where}fields/plate/"))
        assert AuditEntry.objects.filter(action="customer.field_revealed").count() == 1
        assert owner_page.post(f"{where}fields/nothing/").status_code == 404
        assert cast.signed_in(cast.person("cashier")).post(f"{where}fields/plate/").status_code == 403

    def test_its_changes_name_the_field_and_the_choice(self, owner_page: Client, size: CustomField) -> None:
        person = profiles.register(name="王小明", custom={"size": "m"}, by=cast.OWNER)
        profiles.change(customer=person, custom={"size": "l"}, by=cast.OWNER)

        shown = said(owner_page.get(f"{CUSTOMERS}{person.pk}/changes/"))

        assert re.search(r"Size</th>.*Medium.*Large", shown, re.DOTALL)

    def test_the_list_is_narrowed_by_it(self, owner_page: Client, size: CustomField) -> None:
        for name, fit in (("王小明", "m"), ("李雷", "l")):
            profiles.register(name=name, custom={"size": fit}, by=cast.OWNER)

        shown = said(owner_page.get(CUSTOMERS, {"own": "size", "own_value": "大号"}))

        assert "李雷" in shown
        assert "王小明" not in shown
        assert owner_page.get(CUSTOMERS, {"own": "size", "own_value": "huge"}).status_code == 422
