"""New colleagues from a table: what a row does, what it may not, and that the same file twice does nothing."""

import pytest

import cast
from chuzhi.core import actors
from chuzhi.core.actors import Actor, ActorKind
from chuzhi.core.audit import AuditEntry
from chuzhi.core.errors import Refused
from chuzhi.organization import invitations, staff
from chuzhi.organization.errors import NotAllowed
from chuzhi.organization.models import Invitation, Staff, Store
from chuzhi.organization.roles import Grant
from chuzhi.workforce import newcomers
from chuzhi.workforce.newcomers import Plan, Row

pytestmark = pytest.mark.django_db
BASE = "https://shop.example"
HEADINGS = "姓名,用户名,岗位,所属门店,邮箱,语言\n"


@pytest.fixture
def store() -> Store:
    return cast.store("南京路店")


def check(rows: str, by: Actor = cast.OWNER) -> Plan:
    return newcomers.check((HEADINGS + rows).encode(), by=by)


def bring(rows: str, by: Actor = cast.OWNER) -> tuple[Plan, list[tuple[Row, str]]]:
    return newcomers.take_in((HEADINGS + rows).encode(), base_url=BASE, by=by)


def test_a_row_becomes_a_link_behind_which_a_password_is_chosen(store: Store) -> None:
    _plan, links = bring(f"韩梅梅,HanMeimei,店长、收银员,{store.code},Mei@Shop.example,英语\n")
    token = links[0][1].removesuffix("/").rpartition("/")[2]
    assert not Staff.objects.exists()

    proposed = invitations.find(token)
    person = invitations.accept(token=token, username=proposed.username, name=proposed.name, password=cast.PASSWORD)

    assert staff.grants_of(person) == [Grant("cashier", store.pk), Grant("manager", store.pk)]
    assert (person.username, person.name, person.language) == ("hanmeimei", "韩梅梅", "en")
    assert Staff.objects.get().email == "mei@shop.example"


def test_looking_writes_nothing(store: Store) -> None:
    plan = check("韩梅梅,hmm,收银员,南京路店,,\n")

    assert [(row.to.username, list(row.grants)) for row in plan.new] == [("hmm", [Grant("cashier", store.pk)])]
    assert not Invitation.objects.exists()


def test_headings_and_words_are_those_of_either_language_in_the_encoding_of_windows(store: Store) -> None:
    table = f"Full name,Login,Role,Store\n李雷,lilei,Finance,all stores\nAnn,ann,Service agent,{store.code.lower()}\n李老板,boss,老板,\n"

    plan = newcomers.check(table.encode("gb18030"), by=cast.OWNER)

    given = [list(row.grants) for row in plan.new]
    assert given == [[Grant("finance")], [Grant("service", store.pk)], [Grant("administrator")]]


def test_twice_it_does_nothing_the_second_time(store: Store) -> None:
    rows = "韩梅梅,hmm,收银员,南京路店,,\n"
    bring(rows)
    told = AuditEntry.objects.count()

    plan, links = bring(rows)

    assert (plan.new, links, [one.is_here for one in plan.known]) == ([], [], [False])
    assert (Invitation.objects.count(), AuditEntry.objects.count()) == (1, told)


def test_who_came_in_under_another_name_is_not_invited_again(store: Store) -> None:
    _plan, links = bring("韩梅梅,hmm,收银员,南京路店,,\n")
    token = links[0][1].removesuffix("/").rpartition("/")[2]
    invitations.accept(token=token, username="meimei", name="韩梅梅", password=cast.PASSWORD)

    assert not bring("韩梅梅,hmm,收银员,南京路店,,\n")[1]


def test_a_link_that_ran_out_is_made_anew(store: Store) -> None:
    bring("韩梅梅,hmm,收银员,南京路店,,\n")
    Invitation.objects.update(expires_at="2020-01-01T00:00:00Z")

    assert len(bring("韩梅梅,hmm,收银员,南京路店,,\n")[1]) == 1


def test_who_is_here_stays_as_they_are() -> None:
    person = cast.person("cashier", name="王小明")

    plan, links = bring(f"别人,{person.username.upper()},超级管理员,,,\n")

    assert ([(one.name, one.is_here) for one in plan.known], links) == ([("王小明", True)], [])
    assert staff.grants_of(person) == [Grant("cashier")]


@pytest.mark.parametrize(
    ("row", "heading", "code"),
    [
        ("韩梅梅,,收银员,全部", "用户名", "staff.username_unusable"),
        ("韩梅梅,a b,收银员,全部", "用户名", "staff.username_unusable"),
        (",hmm,收银员,全部", "姓名", "staff.name_unusable"),
        ("韩" * 61 + ",hmm,收银员,全部", "姓名", "staff.name_unusable"),
        ("韩梅梅,hmm,,全部", "岗位", "staff.no_role"),
        ("韩梅梅,hmm,保洁,全部", "岗位", "staff.role_unclear"),
        ("韩梅梅,hmm,partner,全部", "岗位", "staff.role_unclear"),
        ("韩梅梅,hmm,管理员,南京路店", "岗位", "staff.administrator_of_one_store"),
        ("韩梅梅,hmm,收银员,", "所属门店", "staff.store_not_said"),
        ("韩梅梅,hmm,收银员,月球店", "所属门店", "staff.store_unclear"),
        ("韩梅梅,hmm,收银员,同名店", "所属门店", "staff.store_unclear"),
        ("韩梅梅,hmm,收银员,全部,not-mail", "邮箱", "staff.email_unusable"),
        ("韩梅梅,hmm,收银员,全部,,火星文", "语言", "staff.language_unclear"),
    ],
)
def test_what_is_wrong_is_said_and_the_others_come_in(store: Store, row: str, heading: str, code: str) -> None:
    cast.store("同名店"), cast.store("同名店")

    plan, links = bring(f"{row}\n李雷,lilei,收银员,南京路店,,\n")

    assert [(one.line, one.heading, one.reason.code) for one in plan.rejected] == [(2, heading, code)]
    assert [row.to.username for row, _link in links] == ["lilei"]


def test_a_username_stands_once_in_a_file() -> None:
    plan = check("韩梅梅,hmm,收银员,全部,,\n李雷,HMM,店长,全部,,\n")

    assert [(one.line, one.reason.code) for one in plan.rejected] == [(3, "staff.twice_in_the_file")]


def test_nobody_gives_by_a_file_what_they_could_not_give_on_the_page(store: Store) -> None:
    elsewhere = cast.store("北京路店")
    held = frozenset({"staff.manage"})
    of_one_store = Actor(ActorKind.STAFF, 1, "店长", held, frozenset({store.pk}))

    wide = check(f"甲,jia,收银员,全部,,\n乙,yi2,收银员,{elsewhere.code},,\n丙,bing,收银员,{store.code},,\n", of_one_store)

    assert [one.reason.code for one in wide.rejected] == ["staff.all_stores_not_yours", "staff.store_unclear"]
    assert [row.to.username for row in wide.new] == ["bing"]
    with pytest.raises(NotAllowed):
        bring("甲,jia,收银员,全部,,\n", staff.actor_of(cast.person("manager")))


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("姓名,岗位\n韩梅梅,店长\n", "staff.columns_missing"),
        (HEADINGS, "import.empty"),
        (HEADINGS + "韩,hmm,店长,全部,,\n" * 501, "staff.too_many_rows"),
    ],
)
def test_a_file_that_cannot_be_looked_at_is_refused(table: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        newcomers.take_in(table.encode(), base_url=BASE, by=actors.system("test"))

    assert refused.value.code == code
    assert not Invitation.objects.exists()


def test_what_is_in_no_known_column_is_not_shown_of_a_refused_row() -> None:
    plan = newcomers.check("姓名,用户名,密码,角色\n韩梅梅,hmm,secret-123,保洁\n".encode(), by=cast.OWNER)

    assert [one.cells for one in plan.rejected] == [("韩梅梅", "hmm", "保洁")]


def test_a_store_is_known_by_a_name_with_a_slash_and_by_a_code_in_full_width() -> None:
    mall, east = cast.store("万达/东门店"), cast.store("东门店")

    plan = check(f"甲,jia,收银员,万达/东门店,,\n乙,yi2,收银员,{''.join(chr(ord(one) + 0xFEE0) for one in east.code)},,\n")

    assert [list(row.grants) for row in plan.new] == [[Grant("cashier", mall.pk)], [Grant("cashier", east.pk)]]


def test_columns_are_chosen() -> None:
    chosen = {"username": "号", "name": "谁", "role": "干什么", "store": "在哪"}

    plan = newcomers.check("谁,号,干什么,在哪\n韩梅梅,hmm,收银员,全部\n".encode(), by=cast.OWNER, chosen=chosen)

    assert [row.to.name for row in plan.new] == ["韩梅梅"]
