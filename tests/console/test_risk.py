import pytest
from django.test import Client

import cast
from chuzhi.ledger import queries as journal
from chuzhi.ledger.chart import Standing
from chuzhi.organization.models import Store
from chuzhi.organization.roles import ROLES
from chuzhi.risk.models import Action, Case, RuleVersion
from chuzhi.risk.rules import RULES
from chuzhi.wallets.models import Wallet
from risk.watched import CODE, case_of

pytestmark = pytest.mark.django_db
HERE = "/console/risk/"


@pytest.fixture
def case(wallet: Wallet, store: Store) -> Case:
    return case_of(wallet, store)


@pytest.fixture
def browser(db: None) -> Client:
    return cast.signed_in(cast.person("manager", name="韩梅"))


def said(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]  # the test client's own answers


def test_from_the_list_to_a_closed_case(browser: Client, case: Case) -> None:
    one = f"{HERE}cases/{case.pk}/"

    listed, opened = said(browser.get(HERE)), said(browser.get(one))
    browser.post(f"{one}assign/", {"to": cast.person("finance", name="李明").pk})
    browser.post(f"{one}note/", {"text": "called the customer"})
    browser.post(f"{one}close/", {"verdict": "false", "remark": "a raffle"})

    assert one in listed
    for part in ("Many top-ups of one wallet", "CN¥300.00", "s after the last entry", "王小明"):
        assert part in opened
    closed = said(browser.get(one))
    for part in ("Given to somebody: 李明", "called the customer", "a raffle", "False alarm", "韩梅"):
        assert part in closed
    assert one not in said(browser.get(HERE))
    assert one in said(browser.get(f"{HERE}?state=false"))
    assert "100 %" in said(browser.get(f"{HERE}rules/"))


def test_cases_are_found_by_rule_and_by_who_has_them(browser: Client, case: Case) -> None:
    one = f"{HERE}cases/{case.pk}/"

    assert one in said(browser.get(f"{HERE}?rule={CODE}"))
    assert one not in said(browser.get(f"{HERE}?rule=many_small"))
    assert one not in said(browser.get(f"{HERE}?state=mine"))


def test_what_is_missing_is_said_at_its_field(browser: Client, case: Case) -> None:
    one = f"{HERE}cases/{case.pk}/"

    for address, given in (
        ("note/", {"text": ""}),
        ("close/", {"verdict": "maybe", "remark": ""}),
        ("act/", {"act": "let_go"}),
    ):
        assert browser.post(f"{one}{address}", given).status_code == 422
    assert Case.objects.get().is_open


def test_held_frozen_and_let_go(browser: Client, case: Case, wallet: Wallet) -> None:
    one = f"{HERE}cases/{case.pk}/"

    for act in ("hold", "freeze"):
        browser.post(f"{one}act/", {"act": act})
    frozen = journal.standing(wallet.book, wallet.pk)
    browser.post(f"{one}act/", {"act": "let_go", "reason": "a raffle"})

    assert (frozen, journal.standing(wallet.book, wallet.pk)) == (Standing.FROZEN, Standing.OPEN)
    assert "Let go again" in said(browser.get(one))


def test_a_closed_case_says_so(browser: Client, case: Case) -> None:
    one = f"{HERE}cases/{case.pk}/"
    browser.post(f"{one}close/", {"verdict": "true", "remark": "stolen"})

    again = browser.post(f"{one}note/", {"text": "and more"})

    assert again.status_code == 422
    assert "This case is closed already." in said(again)


def test_a_second_person_sees_what_it_is_about(browser: Client, case: Case, wallet: Wallet) -> None:
    browser.post(f"{HERE}cases/{case.pk}/act/", {"act": "ask"})
    other = cast.signed_in(cast.person("manager"))
    request = case.steps.get().text.removeprefix("R")

    page = said(other.get(f"/console/approvals/{request}/"))
    other.post(f"/console/approvals/{request}/approve/")

    for part in ("Freezing of suspicious wallets", f"/console/risk/cases/{case.pk}/", "Many top-ups of one wallet"):
        assert part in page
    assert journal.standing(wallet.book, wallet.pk) is Standing.FROZEN


def test_a_rule_is_changed_with_a_preview(case: Case) -> None:
    owner, page = cast.signed_in(cast.person("administrator")), f"{HERE}rules/{CODE}/"
    given = {"is_on": "on", "minutes": "30", "count": "2", "amount": "", "currency": "CNY", "action": "freeze"}

    tried = said(owner.post(f"{page}try/", given))
    tried_more = said(owner.post(f"{page}try/", given | {"count": "9"}))
    before = RuleVersion.objects.filter(rule=CODE).count()
    owner.post(page, given)

    assert "would have raised 1 case." in tried
    assert "would have raised 0 cases." in tried_more
    made = RuleVersion.objects.filter(rule=CODE).latest("version")
    assert (made.version, made.minutes, made.count, made.amount, made.action) == (before + 1, 30, 2, 0, Action.FREEZE)
    assert "2 times, within 30 minutes" in said(owner.get(page))


@pytest.mark.parametrize(
    "fault", [{"minutes": "0"}, {"minutes": "soon"}, {"count": "", "amount": ""}, {"currency": "XXY"}, {"action": "shoot"}]
)
def test_a_rule_that_makes_no_sense_is_not_kept(fault: dict[str, str]) -> None:
    owner, page = cast.signed_in(cast.person("administrator")), f"{HERE}rules/{CODE}/"
    given = {"is_on": "on", "minutes": "30", "count": "2", "amount": "", "currency": "CNY", "action": ""} | fault

    answer, tried = owner.post(page, given), owner.post(f"{page}try/", given)

    assert answer.status_code == 422
    assert "cannot be tried yet" in said(tried)
    assert not RuleVersion.objects.exists()


def test_every_rule_has_its_page_and_form(browser: Client) -> None:
    owner = cast.signed_in(cast.person("administrator"))
    names = said(owner.get(f"{HERE}rules/"))

    for code in RULES:
        assert f"{HERE}rules/{code}/" in names
        assert owner.get(f"{HERE}rules/{code}/").status_code == 200
    assert "Keep it" not in said(browser.get(f"{HERE}rules/{CODE}/"))
    assert owner.get(f"{HERE}rules/no_such/").status_code == 404


def test_empty_pages_say_so(browser: Client) -> None:
    assert "No case is like that" in said(browser.get(HERE))


def test_pages_open_for_the_roles_that_have_the_permission(case: Case) -> None:
    for role, has in ROLES.items():
        client = cast.signed_in(cast.person(role))
        for address in (HERE, f"{HERE}cases/{case.pk}/", f"{HERE}rules/", f"{HERE}rules/{CODE}/"):
            assert (client.get(address).status_code == 200) == ("risk.view" in has.permissions), role
        for address in ("note", "assign", "close", "act"):
            allowed = client.post(f"{HERE}cases/{case.pk}/{address}/", {}).status_code != 403
            assert allowed == ("risk.work" in has.permissions), role


def test_a_manager_of_another_store_sees_none(case: Case) -> None:
    elsewhere = cast.signed_in(cast.person(cast.Grant("manager", cast.store().pk)))

    assert f"cases/{case.pk}/" not in said(elsewhere.get(HERE))
    assert elsewhere.get(f"{HERE}cases/{case.pk}/").status_code == 404
