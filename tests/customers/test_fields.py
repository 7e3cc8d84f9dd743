import pytest
from django.db import connection

from chuzhi.core.actors import Actor, ActorKind, system
from chuzhi.core.errors import Refused
from chuzhi.customers import fields, filters, history, imports, profiles
from chuzhi.customers.field_models import CustomField
from chuzhi.customers.filters import Way
from chuzhi.customers.models import Customer
from chuzhi.customers.rules import Kind, Values
from customers.checked import kept, planned

pytestmark = pytest.mark.django_db
OWNER = system("owner")
SIZES = [("s", "小", "Small"), ("l", "大", "Large")]


def define(key: str, kind: Kind = Kind.TEXT, **more: object) -> CustomField:
    shape: dict[str, object] = {"label_zh": f"{key}字段", "label_en": key.title()} | more
    return fields.define(key=key, kind=kind, by=OWNER, **shape)  # type: ignore[arg-type]  # passed on


class TestDefining:
    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"key": "Size"}, "field.key_invalid"),
            ({"key": "x" * 41}, "field.key_invalid"),
            ({"key": "taken"}, "field.key_taken"),
            ({"label_zh": " "}, "field.label_missing"),
            ({"label_en": "x" * 61}, "field.label_missing"),
            ({"help_zh": "x" * 201}, "field.too_long"),
            ({"seen_by": "customers.everything"}, "field.permission_unknown"),
            ({"kind": Kind.CHOICE}, "field.options_invalid"),
            ({"kind": Kind.CHOICE, "options": [("a", "甲", "A"), ("a", "乙", "B")]}, "field.options_invalid"),
            ({"kind": Kind.CHOICE, "options": [("a", "", "A")]}, "field.options_invalid"),
            ({"kind": Kind.TEXT, "options": SIZES}, "field.options_invalid"),
            ({"kind": Kind.MONEY, "currency": "XXQ"}, "currency.unknown"),
        ],
    )
    def test_each_wrong_definition_is_named_and_nothing_is_kept(self, given: dict[str, object], code: str) -> None:
        define("taken")

        with pytest.raises(Refused) as refused:
            define(**{"key": "size", **given})  # type: ignore[arg-type]  # wrong on purpose

        assert refused.value.code == code
        assert CustomField.objects.count() == 1

    def test_only_who_may_makes_one(self, by: Actor) -> None:
        with pytest.raises(Refused) as refused:
            fields.define(key="size", kind=Kind.TEXT, label_zh="尺码", label_en="Size", by=by)

        assert refused.value.code == "permission.missing"

    def test_a_choice_that_is_taken_away_stays_where_it_was_chosen(self, by: Actor) -> None:
        field = define("size", Kind.CHOICE, options=SIZES)
        customer = profiles.register(name="王小明", custom={"size": "s"}, by=by)

        fields.change(field=field, options=SIZES[1:], by=OWNER)
        profiles.change(customer=customer, name="王明", by=by)

        assert Customer.objects.get().custom_open == {"size": "s"}
        with pytest.raises(Refused) as refused:
            profiles.register(name="李雷", custom={"size": "s"}, by=by)
        assert refused.value.code == "field.not_a_choice"


class TestValues:
    def test_values_are_kept_changed_emptied_and_told(self, by: Actor) -> None:
        define("size", Kind.CHOICE, options=SIZES)
        define("visits", Kind.WHOLE)
        customer = profiles.register(name="王小明", custom={"size": "s", "visits": 3}, by=by)

        profiles.change(customer=customer, custom={"visits": None, "size": "l"}, by=by)

        assert Customer.objects.get().custom == Values({"size": "l"}, {})
        told = {one.field: (one.before, one.after) for one in map(history.told, history.of(customer, by=OWNER))}
        assert told == {"custom.size": ("s", "l"), "custom.visits": (3, None)}

    def test_a_personal_value_is_sealed_and_masked(self, by: Actor) -> None:
        define("plate", is_personal=True)
        customer = profiles.register(name="王小明", custom={"plate": "A12345"}, by=by)
        profiles.change(customer=customer, custom={"plate": "B67890"}, by=by)

        assert Customer.objects.get().custom.all == {"plate": "B67890"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT row(customer.*)::text FROM customer")
            assert "B67890" not in cursor.fetchone()[0]
        (line,) = map(history.told, history.of(customer, by=OWNER))
        assert (line.before, line.after) == (history.MASK, history.MASK)

    def test_a_look_at_a_personal_value_needs_a_right(self, by: Actor) -> None:
        define("plate", is_personal=True)
        customer = profiles.register(name="王小明", custom={"plate": "A12345"}, by=by)

        assert profiles.reveal_field(customer, "plate", by=OWNER) == "A12345"
        with pytest.raises(Refused):
            profiles.reveal_field(customer, "plate", by=by)

    def test_whoever_speaks_of_them_says_all_that_are_required(self, by: Actor) -> None:
        define("size", is_required=True)

        profiles.register(name="王小明", by=by)
        with pytest.raises(Refused) as refused:
            profiles.register(name="李雷", custom={}, by=by)

        assert refused.value.code == "field.required"

    def test_a_field_of_others_is_neither_given_nor_seen(self, by: Actor) -> None:
        define("risk", seen_by="risk.view")
        customer = profiles.register(name="王小明", custom={"risk": "high"}, by=OWNER)
        profiles.change(customer=customer, custom={"risk": "low"}, by=OWNER)

        with pytest.raises(Refused) as refused:
            profiles.change(customer=customer, custom={"risk": "none"}, by=by)

        assert refused.value.code == "field.unknown"
        assert fields.seen(by) == []
        assert not history.of(customer, by=by).exists()

    def test_an_archived_field_keeps_its_values_and_takes_none(self, by: Actor) -> None:
        field = define("size")
        customer = profiles.register(name="王小明", custom={"size": "L"}, by=by)
        fields.archive(field=field, by=OWNER)

        with pytest.raises(Refused) as refused:
            profiles.change(customer=customer, custom={"size": "M"}, by=by)
        assert refused.value.code == "field.archived"

        fields.restore(field=field, by=OWNER)
        assert Customer.objects.get().custom.all == {"size": "L"}
        assert [one.definition.key for one in fields.seen(by)] == ["size"]


def test_a_file_brings_them_by_key_or_label_and_takes_them_back(by: Actor) -> None:
    define("size", Kind.CHOICE, options=SIZES)
    define("visits", Kind.WHOLE)
    define("plate", is_personal=True)
    known = profiles.register(name="李雷", phone="13912341234", custom={"visits": 1, "plate": "A1"}, by=by)
    text = "姓名,手机,size字段,Visits,plate\n王小明,13812341234,大,7,B2\n李雷,13912341234,,２,C3\n张三,13712341234,巨大,x,\n"
    plan = planned(text, own=fields.in_use())

    batch = kept(plan, by)
    imports.apply(batch, plan, by=by)

    assert [(one.line, [(about, no.code) for about, no in one.reasons]) for one in plan.rejected] == [
        (4, [("custom.size", "field.not_a_choice"), ("custom.visits", "field.not_whole")])
    ]
    fresh = Customer.objects.get(name="王小明")
    assert (fresh.custom.open, fresh.custom.sealed) == ({"size": "l", "visits": 7}, {"plate": "B2"})
    known.refresh_from_db()
    assert (known.custom.open, known.custom.sealed) == ({"visits": 2}, {"plate": "C3"})
    imports.reverse(batch, by=by)
    known.refresh_from_db()
    assert (known.custom.open, known.custom.sealed) == ({"visits": 1}, {"plate": "A1"})
    fresh.refresh_from_db()
    assert fresh.custom == Values()


class TestFilters:
    @pytest.mark.parametrize(
        ("key", "way", "said", "found"),
        [
            ("size", Way.IS, "大", "王"),
            ("likes", Way.IS, "s", "王李"),
            ("visits", Way.FROM, "3", "李"),
            ("visits", Way.TO, "3", "王"),
            ("since", Way.FROM, "2026-02-01", "李"),
            ("spent", Way.FROM, "9.99", "王李"),
            ("visits", Way.KNOWN, "", "王李"),
            ("size", Way.UNKNOWN, "", "张"),
            ("vip", Way.IS, "是", "王"),
        ],
    )
    def test_rows_are_narrowed(self, by: Actor, key: str, way: Way, said: str, found: str) -> None:
        define("size", Kind.CHOICE, options=SIZES)
        define("likes", Kind.CHOICES, options=SIZES)
        define("visits", Kind.WHOLE)
        define("since", Kind.DAY)
        define("spent", Kind.MONEY, currency="CNY")
        define("vip", Kind.YES_NO)
        people: dict[str, dict[str, object]] = {
            "王": {"size": "l", "likes": ["s"], "visits": 2, "since": "2026-01-01", "spent": 999, "vip": True},
            "李": {"size": "s", "likes": ["l", "s"], "visits": 10, "since": "2026-03-01", "spent": 100000, "vip": False},
            "张": {},
        }
        for name, custom in people.items():
            profiles.register(name=name, custom=custom, by=by)

        narrowed = filters.narrowed(Customer.objects.order_by("pk"), key=key, way=way, said=said, by=by)

        assert "".join(row.name for row in narrowed) == found

    @pytest.mark.parametrize(
        ("key", "way", "said", "code"),
        [
            ("colour", Way.IS, "red", "field.unknown"),
            ("plate", Way.IS, "A1", "field.unknown"),
            ("size", Way.FROM, "s", "field.filter_unknown"),
            ("size", Way.IS, "xl", "field.not_a_choice"),
            ("size", Way.IS, "", "field.required"),
        ],
    )
    def test_a_wrong_filter_is_named(self, key: str, way: Way, said: str, code: str) -> None:
        define("size", Kind.CHOICE, options=SIZES)
        define("plate", is_personal=True)
        clerk = Actor(ActorKind.STAFF, 7, "Lin", frozenset({"customers.view"}))

        with pytest.raises(Refused) as refused:
            filters.narrowed(Customer.objects.all(), key=key, way=way, said=said, by=clerk)

        assert refused.value.code == code
