from datetime import date
from typing import Any, ClassVar

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from chuzhi.core.packs import reading, rules
from chuzhi.core.packs.errors import PackRefused
from chuzhi.core.packs.rules import AMOUNTS, Load, Pack, Rule, Topic

CASES = [(pack, case) for pack in reading.packs().values() for case in pack.cases]
RULES = [rule for pack in reading.packs().values() for rule in pack.rules if rule.pack == pack.id]


def answered(pack: Pack, ask: str, facts: dict[str, Any], on: date) -> list[Rule | None]:
    """What a case asks, put to the function that answers it."""
    match ask:
        case "load":
            return [*rules.objections_to_load(pack, Load(**facts), on)]
        case "expiry":
            return [rules.to_expiry(pack, on=on, **facts)]
        case "spending":
            return [rules.to_spending(pack, on=on, **facts)]
        case "cash_out":
            return [rules.to_cash_out(pack, on=on, **facts)]
        case "cooling_off":
            return [rules.is_cooling_off(pack, asked_on=on, **facts)]
        case "value":
            return [pack.rule(Topic(facts["topic"]), on, of=facts.get("of", ""))]
    raise AssertionError(f"no case can ask {ask}")


@pytest.mark.parametrize(("pack", "case"), CASES, ids=[f"{pack.id}: {case['says']}" for pack, case in CASES])
def test_a_pack_answers_its_own_cases(pack: Pack, case: dict[str, Any]) -> None:
    found = answered(pack, case["ask"], case["facts"], case["on"])

    assert [rule.id for rule in found if rule] == case["answer"]


def test_the_packs_of_the_house_are_there() -> None:
    assert list(reading.packs()) == [
        "none", "cn-beijing", "cn-national", "cn-shanghai", "eu-base", "us-california", "us-federal",
    ]  # fmt: skip
    assert all(pack.cases for pack in reading.packs().values())


def test_every_rule_has_an_id_of_its_own_and_speaks_both_languages() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert [rule.id for rule in RULES if not (rule.says.en and rule.says.zh)] == []
    assert [rule.id for rule in RULES if any("一" <= letter <= "鿿" for letter in rule.says.en)] == []


def test_no_number_is_written_into_a_sentence() -> None:
    """It would go on saying the old one when the parameter changes."""
    speaking = [rule for rule in RULES if rule.topic in AMOUNTS and rule.number]

    assert [rule.id for rule in speaking if "{value}" not in rule.says.en or "{value}" not in rule.says.zh] == []


def test_every_rule_is_asked_by_a_case_or_holds_a_plain_value() -> None:
    answers = {each for _pack, case in CASES for each in case["answer"]}
    limits = {rule.id for rule in RULES if rule.topic in {Topic.MOST_HELD, Topic.MOST_A_DAY, Topic.CASH_OUT_BELOW}}

    assert limits - answers == set()


@given(
    pack=st.sampled_from([*reading.packs().values()]),
    holder=st.sampled_from([rules.NAMED, rules.BEARER]),
    held=st.integers(0, 10**7),
    coming=st.integers(1, 10**7),
    less=st.integers(0, 10**7),
)
def test_what_is_allowed_is_allowed_in_a_smaller_amount(pack: Pack, holder: str, held: int, coming: int, less: int) -> None:
    def broken(amount: int) -> set[str]:
        load = Load(holder=holder, currency=pack.currency, held=held, coming=amount, paid=amount, in_cash=True)
        return {rule.id for rule in rules.objections_to_load(pack, load, date(2026, 1, 1))}

    assert broken(max(1, coming - less)) <= broken(coming)


def test_a_refusal_says_rule_reason_and_source_in_the_reader_s_language() -> None:
    rule = reading.pack("cn-shanghai").rule(Topic.MOST_HELD, date(2026, 1, 1), of=rules.NAMED)
    assert rule
    no = PackRefused(rule)

    with translation.override("en"):
        assert str(no) == "A named card may hold at most CN¥5,000.00. Rule cn.held.named."
    with translation.override("zh-hans"):
        assert "单张记名卡限额不得超过 ¥5,000.00。" in str(no)
        assert "预付卡管理办法" in str(no.facts["source"])
    assert (no.facts["rule"], no.facts["pack"], no.facts["since"]) == ("cn.held.named", "cn-national", "2012-11-01")


class TestMalformed:
    WHOLE: ClassVar[dict[str, Any]] = {
        "id": "x", "currency": "CNY", "name": {"en": "X", "zh": "某地"},
        "sources": [{"id": "s", "title": {"en": "S", "zh": "来源"}}], "cases": [],
    }  # fmt: skip

    def rule(self, **more: object) -> dict[str, Any]:
        values = {"id": "x.1", "topic": "most_held", "value": 1, "source": "s", "says": {"en": "a", "zh": "甲"}}
        return values | more

    @pytest.mark.parametrize("wrong", [-1, 1.5, [1]])
    def test_a_number_that_is_none(self, wrong: object) -> None:
        with pytest.raises(reading.Malformed):
            reading._pack("x", {"x": self.WHOLE | {"rules": [self.rule(value=wrong)]}})

    def test_two_answers_for_one_day(self) -> None:
        twice = [self.rule(last_on=date(2026, 1, 1)), self.rule(id="x.2", first_on=date(2026, 1, 1))]

        with pytest.raises(reading.Malformed):
            reading._pack("x", {"x": self.WHOLE | {"rules": twice}})

    def test_another_name_or_a_base_that_is_not_there(self) -> None:
        for wrong in ({"id": "y"}, {"builds_on": "y"}):
            with pytest.raises(reading.Malformed):
                reading._pack("x", {"x": self.WHOLE | wrong})
