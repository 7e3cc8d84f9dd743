import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuzhi.core import actors
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.customers import bulk, contacts, names, profiles, search
from chuzhi.customers.models import Customer

pytestmark = pytest.mark.django_db


def found(query: str, by: Actor, limit: int = 20) -> list[str]:
    return [one.name for one in search.find(query, by=by, limit=limit)]


@pytest.fixture
def three(by: Actor) -> None:
    profiles.register(name="王小明", phone="13812341234", email="wang.xm@example.com", external_id="VIP 001", by=by)
    profiles.register(name="单小红", phone="13998761234", identity_number="11010519491231002X", by=by)
    profiles.register(name="John Smith", phone="+1 212 555 0123", by=by)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("1234", ["王小明", "单小红"]),
        ("３４１２３", ["王小明"]),
        ("138", ["王小明"]),
        ("234", ["王小明", "单小红"]),
        ("138 1234 1234", ["王小明"]),
        ("+86 138-1234-1234", ["王小明"]),
        ("212", ["John Smith"]),
        ("王", ["王小明"]),
        ("小红", ["单小红"]),
        ("xiao", ["王小明", "单小红"]),
        ("shan", ["单小红"]),
        ("sxh", ["单小红"]),
        ("wang xiao", ["王小明"]),
        ("smith", ["John Smith"]),
        ("js", ["John Smith"]),
        ("wang.xm@", ["王小明"]),
        ("wang.xm@example.com", ["王小明"]),
        ("ang.x", ["王小明"]),
        ("11010519491231002x", ["单小红"]),
        ("VIP 001", ["王小明"]),
        ("12", []),
        ("", []),
        ("   ", []),
        ("%", []),
        ("_", []),
        ("'; DROP TABLE customer; --", []),
        ("':* | a", []),
        ("\x00", []),
        ("9" * 5000, []),
    ],
)
def test_a_customer_is_found_by_what_people_say(query: str, expected: list[str], by: Actor) -> None:
    assert sorted(found(query, by)) == sorted(expected)


def test_the_end_of_a_number_comes_before_its_middle(by: Actor) -> None:
    profiles.register(name="中", phone="13877770000", by=by)
    profiles.register(name="末", phone="13800007777", by=by)

    assert found("7777", by) == ["末", "中"]


def test_the_beginning_of_a_name_comes_before_its_middle(by: Actor) -> None:
    profiles.register(name="王明", by=by)
    profiles.register(name="明月", by=by)

    assert found("明", by) == ["明月", "王明"]


@pytest.mark.usefixtures("three")
def test_nobody_is_found_by_somebody_who_may_not_look() -> None:
    stranger = Actor(ActorKind.STAFF, 9)

    assert found("1234", stranger) == []


@pytest.mark.usefixtures("three")
def test_a_result_hides_the_number(by: Actor) -> None:
    assert search.find("1234", by=by)[0].masked_phone.count("*") == 4


digits = st.text("0123", min_size=8, max_size=8)
people = st.lists(
    st.tuples(st.text("王小明单吕布ab ", min_size=1, max_size=4).filter(lambda name: bool(name.strip())), digits),
    min_size=1,
    max_size=30,
    unique_by=lambda one: one[1],
)
queries = st.one_of(
    st.text("0123", min_size=3, max_size=6),
    st.text("王小明单", min_size=1, max_size=2),
    st.sampled_from(["wang", "xm", "shan", "lu", "b", "ab"]),
)


def naive(row: Customer, query: str) -> bool:
    if query.isdecimal() and row.phone and query in contacts.national(row.phone):
        return True
    return any(key.startswith(names.fold(query)) for key in names.spell(row.name).keys)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=people, query=queries)
def test_search_finds_exactly_what_reading_every_row_would(people: list[tuple[str, str]], query: str, by: Actor) -> None:
    Customer.objects.all().delete()
    bulk.register([bulk.Person(name=name, phone=f"+86138{tail}") for name, tail in people], by=actors.system("test"))

    results = search.find(query, by=by, limit=1000)

    assert sorted(one.id for one in results) == sorted(row.pk for row in Customer.objects.all() if naive(row, query))
    assert len(search.find(query, by=by, limit=2)) == min(2, len(results))
